// SPDX-License-Identifier: GPL-2.0

//! The twin of `c_bitmap.c`.

#[macro_use]
mod twin;
pub mod sysctl;

use crate::sysctl::{words_for, Bits};

const BITS: usize = 65_536;

twin!(
    "rust_bitmap",
    c"rust_bitmap",
    Bits<{ words_for(BITS) }>,
    Bits::new(BITS)
);
