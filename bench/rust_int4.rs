// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_int4.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Int;

twin!("rust_int4", c"rust_int4", Int<[i32; 4]>, Int::new([0; 4]));
