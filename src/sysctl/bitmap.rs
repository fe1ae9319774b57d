// SPDX-License-Identifier: GPL-2.0

//! Bitmaps behind entries.

use kernel::{
    fs::file::Offset,
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

use super::{
    list::{
        is_set,
        parse_list,
        print_list,
        words_for, //
    },
    SysctlStorage,
};

/// A bitmap of up to `WORDS` words, shown as a list of ranges: `1,3-5`. Follows
/// `proc_do_large_bitmap()`.
///
/// A write at offset 0 replaces the bitmap. A write at another offset adds bits to it, so a list
/// longer than a page can be written in pieces.
///
/// A read never shows half of a write. C takes no lock, so its reads can.
///
/// [`words_for`] returns the `WORDS` for a number of bits.
#[pin_data]
pub struct Bitmap<const WORDS: usize> {
    #[pin]
    words: Mutex<[usize; WORDS]>,
    bits: usize,
}

impl<const WORDS: usize> Bitmap<WORDS> {
    /// Makes a bitmap of `bits` bits, all 0.
    ///
    /// Registering it fails with [`ERANGE`] if `bits` is 0 or more than `WORDS` words hold.
    pub fn new(bits: usize) -> impl PinInit<Self> {
        pin_init!(Self {
            words <- new_mutex!(pin_init::init_zeroed()),
            bits,
        })
    }

    /// Returns whether a bit is set. Beyond the end, none is.
    pub fn is_set(&self, bit: usize) -> bool {
        is_set(&*self.words.lock(), bit)
    }
}

impl<const WORDS: usize> SysctlStorage for Bitmap<WORDS> {
    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<usize> {
        parse_list(data, self.bits, None).ok_or(EINVAL)?;
        let mut words = self.words.lock();
        if *offset == 0 {
            words.fill(0);
        }
        let consumed = parse_list(data, self.bits, Some(&mut *words)).ok_or(EINVAL)?;
        *offset = offset.wrapping_add_unsigned(consumed as u64);
        Ok(consumed)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        Ok(print_list(&*self.words.lock(), self.bits, data))
    }

    fn check(&self) -> Result {
        if self.bits != 0 && words_for(self.bits) <= WORDS {
            Ok(())
        } else {
            Err(ERANGE)
        }
    }
}
