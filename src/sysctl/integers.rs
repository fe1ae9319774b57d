// SPDX-License-Identifier: GPL-2.0

//! Numbers behind entries: truth values, integers and vectors of integers.

// The kernel has atomics of its own, with its own memory model. Nothing here but loads and stores
// that order nothing: there the models agree, and these take no call of a C function each.
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

/// A truth value, shown as `0` or `1`. Follows `proc_dobool()`.
///
/// Any `int` but 0 is true; words are refused.
///
/// A write that is ignored leaves the value alone; C's stores again what it has read before, which
/// can undo what somebody else has written meanwhile.
pub(crate) struct Bool(AtomicBool);

impl Bool {
    /// A truth value that is `value` at first.
    #[inline]
    pub(crate) const fn new(value: bool) -> Self {
        Self(AtomicBool::new(value))
    }

    /// The value.
    #[inline]
    pub(crate) fn get(&self) -> bool {
        self.0.load(Relaxed)
    }

    /// Changes the value.
    #[inline]
    pub(crate) fn set(&self, value: bool) {
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
        output.put_byte(b'0' | u8::from(self.get()));
        output.put_byte(b'\n');
        Ok(output.len())
    }
}

/// An integer type that can be loaded and stored in one step.
pub(crate) trait AtomicInteger: Integer + Send + Sync {
    /// What holds a value that any number of tasks may use at once.
    type Cell: Send + Sync;

    /// A cell with this value.
    fn into_cell(self) -> Self::Cell;

    /// The value in `cell`.
    fn load(cell: &Self::Cell) -> Self;

    /// Puts this value into `cell`.
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

/// `N` integers, shown with tabs between them; by default one.
///
/// Follows `proc_dointvec_minmax()` for [`i32`], `proc_douintvec_minmax()` for [`u32`],
/// `proc_dou8vec_minmax()` for [`u8`] and `proc_doulongvec_minmax()` for [`u64`]; C has vectors of
/// `int` and `unsigned long` only. The other types behave as the one of C's with the same sign and
/// their bounds. Before Linux 7.3 C counts all of a write to a [`u32`] or [`u8`] as written; these
/// do not.
///
/// A write may have fewer values than there are integers; those that it has none for stay as they
/// are. Where one value of a write is refused nothing is stored; C keeps those before it.
///
/// Each integer is loaded and stored in one step. While a write stores several, a read can see some
/// of them old and some new, as with C's.
pub(crate) struct Integers<T: AtomicInteger, const N: usize = 1> {
    cells: [T::Cell; N],
    least: T,
    greatest: T,
}

impl<T: AtomicInteger, const N: usize> Integers<T, N> {
    /// Integers that are `values` at first, and can have any value of their type.
    pub(crate) fn new(values: [T; N]) -> Self {
        Self::bounded(values, T::MIN..=T::MAX)
    }

    /// Integers that are `values` at first, and to which only values within `bounds` can be written.
    ///
    /// To register them fails with [`ERANGE`] if nothing is within the bounds, if one of `values` is
    /// not, or if there is none.
    pub(crate) fn bounded(values: [T; N], bounds: RangeInclusive<T>) -> Self {
        Self {
            cells: values.map(T::into_cell),
            least: *bounds.start(),
            greatest: *bounds.end(),
        }
    }

    /// The values.
    pub(crate) fn get(&self) -> [T; N] {
        self.cells.each_ref().map(T::load)
    }

    /// Changes the values; the bounds are for those who write to the entry.
    pub(crate) fn set(&self, values: [T; N]) {
        for (cell, value) in self.cells.iter().zip(values) {
            value.store(cell);
        }
    }

    fn is_within(&self, value: &T) -> bool {
        self.least <= *value && *value <= self.greatest
    }

    /// Stores the first `count` of `values` if all of these are within the bounds.
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

    /// What a write that is not plain does.
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
