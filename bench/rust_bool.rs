// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_bool.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Bool;

twin!("rust_bool", c"rust_bool", Bool, Bool::new(false));
