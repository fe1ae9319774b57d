// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_string.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::Text;

twin!("rust_string", c"rust_string", Text<64>, Text::new(b""));
