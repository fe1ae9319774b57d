// SPDX-License-Identifier: GPL-2.0

//! Synchronization.

use core::{
    cell::UnsafeCell,
    ops::{
        Deref,
        DerefMut, //
    },
};
use real::{
    init::{
        pin_init_from_closure,
        PinInit, //
    },
    prelude::*,
    str::CStr,
    sync::lock::{
        mutex::MutexBackend,
        Guard as Held, //
    },
};

pub use crate::new_mutex;
pub use real::sync::*;

#[path = "atomic.rs"]
pub mod atomic;
#[path = "rcu.rs"]
pub mod rcu;

/// A mutex whose value can be initialized in place: that of the older crate, which takes values only, and the
/// value beside it.
///
/// # Invariants
///
/// Only who holds `mutex` accesses `data`.
#[pin_data]
pub struct Mutex<T> {
    #[pin]
    mutex: real::sync::Mutex<()>,
    #[pin]
    data: UnsafeCell<T>,
}

// SAFETY: Whatever a thread may do with a `T`, another one may do later.
unsafe impl<T: Send> Send for Mutex<T> {}

// SAFETY: By the type invariants, one thread at a time accesses the value.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    /// Initializes a mutex and, in place, its value.
    pub fn new<E>(
        data: impl PinInit<T, E>,
        name: &'static CStr,
        key: &'static LockClassKey,
    ) -> impl PinInit<Self, E>
    where
        E: From<core::convert::Infallible>,
    {
        let init = move |slot: *mut UnsafeCell<T>| {
            // SAFETY: An `UnsafeCell` has the layout of its value, and `slot` has the requirements of
            // `__pinned_init`.
            unsafe { data.__pinned_init(slot.cast()) }
        };
        try_pin_init!(Self {
            mutex <- real::sync::Mutex::new((), name, key),
            // SAFETY: The closure initializes the value unless it fails.
            data <- unsafe { pin_init_from_closure::<_, E>(init) },
        }? E)
    }

    /// Waits until nobody else holds the mutex, and takes it.
    #[inline]
    pub fn lock(&self) -> Guard<'_, T> {
        Guard {
            _held: self.mutex.lock(),
            data: &self.data,
        }
    }
}

/// A [`Mutex`] that is held. Dropping it releases the mutex.
#[must_use = "the mutex is released at once when the guard is unused"]
pub struct Guard<'a, T> {
    _held: Held<'a, (), MutexBackend>,
    data: &'a UnsafeCell<T>,
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: The mutex is held.
        unsafe { &*self.data.get() }
    }
}

impl<T: Unpin> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: The mutex is held, and nothing else uses this guard.
        unsafe { &mut *self.data.get() }
    }
}

impl<T> Guard<'_, T> {
    /// Returns the value, which stays where it is.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut T> {
        // SAFETY: The mutex is held, nothing else uses this guard, and the value was initialized in place.
        unsafe { Pin::new_unchecked(&mut *self.data.get()) }
    }
}

/// Makes a [`Mutex`] with a lock class of its own.
#[macro_export]
macro_rules! new_mutex {
    ($inner:expr $(, $name:literal)? $(,)?) => {
        $crate::sync::Mutex::new(
            $inner, $crate::optional_name!($($name)?), $crate::static_lock_class!())
    };
}
