// SPDX-License-Identifier: GPL-2.0

//! Numbers behind entries: Boolean values, integers and vectors of integers.

// The kernel has its own atomics and its own memory model. For relaxed loads and stores, which are
// all that this file needs, the models agree. These atomics do not call a C function each time.
use core::{
    ops::RangeInclusive,
    sync::atomic::{
        AtomicBool,
        AtomicI32,
        AtomicI64,
        AtomicI8,
        AtomicU32,
        AtomicU64,
        AtomicU8,
        Ordering::Relaxed, //
    },
};
use kernel::prelude::*;

use super::{
    number::{
        parse_plain,
        parse_values,
        print_values,
        take_integer,
        Integer, //
    },
    text::Output,
    SysctlStorage,
};

/// A Boolean value, shown as `0` or `1`. Follows `proc_dobool()`.
///
/// Any `int` except 0 is true. Words are refused.
///
/// An ignored write leaves the value alone. C stores the value that it read before, which can undo
/// another write.
pub struct Bool(AtomicBool);

impl Bool {
    /// Makes a Boolean value with the initial value `value`.
    #[inline]
    pub const fn new(value: bool) -> Self {
        Self(AtomicBool::new(value))
    }

    /// Returns the value.
    #[inline]
    pub fn get(&self) -> bool {
        self.0.load(Relaxed)
    }

    /// Changes the value.
    #[inline]
    pub fn set(&self, value: bool) {
        self.0.store(value, Relaxed);
    }
}

impl SysctlStorage for Bool {
    #[inline]
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let (value, consumed) = match data {
            [b'0'] | [b'0', b'\n'] => (false, data.len()),
            [b'1'] | [b'1', b'\n'] => (true, data.len()),
            _ => {
                let mut values = [0];
                let take = take_integer::<i32>;
                let (_, consumed) = parse_values(data, &mut values, take).ok_or(EINVAL)?;
                (values != [0], consumed)
            }
        };
        self.set(value);
        Ok(consumed)
    }

    #[inline]
    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let mut output = Output::new(data);
        output.put_bytes([b'0' | u8::from(self.get()), b'\n']);
        Ok(output.len())
    }
}

/// An integer type that can be loaded and stored in one step.
pub trait AtomicInteger: Integer + Send + Sync {
    /// Holds a value that any number of tasks may use at once.
    type Cell: Send + Sync;

    /// Makes a cell that holds this value.
    fn into_cell(self) -> Self::Cell;

    /// Returns the value in `cell`.
    fn load(cell: &Self::Cell) -> Self;

    /// Stores this value in `cell`.
    fn store(self, cell: &Self::Cell);
}

macro_rules! impl_atomic_integer {
    ($($integer:ident: $cell:ident),*) => {
        $(impl AtomicInteger for $integer {
            type Cell = $cell;

            #[inline]
            fn into_cell(self) -> Self::Cell {
                $cell::new(self)
            }

            #[inline]
            fn load(cell: &Self::Cell) -> Self {
                cell.load(Relaxed)
            }

            #[inline]
            fn store(self, cell: &Self::Cell) {
                cell.store(self, Relaxed);
            }
        })*
    };
}

impl_atomic_integer!(
    i8: AtomicI8,
    u8: AtomicU8,
    i32: AtomicI32,
    u32: AtomicU32,
    i64: AtomicI64,
    u64: AtomicU64
);

/// `N` integers, shown with tabs between them; one integer by default.
///
/// Follows `proc_dointvec_minmax()` for [`i32`], `proc_douintvec_minmax()` for [`u32`],
/// `proc_dou8vec_minmax()` for [`u8`] and `proc_doulongvec_minmax()` for [`u64`], which is C's
/// `unsigned long` in 64-bit kernels. C has vectors of
/// `int` and `unsigned long` only. The other types behave like the C type of the same signedness,
/// limited to their own range. Before Linux 7.3, C counts every write to a [`u32`] or [`u8`] as
/// consumed to its end. `Integers` never does.
///
/// A write may contain fewer values than there are integers. The remaining integers keep their
/// values. If one value of a write is refused, nothing is stored. C keeps the values before it.
///
/// Each integer is loaded and stored in one step. As in C, a read can see a write to several
/// integers half done.
pub struct Integers<T: AtomicInteger, const N: usize = 1> {
    cells: [T::Cell; N],
    least: T,
    greatest: T,
}

impl<T: AtomicInteger, const N: usize> Integers<T, N> {
    /// Makes integers with the initial values `values`, which may take any value of their type.
    pub fn new(values: [T; N]) -> Self {
        Self::bounded(values, T::MIN..=T::MAX)
    }

    /// Makes integers with the initial values `values`, to which only values within `bounds` can be
    /// written.
    ///
    /// Registering them fails with [`ERANGE`] if `values` is empty or not within `bounds`.
    pub fn bounded(values: [T; N], bounds: RangeInclusive<T>) -> Self {
        Self {
            cells: values.map(T::into_cell),
            least: *bounds.start(),
            greatest: *bounds.end(),
        }
    }

    /// Returns the values.
    pub fn get(&self) -> [T; N] {
        self.cells.each_ref().map(T::load)
    }

    /// Changes the values. The bounds only hold for writes to the entry.
    pub fn set(&self, values: [T; N]) {
        for (cell, value) in self.cells.iter().zip(values) {
            value.store(cell);
        }
    }

    fn is_within(&self, value: &T) -> bool {
        self.least <= *value && *value <= self.greatest
    }

    /// Stores the first `count` of `values` if all of them are within the bounds.
    #[inline]
    fn store(&self, values: &[T; N], count: usize) -> Result {
        let stored = values.get(..count).unwrap_or(values);
        if !stored.iter().all(|value| self.is_within(value)) {
            return Err(EINVAL);
        }
        for (cell, value) in self.cells.iter().zip(stored) {
            value.store(cell);
        }
        Ok(())
    }

    /// Stores any write, also one that [`parse_plain`] leaves alone.
    #[cold]
    #[inline(never)]
    fn store_any(&self, data: &[u8]) -> Result<usize> {
        let mut values = [T::MIN; N];
        let (count, consumed) = parse_values(data, &mut values, take_integer).ok_or(EINVAL)?;
        self.store(&values, count)?;
        Ok(consumed)
    }
}

impl<T: AtomicInteger, const N: usize> SysctlStorage for Integers<T, N> {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let mut values = [T::MIN; N];
        if let Some(count) = parse_plain(data, &mut values) {
            self.store(&values, count)?;
            return Ok(data.len());
        }
        self.store_any(data)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        Ok(print_values(self.cells.iter().map(T::load), data))
    }

    fn check(&self) -> Result {
        if N != 0 && self.get().iter().all(|value| self.is_within(value)) {
            Ok(())
        } else {
            Err(ERANGE)
        }
    }
}
