// SPDX-License-Identifier: GPL-2.0

//! Strings behind entries.

use kernel::{
    fs::file::Offset,
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

use super::{
    line::{
        Line,
        TooLong,
        Written, //
    },
    SysctlStorage,
};

/// A string of at most `N` bytes, which C calls a `maxlen` of `N + 1`. Follows `proc_dostring()`.
///
/// A write at an offset within the string goes on from there, so a string can be written in pieces.
/// A newline or NUL ends it.
///
/// A read never shows half of a write. C takes no lock, so its reads can. [`TooLong`] selects whether text
/// that does not fit is cut, as in C, or refused.
#[pin_data]
pub struct String<const N: usize> {
    #[pin]
    line: Mutex<Line<N>>,
    too_long: TooLong,
}

impl<const N: usize> String<N> {
    /// Makes a string with the initial value `value`.
    ///
    /// Fails with [`ERANGE`] if `value` is longer than `N` bytes or contains a newline or NUL.
    pub fn new(value: &[u8], too_long: TooLong) -> impl PinInit<Self, Error> + '_ {
        pin_init::pin_init_scope(move || {
            let mut line = Line::new();
            line.write(value, 0, TooLong::Cut);
            if line.as_bytes() != value {
                return Err(ERANGE);
            }
            Ok(try_pin_init!(Self {
                line <- new_mutex!(line),
                too_long,
            }? Error))
        })
    }

    /// Calls `look` with the string, which stays locked meanwhile: `look` must not use this entry.
    pub fn with<R>(&self, look: impl FnOnce(&[u8]) -> R) -> R {
        look(self.line.lock().as_bytes())
    }
}

impl<const N: usize> SysctlStorage for String<N> {
    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<usize> {
        match self.line.lock().write(data, *offset as u64, self.too_long) {
            Written::Stored => *offset = offset.wrapping_add_unsigned(data.len() as u64),
            Written::Ignored => {}
            Written::Refused => return Err(EINVAL),
        }
        Ok(data.len())
    }

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        let length = self.line.lock().read(data, *offset as u64);
        *offset = offset.wrapping_add_unsigned(length as u64);
        Ok(length)
    }
}
