// SPDX-License-Identifier: GPL-2.0

//! Feeds libFuzzer's inputs to the module's pure code and to the model of C's.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../../src/atom/text.rs"]
mod atom_text;

#[path = "../../../src/sysctl"]
mod sysctl {
    /// A page less a byte.
    pub const WRITE_MAX: usize = 4095;

    pub mod cells;
    pub mod line;
    pub mod list;
    pub mod number;
    pub mod text;
}

#[path = "../../unit/src/check.rs"]
mod check;
#[path = "../../unit/src/model/mod.rs"]
mod model;

fuzz_target!(|input: &[u8]| check::input(input));
