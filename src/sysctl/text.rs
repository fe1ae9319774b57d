// SPDX-License-Identifier: GPL-2.0

//! What the text of all entries has in common.
//!
//! This file and the others that say "pure" are functions over slices that allocate nothing and
//! know no kernel type, so that the host's tests run the very code that the kernel does. They
//! follow `kernel/sysctl.c` and `lib/kstrtox.c`.

/// How many bytes of one write are looked at.
///
/// `PAGE_SIZE - 1` in `do_proc_vec()`, which is the same number wherever pages have 4 KiB.
pub(crate) const WRITE_MAX: usize = 4095;

/// How long a name below `/proc` may be, in bytes. `NAME_MAX` in `include/uapi/linux/limits.h`.
const NAME_MAX: u32 = 255;

/// What a read shows: text that is cut where the buffer ends.
///
/// # Invariants
///
/// `used` is at most the length of `buf`.
pub(crate) struct Output<'a> {
    buf: &'a mut [u8],
    used: usize,
}

impl<'a> Output<'a> {
    /// Nothing yet, in `buf`.
    #[inline]
    pub(crate) fn new(buf: &'a mut [u8]) -> Self {
        // INVARIANT: 0 is at most any length.
        Self { buf, used: 0 }
    }

    /// Appends `text`, or as much of it as there is room for.
    #[inline]
    pub(crate) fn put(&mut self, text: &[u8]) {
        for byte in text {
            self.put_byte(*byte);
        }
    }

    /// Appends a byte if there is room.
    #[inline]
    pub(crate) fn put_byte(&mut self, byte: u8) {
        if let Some(slot) = self.buf.get_mut(self.used) {
            *slot = byte;
            // INVARIANT: The index `used` was in the buffer.
            self.used = self.used.wrapping_add(1);
        }
    }

    /// Appends what `print` prints into the room that is left, and returns the length of.
    #[inline]
    pub(crate) fn put_with(&mut self, print: impl FnOnce(&mut [u8]) -> usize) {
        if let Some(room) = self.buf.get_mut(self.used..) {
            let length = print(room).min(room.len());
            // INVARIANT: `length` is at most the length of `room`, which begins at `used`.
            self.used = self.used.wrapping_add(length);
        }
    }

    /// Whether nothing more can be appended.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.used == self.buf.len()
    }

    /// The length of what was appended, in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.used
    }
}

/// Whether the C string `name` can name a file below `/proc/sys`.
///
/// The kernel rejects neither a `/` in a procname nor `..`, and what is so named cannot be opened.
#[inline]
pub(crate) fn is_name(name: &[u8]) -> bool {
    is_path(name) && !name.iter().any(|character| matches!(character, b'/'))
}

/// Whether the C string `path` is one or more names joined by `/`, of which none is empty, longer
/// than `NAME_MAX` or begins with a dot.
#[inline]
pub(crate) fn is_path(path: &[u8]) -> bool {
    let mut length = 0u32;
    for character in path {
        match character {
            b'/' | b'.' | b'\0' if length == 0 => return false,
            b'/' => length = 0,
            b'\0' => {}
            _ => length = length.wrapping_add(1),
        }
        if length > NAME_MAX {
            return false;
        }
    }
    true
}

/// `text` without the white space at its front.
#[inline]
pub(crate) fn skip_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t'..=b'\r' | 0xa0, rest @ ..] = text {
        text = rest;
    }
    text
}
