// SPDX-License-Identifier: GPL-2.0

//! An object in Rust that belongs to a module in C.

#![allow(missing_docs)]

use kernel::prelude::*;

fn answer() -> Result<usize> {
    let mut numbers = KVec::new();
    for number in [19, 23] {
        numbers.push(number, GFP_KERNEL)?;
    }
    Ok(numbers.iter().sum())
}

#[no_mangle]
pub extern "C" fn bch_rust_answer() -> core::ffi::c_int {
    answer().map_or(-1, |number| number as core::ffi::c_int)
}
