// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_int.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Int;

twin!("rust_int", c"rust_int", Int<i32>, Int::bounded(0, 0..=100));
