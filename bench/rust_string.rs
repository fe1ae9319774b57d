// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_string.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::{String, TooLong};

twin!(
    "rust_string",
    c"rust_string",
    String<64>,
    String::new(b"", TooLong::Cut)
);
