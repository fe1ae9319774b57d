// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_u8.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Integers;

twin!(
    "rust_u8",
    c"rust_u8",
    Integers<u8>,
    Integers::bounded([0], 0..=200)
);
