// SPDX-License-Identifier: GPL-2.0

//! The `pin_init` crate of Linux 7 on top of `kernel::init` of an older kernel, which is `real::init` here. See
//! `kernel/lib.rs`.

#![no_std]

extern crate real;

pub use real::init::{
    init_from_closure,
    pin_init_from_closure,
    zeroed as init_zeroed,
    InPlaceWrite,
    Init,
    PinInit,
    PinnedDrop,
    Zeroable, //
};

/// Returns a value of zeroes.
#[inline(always)]
pub const fn zeroed<T: Zeroable>() -> T {
    // SAFETY: All zeroes are a value of a `Zeroable` type.
    unsafe { core::mem::zeroed() }
}

/// Initializes what the initializer that `make` returns initializes.
pub fn pin_init_scope<T, E, F, I>(make: F) -> impl PinInit<T, E>
where
    F: FnOnce() -> Result<I, E>,
    I: PinInit<T, E>,
{
    let init = move |slot: *mut T| {
        let init = make()?;
        // SAFETY: `slot` has the requirements of `__pinned_init`.
        unsafe { init.__pinned_init(slot) }
    };
    // SAFETY: The closure initializes the value unless it fails.
    unsafe { pin_init_from_closure(init) }
}
