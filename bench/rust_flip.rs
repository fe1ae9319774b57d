// SPDX-License-Identifier: GPL-2.0

//! An entry that is changed all the time, and tells nobody.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Bool;

twin!("rust_flip", c"rust_flip", Bool, Bool::new(false));
