// SPDX-License-Identifier: GPL-2.0

//! Text behind entries.

use kernel::{
    fmt,
    fs::file::Offset,
    prelude::*,
    str::BStr, //
};
use pin_init::Zeroable;

use super::{
    hooks::{
        Parsed,
        SysctlValue, //
    },
    line::{
        Line,
        TooLong,
        Written, //
    },
    lock::Lock,
    Stored,
    SysctlStorage, //
};

/// Text of at most `N` bytes, 1,024 or less, which C calls a `maxlen` of `N + 1`. Follows
/// `proc_dostring()`.
///
/// A write at an offset within the text goes on from there, so text can be written in pieces.
/// A newline or NUL ends it.
///
/// A read never shows half of a write. C takes no lock, so its reads can.
pub struct Text<const N: usize> {
    line: Lock<Line<N>>,
    too_long: TooLong,
}

impl<const N: usize> Text<N> {
    /// Makes text that reads `value` up to its first newline or NUL. Writes that are too long are
    /// cut, as in C.
    ///
    /// The module does not compile if `value` is longer than `N` bytes. If it is not constant, use
    /// [`try_new`](Self::try_new).
    pub const fn new<const L: usize>(value: &[u8; L]) -> Self {
        const { assert!(L <= N, "the text is too long") };
        Self::with(value, TooLong::Cut)
    }

    /// Does what [`new`](Self::new) does, but writes that are too long fail with [`EINVAL`].
    pub const fn refusing<const L: usize>(value: &[u8; L]) -> Self {
        const { assert!(L <= N, "the text is too long") };
        Self::with(value, TooLong::Refuse)
    }

    /// Does what [`new`](Self::new) does, with text that is only known when the module runs.
    ///
    /// Fails with [`ERANGE`] if `value` is longer than `N` bytes.
    pub const fn try_new(value: &[u8], too_long: TooLong) -> Result<Self> {
        if value.len() > N {
            return Err(ERANGE);
        }
        Ok(Self::with(value, too_long))
    }

    const fn with(value: &[u8], too_long: TooLong) -> Self {
        const { assert!(N <= 1024, "the text is too much for the stack") };
        Self {
            line: Lock::new(Line::of(value)),
            too_long,
        }
    }

    /// Returns the text. This may sleep.
    pub fn get(&self) -> Line<N> {
        self.line.with(|line| *line)
    }

    /// Changes the text to `value`, up to its first newline or NUL. This may sleep.
    ///
    /// Fails with [`ERANGE`] if `value` is longer than `N` bytes.
    pub fn set(&self, value: &[u8]) -> Result {
        if value.len() > N {
            return Err(ERANGE);
        }
        self.line.with(|line| *line = Line::of(value));
        Ok(())
    }

    /// Returns whether the write has changed the line, or nothing if it was ignored.
    fn write(&self, line: &mut Line<N>, data: &[u8], offset: &mut Offset) -> Result<Option<bool>> {
        match line.write(data, *offset as u64, self.too_long) {
            Written::Stored { has_changed } => {
                *offset = offset.wrapping_add_unsigned(data.len() as u64);
                Ok(Some(has_changed))
            }
            Written::Ignored => Ok(None),
            Written::Refused => Err(EINVAL),
        }
    }
}

impl<const N: usize> SysctlStorage for Text<N> {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        Ok(self.store_at(data, &mut 0)?.consumed)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        self.read_at(data, &mut 0)
    }

    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<Stored> {
        let has_changed = self.line.with(|line| self.write(line, data, offset))?;
        Ok(Stored {
            consumed: data.len(),
            has_changed: has_changed.unwrap_or(false),
        })
    }

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        let length = self.line.with(|line| line.read(data, *offset as u64));
        *offset = offset.wrapping_add_unsigned(length as u64);
        Ok(length)
    }
}

impl<const N: usize> SysctlValue for Text<N> {
    type Value = Line<N>;

    fn load(&self, value: &mut Line<N>) {
        self.line.with(|line| *value = *line);
    }

    fn parse_value(&self, data: &[u8], value: &mut Line<N>) -> Result<usize> {
        self.write(value, data, &mut 0)?;
        Ok(data.len())
    }

    fn parse_at(&self, data: &[u8], offset: &mut Offset, value: &mut Line<N>) -> Result<Parsed> {
        Ok(match self.write(value, data, offset)? {
            Some(_) => Parsed::Value(data.len()),
            None => Parsed::Ignored(data.len()),
        })
    }

    fn store(&self, old: &Line<N>, new: &Line<N>) {
        if old != new {
            self.line.with(|line| *line = *new);
        }
    }
}

// SAFETY: Zeroes are an empty line.
unsafe impl<const N: usize> Zeroable for Line<N> {}

impl<const N: usize> fmt::Display for Line<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(BStr::from_bytes(self), f)
    }
}

impl<const N: usize> fmt::Debug for Line<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(BStr::from_bytes(self), f)
    }
}
