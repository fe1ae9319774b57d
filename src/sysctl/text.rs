// SPDX-License-Identifier: GPL-2.0

//! Text of all entries. Pure.
//!
//! Files that say "pure" contain functions over slices. They allocate nothing and use no kernel
//! types, so the unit tests run the same code as the kernel, with pages of 4 KiB. They follow
//! `kernel/sysctl.c` and `lib/kstrtox.c`.

/// How many bytes a name may have. `NAME_MAX` in `include/uapi/linux/limits.h`.
const NAME_MAX: u32 = 255;

/// The text that a read shows, cut where the buffer ends.
///
/// # Invariants
///
/// `used` is at most the length of `buf`.
pub(crate) struct Output<'a> {
    buf: &'a mut [u8],
    used: usize,
}

impl<'a> Output<'a> {
    /// Makes an empty text in `buf`.
    #[inline]
    pub(crate) fn new(buf: &'a mut [u8]) -> Self {
        // INVARIANT: No length is less than 0.
        Self { buf, used: 0 }
    }

    /// Appends a byte if it fits.
    #[inline]
    pub(crate) fn put_byte(&mut self, byte: u8) {
        if let Some(slot) = self.buf.get_mut(self.used) {
            *slot = byte;
            // INVARIANT: `used` was an index of the buffer.
            self.used = self.used.wrapping_add(1);
        }
    }

    /// Appends bytes, as many as fit.
    #[inline]
    pub(crate) fn put_bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        let room = self.buf.get_mut(self.used..);
        if let Some(slots) = room.and_then(|room| room.first_chunk_mut()) {
            *slots = bytes;
            // INVARIANT: There was room for `N` bytes from `used` on.
            self.used = self.used.wrapping_add(N);
        } else {
            for byte in bytes {
                self.put_byte(byte);
            }
        }
    }

    /// Appends a number in decimal, as many of its digits as fit.
    #[inline]
    pub(crate) fn put_decimal(&mut self, mut number: u64) {
        let mut index = self.used.wrapping_add(digits(number));
        // INVARIANT: This is at most the length of the buffer.
        self.used = index.min(self.buf.len());
        loop {
            index = index.wrapping_sub(1);
            if let Some(slot) = self.buf.get_mut(index) {
                *slot = b'0' | (number % 10) as u8;
            }
            number /= 10;
            if number == 0 {
                break;
            }
        }
    }

    /// Returns whether the buffer is full.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.used == self.buf.len()
    }

    /// Returns the length of the text in bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.used
    }
}

/// Prints `text` into `data`, cut where that ends. Returns the length in bytes.
#[inline]
pub fn print_text(text: &[u8], data: &mut [u8]) -> usize {
    let length = text.len().min(data.len());
    if let (Some(to), Some(from)) = (data.get_mut(..length), text.get(..length)) {
        to.copy_from_slice(from);
    }
    length
}

/// The powers of 10, but 0 for the first: 0 has a digit.
const POWERS: [u64; 20] = {
    let mut powers = [0; 20];
    let (mut index, mut power) = (1, 10u64);
    while index < powers.len() {
        powers[index] = power;
        power = power.wrapping_mul(10);
        index += 1;
    }
    powers
};

/// Returns how many decimal digits a number has.
///
/// [`u64::ilog10`] would divide by a power of 10. In 32-bit kernels there is no such division of 64
/// bits, except by 10, which the compiler replaces.
#[inline]
fn digits(number: u64) -> usize {
    let bits = u64::BITS.wrapping_sub((number | 1).leading_zeros());
    // A bit is 0.30103 digits. This may be one too few.
    let least = (bits.wrapping_mul(1233) >> 12) as usize;
    let is_more = POWERS.get(least).is_some_and(|power| number >= *power);
    least.wrapping_add(is_more.into())
}

/// Returns whether the C string `name` can name a file below `/proc/sys`.
///
/// The kernel accepts a `/` and `..` in a procname, but then nobody can open the file.
#[inline]
pub(crate) fn is_name(name: &[u8]) -> bool {
    are_names(name, false)
}

/// Returns whether the C string `path` is one or more names joined by `/`. No name may be empty,
/// longer than `NAME_MAX` or begin with a dot.
#[inline]
pub(crate) fn is_path(path: &[u8]) -> bool {
    are_names(path, true)
}

#[inline(never)]
fn are_names(path: &[u8], may_be_several: bool) -> bool {
    let mut length = 0u32;
    for character in path {
        match character {
            b'/' | b'.' | b'\0' if length == 0 => return false,
            b'/' if !may_be_several => return false,
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

/// Returns `text` without its leading white space.
#[inline]
pub(crate) fn skip_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t'..=b'\r' | 0xa0, rest @ ..] = text {
        text = rest;
    }
    text
}
