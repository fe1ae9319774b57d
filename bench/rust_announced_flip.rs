// SPDX-License-Identifier: GPL-2.0

//! What `rust_flip.rs` is, but it announces its changes.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Bool;

twin!(
    "rust_announced_flip",
    c"rust_announced_flip",
    Bool,
    Bool::new(false),
    announced as c"BENCH_FLIP"
);
