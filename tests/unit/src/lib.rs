// SPDX-License-Identifier: GPL-2.0

//! Tests of the module's pure code. The kernel compiles the same files.

#![cfg(test)]

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

mod check;
mod model;

mod bit;
mod corpus;
mod line;
mod list;
mod names;
mod number;
mod writes;
