// SPDX-License-Identifier: GPL-2.0

//! Integers that tasks share. Pure.
//!
//! The kernel has its own atomics and its own memory model. For relaxed accesses, which are all
//! that is needed here, the models agree. These atomics do not call a C function each time.
//!
//! What is generic about integers and possible in constants takes unsafe code, all of which is
//! here.

use core::{
    cell::UnsafeCell,
    mem::transmute_copy,
    slice,
    sync::atomic::{
        AtomicI16,
        AtomicI32,
        AtomicI64,
        AtomicI8,
        AtomicIsize,
        AtomicU16,
        AtomicU32,
        AtomicU64,
        AtomicU8,
        AtomicUsize,
        Ordering::Relaxed, //
    },
};

use super::number::Integer;

/// A primitive integer of at most 64 bits.
///
/// # Safety
///
/// The type is one, and `SIGNED` says of which kind.
pub unsafe trait Primitive: Copy + Send + Sync + Unpin + 'static {
    /// Whether there are negative values.
    const SIGNED: bool;

    /// The same integer for any number of tasks.
    type Atomic: AtomicInteger<Self>;

    /// Returns an integer as one that any number of tasks may use.
    ///
    /// # Safety
    ///
    /// `cell` must be valid and aligned for `'a`. Meanwhile, all accesses to it must be atomic.
    unsafe fn atomic<'a>(cell: *mut Self) -> &'a Self::Atomic;
}

/// What tasks may do at once with an integer that they share.
pub trait AtomicInteger<T> {
    /// Returns the value.
    fn get(&self) -> T;

    /// Replaces the value.
    fn set(&self, value: T);

    /// Replaces the value, and returns the one before.
    fn swap(&self, value: T) -> T;

    /// Adds to the value, which wraps around.
    fn add(&self, value: T);
}

macro_rules! impl_primitive {
    ($($integer:ident: $atomic:ident, $signed:literal;)*) => {
        $(
            // SAFETY: It is, and it does.
            unsafe impl Primitive for $integer {
                const SIGNED: bool = $signed;

                type Atomic = $atomic;

                #[inline]
                unsafe fn atomic<'a>(cell: *mut Self) -> &'a $atomic {
                    const { assert!(align_of::<$integer>() == align_of::<$atomic>()) };
                    // SAFETY: By the safety requirements, this may be one.
                    unsafe { $atomic::from_ptr(cell) }
                }
            }

            impl AtomicInteger<$integer> for $atomic {
                #[inline]
                fn get(&self) -> $integer {
                    self.load(Relaxed)
                }

                #[inline]
                fn set(&self, value: $integer) {
                    self.store(value, Relaxed);
                }

                #[inline]
                fn swap(&self, value: $integer) -> $integer {
                    $atomic::swap(self, value, Relaxed)
                }

                #[inline]
                fn add(&self, value: $integer) {
                    self.fetch_add(value, Relaxed);
                }
            }
        )*
    };
}

impl_primitive! {
    i8: AtomicI8, true;
    i16: AtomicI16, true;
    i32: AtomicI32, true;
    i64: AtomicI64, true;
    isize: AtomicIsize, true;
    u8: AtomicU8, false;
    u16: AtomicU16, false;
    u32: AtomicU32, false;
    u64: AtomicU64, false;
    usize: AtomicUsize, false;
}

/// One integer, or an array of them.
///
/// # Safety
///
/// The type has the layout of `[Self::Element; Self::COUNT]`, and any such integers are a value of
/// it.
pub unsafe trait Values: Copy + PartialEq + Send + Unpin + 'static {
    /// The type of the integers.
    type Element: Integer;
    /// How many there are.
    const COUNT: usize;
    /// The least values.
    const LEAST: Self;

    /// Returns the integers.
    #[inline]
    fn as_slice(&self) -> &[Self::Element] {
        // SAFETY: By the safety requirements of the trait, these are the integers.
        unsafe { slice::from_raw_parts((&raw const *self).cast(), Self::COUNT) }
    }

    /// Returns the integers.
    #[inline]
    fn as_mut_slice(&mut self) -> &mut [Self::Element] {
        // SAFETY: As above.
        unsafe { slice::from_raw_parts_mut((&raw mut *self).cast(), Self::COUNT) }
    }
}

// SAFETY: An array of one has the layout of its element.
unsafe impl<T: Integer> Values for T {
    type Element = T;
    const COUNT: usize = 1;
    const LEAST: T = T::MIN;
}

// SAFETY: It is this array.
unsafe impl<T: Integer, const N: usize> Values for [T; N] {
    type Element = T;
    const COUNT: usize = N;
    const LEAST: [T; N] = [T::MIN; N];
}

/// Integers that any number of tasks use at once.
///
/// # Invariants
///
/// All accesses to the integers are atomic.
pub(crate) struct Cells<V: Values>(UnsafeCell<V>);

// SAFETY: By the type invariants, any number of tasks may access the integers at once.
unsafe impl<V: Values> Sync for Cells<V> {}

impl<V: Values> Cells<V> {
    /// Makes integers with these values.
    #[inline(always)]
    pub(crate) const fn new(values: V) -> Self {
        // INVARIANT: Nobody else knows them yet.
        Self(UnsafeCell::new(values))
    }

    /// Returns each integer.
    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &<V::Element as Primitive>::Atomic> {
        let first = self.0.get().cast::<V::Element>();
        (0..V::COUNT).map(move |index| {
            // SAFETY: By the safety requirements of `Values`, there is an integer at this index. By
            // the type invariants, all accesses to it are atomic.
            unsafe { Primitive::atomic(first.wrapping_add(index)) }
        })
    }
}

/// Returns whether all of `values` are within these bounds. In constants, integers of any type
/// cannot be compared otherwise.
#[inline(always)]
pub(crate) const fn are_within<V: Values>(
    values: &V,
    least: &V::Element,
    greatest: &V::Element,
) -> bool {
    let first = (&raw const *values).cast::<V::Element>();
    let mut index = 0;
    while index < V::COUNT {
        // SAFETY: By the safety requirements of `Values`, there is an integer at this index.
        let value = rank(unsafe { &*first.wrapping_add(index) });
        if value < rank(least) || value > rank(greatest) {
            return false;
        }
        index += 1;
    }
    true
}

/// Returns a number that is greater for a greater value.
#[inline(always)]
pub(crate) const fn rank<T: Primitive>(value: &T) -> u64 {
    // SAFETY: By the safety requirements of `Primitive`, it is an integer of this size.
    let bits = unsafe {
        match size_of::<T>() {
            1 => transmute_copy::<T, u8>(value) as u64,
            2 => transmute_copy::<T, u16>(value) as u64,
            4 => transmute_copy::<T, u32>(value) as u64,
            _ => transmute_copy::<T, u64>(value),
        }
    };
    if T::SIGNED {
        let sign = 1 << (8 * size_of::<T>() - 1);
        bits ^ sign
    } else {
        bits
    }
}
