// SPDX-License-Identifier: GPL-2.0

//! RCU.

use core::marker::PhantomData;
use real::bindings;

/// What shows that the current thread reads what RCU protects. It stays with this thread.
///
/// # Invariants
///
/// RCU's lock for readers is held as long as this exists.
pub struct Guard(PhantomData<*mut ()>);

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: By the type invariants, it is held.
        unsafe { bindings::rcu_read_unlock() };
    }
}

/// Takes RCU's lock for readers.
#[inline]
pub fn read_lock() -> Guard {
    // SAFETY: This may be called anywhere.
    unsafe { bindings::rcu_read_lock() };
    // INVARIANT: It is held now.
    Guard(PhantomData)
}
