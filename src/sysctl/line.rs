// SPDX-License-Identifier: GPL-2.0

//! One line of text, with reads and writes at an offset. Pure.

use core::ops::Deref;

use super::text::print_text;

/// What a write does with text that does not fit into the string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// Stores as much as fits, silently, as C does.
    Cut,
    /// Stores nothing and fails with EINVAL.
    Refuse,
}

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// The text was stored.
    Stored {
        /// Whether the string is another one than before.
        has_changed: bool,
    },
    /// The offset was beyond the end of the string, which is unchanged.
    Ignored,
    /// The text was too long. The string is unchanged.
    Refused,
}

/// At most `N` bytes of text. No byte is NUL or a newline.
///
/// # Invariants
///
/// `len` is at most `N`.
#[derive(Clone, Copy)]
pub struct Line<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Line<N> {
    /// Makes a line of `text`, up to its first NUL or newline, as much as fits.
    pub(crate) const fn of(text: &[u8]) -> Self {
        let mut bytes = [0; N];
        let mut len = 0;
        while len < N && len < text.len() && !matches!(text[len], b'\0' | b'\n') {
            bytes[len] = text[len];
            len += 1;
        }
        // INVARIANT: The loop ends at `N`.
        Self { bytes, len }
    }

    /// Writes `data` at `offset`, up to its first NUL or newline. The string ends there.
    ///
    /// Follows `_proc_do_string()` in strict mode with a `maxlen` of `N + 1`.
    pub(crate) fn write(&mut self, data: &[u8], offset: u64, too_long: TooLong) -> Written {
        if offset > self.len as u64 {
            return Written::Ignored;
        }
        let offset = offset as usize;
        let Some(room) = self.bytes.get_mut(offset..) else {
            return Written::Ignored;
        };
        // One byte more than fits is enough to tell whether `data` is too long.
        let seen = data.get(..room.len().wrapping_add(1)).unwrap_or(data);
        let length = seen
            .iter()
            .position(|byte| matches!(byte, b'\0' | b'\n'))
            .unwrap_or(seen.len());
        if length > room.len() && too_long == TooLong::Refuse {
            return Written::Refused;
        }
        let length = length.min(room.len());
        let mut has_changed = self.len != offset.wrapping_add(length);
        if let (Some(to), Some(from)) = (room.get_mut(..length), seen.get(..length)) {
            has_changed |= to != from;
            to.copy_from_slice(from);
        }
        // INVARIANT: `length` is at most the length of `room`, which begins at `offset`.
        self.len = offset.wrapping_add(length);
        Written::Stored { has_changed }
    }

    /// Prints the string from `offset` on into `data`, then a newline if it fits. Returns the
    /// length in bytes.
    pub(crate) fn read(&self, data: &mut [u8], offset: u64) -> usize {
        if offset > self.len as u64 {
            return 0;
        }
        let Some(text) = self.get(offset as usize..) else {
            return 0;
        };
        let length = print_text(text, data);
        match data.get_mut(text.len()) {
            Some(newline) => {
                *newline = b'\n';
                length.wrapping_add(1)
            }
            None => length,
        }
    }
}

impl<const N: usize> Deref for Line<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

impl<const N: usize> PartialEq for Line<N> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
