// SPDX-License-Identifier: GPL-2.0

//! Bitmaps behind entries.

use kernel::{
    fs::file::Offset,
    prelude::*, //
};

use super::{
    hooks::{
        Parsed,
        SysctlValue, //
    },
    list::{
        change,
        is_set,
        parse_list,
        print_list,
        words_for, //
    },
    lock::Lock,
    Stored,
    SysctlStorage, //
};

/// A bitmap of up to `WORDS` words, shown as a list of ranges: `1,3-5`. Follows
/// `proc_do_large_bitmap()`.
///
/// A write at offset 0 replaces the bitmap. A write at another offset adds bits to it, so a list
/// longer than a page can be written in pieces.
///
/// A read never shows half of a write. C takes no lock, so its reads can.
///
/// Every write counts as a change: see [`Entry::announce`](super::Entry::announce).
///
/// [`words_for`] returns the `WORDS` for a number of bits. Large bitmaps should be statics: others
/// may be made on the stack.
pub struct Bits<const WORDS: usize> {
    words: Lock<[usize; WORDS]>,
    bits: usize,
}

impl<const WORDS: usize> Bits<WORDS> {
    /// Makes a bitmap of `bits` bits, all 0.
    ///
    /// The module does not compile or link if `bits` is 0 or more than `WORDS` words hold. If it is
    /// not constant, use [`try_new`](Self::try_new).
    #[inline(always)]
    pub const fn new(bits: usize) -> Self {
        build_assert!(Self::fits(bits), "the words do not hold the bits");
        Self::with(bits)
    }

    /// Does what [`new`](Self::new) does, with a number of bits that is only known when the module
    /// runs.
    ///
    /// Fails with [`ERANGE`] if `bits` is 0 or more than `WORDS` words hold.
    pub const fn try_new(bits: usize) -> Result<Self> {
        if Self::fits(bits) {
            Ok(Self::with(bits))
        } else {
            Err(ERANGE)
        }
    }

    #[inline(always)]
    const fn fits(bits: usize) -> bool {
        bits != 0 && words_for(bits) <= WORDS
    }

    #[inline(always)]
    const fn with(bits: usize) -> Self {
        Self {
            words: Lock::new([0; WORDS]),
            bits,
        }
    }

    /// Returns whether a bit is set. Beyond the end, none is. This may sleep.
    pub fn is_set(&self, bit: usize) -> bool {
        self.words.with(|words| is_set(words, bit))
    }

    /// Changes a bit. Beyond the end, there is none to change. This may sleep.
    pub fn set(&self, bit: usize, value: bool) {
        if bit < self.bits {
            self.words.with(|words| change(words, bit, value));
        }
    }

    fn write(
        &self,
        words: &mut [usize; WORDS],
        data: &[u8],
        offset: &mut Offset,
    ) -> Result<Parsed> {
        parse_list(data, self.bits, None).ok_or(EINVAL)?;
        if *offset == 0 {
            words.fill(0);
        }
        let consumed = parse_list(data, self.bits, Some(words)).ok_or(EINVAL)?;
        *offset = offset.wrapping_add_unsigned(consumed as u64);
        Ok(Parsed::Value(consumed))
    }
}

impl<const WORDS: usize> SysctlStorage for Bits<WORDS> {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        Ok(self.store_at(data, &mut 0)?.consumed)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        Ok(self.words.with(|words| print_list(words, self.bits, data)))
    }

    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<Stored> {
        let parsed = self.words.with(|words| self.write(words, data, offset))?;
        Ok(Stored {
            consumed: parsed.consumed(),
            has_changed: true,
        })
    }
}

impl<const WORDS: usize> SysctlValue for Bits<WORDS> {
    type Value = [usize; WORDS];

    fn load(&self, value: &mut [usize; WORDS]) {
        self.words.with(|words| value.copy_from_slice(words));
    }

    fn parse_value(&self, data: &[u8], value: &mut [usize; WORDS]) -> Result<usize> {
        Ok(self.write(value, data, &mut 0)?.consumed())
    }

    fn parse_at(
        &self,
        data: &[u8],
        offset: &mut Offset,
        value: &mut [usize; WORDS],
    ) -> Result<Parsed> {
        self.write(value, data, offset)
    }

    fn store(&self, old: &[usize; WORDS], new: &[usize; WORDS]) {
        self.words.with(|words| {
            for (word, (old, new)) in words.iter_mut().zip(old.iter().zip(new)) {
                *word ^= old ^ new;
            }
        });
    }
}
