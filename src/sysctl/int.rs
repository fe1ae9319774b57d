// SPDX-License-Identifier: GPL-2.0

//! Numbers behind entries: Boolean values, and integers, one or several.

use core::{
    marker::PhantomData,
    ops::RangeInclusive,
    sync::atomic::{
        AtomicBool,
        Ordering::Relaxed, //
    },
};
use kernel::prelude::*;
use pin_init::Zeroable;

use super::{
    cells::{
        are_within,
        AtomicInteger,
        Cells,
        Values, //
    },
    hooks::SysctlValue,
    number::{
        parse_values,
        print_values,
        take_integer,
        Integer,
        Plain,
        Unit, //
    },
    text::Output,
    Stored,
    SysctlStorage, //
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
        Ok(self.replace_value(data)?.consumed)
    }

    #[inline]
    fn replace_value(&self, data: &[u8]) -> Result<Stored> {
        let mut value = false;
        let consumed = self.parse_value(data, &mut value)?;
        Ok(Stored {
            consumed,
            has_changed: self.0.swap(value, Relaxed) != value,
        })
    }

    #[inline]
    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let mut output = Output::new(data);
        output.put_bytes([b'0' | u8::from(self.get()), b'\n']);
        Ok(output.len())
    }
}

impl SysctlValue for Bool {
    type Value = bool;

    #[inline]
    fn load(&self, value: &mut bool) {
        *value = self.get();
    }

    #[inline]
    fn parse_value(&self, data: &[u8], value: &mut bool) -> Result<usize> {
        let mut values = [0];
        let take = take_integer::<i32, Plain>;
        let (_, consumed) = parse_values(data, &mut values, take).ok_or(EINVAL)?;
        *value = values != [0];
        Ok(consumed)
    }

    #[inline]
    fn store(&self, old: &bool, new: &bool) {
        if old != new {
            self.set(*new);
        }
    }
}

/// An integer `Int<i32>`, or several integers `Int<[i32; 3]>`, which are shown with tabs between
/// them.
///
/// Follows `proc_dointvec_minmax()` for [`i32`], `proc_douintvec_minmax()` for [`u32`],
/// `proc_dou8vec_minmax()` for [`u8`] and `proc_doulongvec_minmax()` for [`usize`]. C has vectors
/// of `int` and `unsigned long` only. The other types behave like the C type of the same
/// signedness, limited to their own range. Before Linux 7.3, C counts every write to a [`u32`] or
/// [`u8`] as consumed to its end. `Int` never does.
///
/// A write may contain fewer values than there are integers. The remaining integers keep their
/// values. If one value of a write is refused, nothing is stored. C keeps the values before it.
///
/// Each integer is loaded and stored in one step. As in C, a read can see a write to several
/// integers half done.
///
/// With `U` as [`Seconds`], [`Milliseconds`] or [`UserHz`], the integers are jiffies, which users
/// see in this unit: see [`as_jiffies`](Self::as_jiffies).
///
/// [`Seconds`]: super::Seconds
/// [`Milliseconds`]: super::Milliseconds
/// [`UserHz`]: super::UserHz
pub struct Int<V: Values, U = Plain> {
    cells: Cells<V>,
    least: V::Element,
    greatest: V::Element,
    _unit: PhantomData<U>,
}

impl<V: Values> Int<V> {
    /// Makes integers with the initial value `value`, which may take any value of their type.
    #[inline(always)]
    pub const fn new(value: V) -> Self {
        Self::with(value, V::Element::MIN, V::Element::MAX)
    }

    /// Makes integers with the initial value `value`, to which only values within `bounds` can be
    /// written.
    ///
    /// The module does not compile or link if `value` is not within `bounds`. If these are not
    /// constant, use [`try_bounded`](Self::try_bounded).
    #[inline(always)]
    pub const fn bounded(value: V, bounds: RangeInclusive<V::Element>) -> Self {
        let is_within = are_within(&value, bounds.start(), bounds.end());
        // With a sanitizer, the compiler does not see that this holds where it is called in a
        // function.
        if cfg!(not(any(CONFIG_KASAN, CONFIG_KCSAN))) {
            build_assert!(is_within, "a value is out of its bounds");
        }
        Self::with(value, *bounds.start(), *bounds.end())
    }

    /// Does what [`bounded`](Self::bounded) does, with values that are only known when the module
    /// runs.
    ///
    /// Fails with [`ERANGE`] if `value` is not within `bounds`.
    pub const fn try_bounded(value: V, bounds: RangeInclusive<V::Element>) -> Result<Self> {
        if are_within(&value, bounds.start(), bounds.end()) {
            Ok(Self::with(value, *bounds.start(), *bounds.end()))
        } else {
            Err(ERANGE)
        }
    }

    #[inline(always)]
    const fn with(value: V, least: V::Element, greatest: V::Element) -> Self {
        const { assert!(V::COUNT != 0, "there are no integers") };
        const {
            assert!(
                size_of::<V>() <= 512,
                "there are too many integers for the stack"
            )
        };
        Self {
            cells: Cells::new(value),
            least,
            greatest,
            _unit: PhantomData,
        }
    }

    /// Makes these integers jiffies, and their bounds too. Users see and write them in the unit
    /// `U`.
    #[inline(always)]
    pub const fn as_jiffies<U: Unit>(self) -> Int<V, U> {
        Int {
            cells: self.cells,
            least: self.least,
            greatest: self.greatest,
            _unit: PhantomData,
        }
    }
}

impl<V: Values, U: Unit> Int<V, U> {
    /// Returns the value. Of several integers, it can contain a write half done.
    #[inline]
    pub fn get(&self) -> V {
        let mut values = V::LEAST;
        self.copy_to(&mut values);
        values
    }

    /// Changes the value. The bounds only hold for writes to the entry.
    #[inline]
    pub fn set(&self, value: V) {
        for (cell, value) in self.cells.iter().zip(value.as_slice()) {
            cell.set(*value);
        }
    }

    /// Adds to each integer, which wraps around: counts without losing anything.
    #[inline]
    pub fn add(&self, value: V) {
        for (cell, value) in self.cells.iter().zip(value.as_slice()) {
            cell.add(*value);
        }
    }

    #[inline]
    fn copy_to(&self, values: &mut V) {
        for (cell, value) in self.cells.iter().zip(values.as_mut_slice()) {
            *value = cell.get();
        }
    }

    /// Parses a write. Returns how many of `values` it has, and how many bytes it has consumed.
    #[inline]
    fn parse(&self, data: &[u8], values: &mut [V::Element]) -> Result<(usize, usize)> {
        let take = |text| {
            let (value, rest) = take_integer::<V::Element, U>(text)?;
            (self.least <= value && value <= self.greatest).then_some((value, rest))
        };
        parse_values(data, values, take).ok_or(EINVAL)
    }
}

impl<V: Values, U: Unit> SysctlStorage for Int<V, U> {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        Ok(self.replace_value(data)?.consumed)
    }

    fn replace_value(&self, data: &[u8]) -> Result<Stored> {
        let mut values = V::LEAST;
        let values = values.as_mut_slice();
        let (count, consumed) = self.parse(data, values)?;
        let mut has_changed = false;
        for (cell, value) in self.cells.iter().zip(values.iter().take(count)) {
            has_changed |= cell.swap(*value) != *value;
        }
        Ok(Stored {
            consumed,
            has_changed,
        })
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let values = self.cells.iter().map(AtomicInteger::get);
        Ok(print_values::<V::Element, U>(values, data))
    }
}

impl<V: Values + Zeroable, U: Unit> SysctlValue for Int<V, U> {
    type Value = V;

    fn load(&self, value: &mut V) {
        self.copy_to(value);
    }

    fn parse_value(&self, data: &[u8], value: &mut V) -> Result<usize> {
        let (_, consumed) = self.parse(data, value.as_mut_slice())?;
        Ok(consumed)
    }

    fn store(&self, old: &V, new: &V) {
        let changes = old.as_slice().iter().zip(new.as_slice());
        for (cell, (old, new)) in self.cells.iter().zip(changes) {
            if old != new {
                cell.set(*new);
            }
        }
    }
}
