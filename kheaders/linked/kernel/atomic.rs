// SPDX-License-Identifier: GPL-2.0

//! Atomic values, without an order between accesses to different ones.
//!
//! C header: `include/linux/atomic.h`

use core::{
    cell::UnsafeCell,
    sync::atomic::Ordering, //
};

/// No order: C's `atomic_read()`, `atomic_set()` and `atomic_fetch_add_relaxed()`.
pub struct Relaxed;

/// A value that any number of tasks may read and change at once.
#[repr(transparent)]
pub struct Atomic<T>(UnsafeCell<T>);

// SAFETY: All accesses are atomic.
unsafe impl<T: Send> Sync for Atomic<T> {}

/// A type that the processor accesses atomically.
#[doc(hidden)]
pub trait AtomicType: Copy {
    fn load(cell: &UnsafeCell<Self>) -> Self;
    fn store(cell: &UnsafeCell<Self>, value: Self);
    fn xchg(cell: &UnsafeCell<Self>, value: Self) -> Self;
    fn fetch_add(cell: &UnsafeCell<Self>, value: Self) -> Self;
}

impl<T> Atomic<T> {
    /// Makes an atomic value.
    pub const fn new(value: T) -> Self {
        Self(UnsafeCell::new(value))
    }
}

impl<T: AtomicType> Atomic<T> {
    /// Returns the value.
    #[inline(always)]
    pub fn load(&self, _: Relaxed) -> T {
        T::load(&self.0)
    }

    /// Replaces the value.
    #[inline(always)]
    pub fn store(&self, value: T, _: Relaxed) {
        T::store(&self.0, value)
    }

    /// Replaces the value, and returns what it was.
    #[inline(always)]
    pub fn xchg(&self, value: T, _: Relaxed) -> T {
        T::xchg(&self.0, value)
    }

    /// Adds to the value, which wraps around, and returns what it was.
    #[inline(always)]
    pub fn fetch_add(&self, value: T, _: Relaxed) -> T {
        T::fetch_add(&self.0, value)
    }
}

macro_rules! impl_atomic_type {
    ($($type:ident: $atomic:ident,)*) => {$(
        impl AtomicType for $type {
            #[inline(always)]
            fn load(cell: &UnsafeCell<Self>) -> Self {
                // SAFETY: The pointer is valid and aligned, and all accesses are atomic.
                unsafe { core::sync::atomic::$atomic::from_ptr(cell.get()) }.load(Ordering::Relaxed)
            }

            #[inline(always)]
            fn store(cell: &UnsafeCell<Self>, value: Self) {
                // SAFETY: As above.
                unsafe { core::sync::atomic::$atomic::from_ptr(cell.get()) }
                    .store(value, Ordering::Relaxed)
            }

            #[inline(always)]
            fn xchg(cell: &UnsafeCell<Self>, value: Self) -> Self {
                // SAFETY: As above.
                unsafe { core::sync::atomic::$atomic::from_ptr(cell.get()) }
                    .swap(value, Ordering::Relaxed)
            }

            #[inline(always)]
            fn fetch_add(cell: &UnsafeCell<Self>, value: Self) -> Self {
                // SAFETY: As above.
                unsafe { core::sync::atomic::$atomic::from_ptr(cell.get()) }
                    .fetch_add(value, Ordering::Relaxed)
            }
        }
    )*};
}

impl_atomic_type! {
    i32: AtomicI32,
    i64: AtomicI64,
    isize: AtomicIsize,
    u32: AtomicU32,
    u64: AtomicU64,
    usize: AtomicUsize,
}
