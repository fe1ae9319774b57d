// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_u8.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Int;

twin!("rust_u8", c"rust_u8", Int<u8>, Int::bounded(0, 0..=200));
