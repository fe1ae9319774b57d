// SPDX-License-Identifier: GPL-2.0

//! The entries of `reference.c`, with our storage.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{
    number::print_values,
    words_for,
    Bitmap,
    Bool,
    Entry,
    Integers,
    String,
    Sysctl,
    SysctlStorage,
    SysctlTable,
    TooLong, //
};

module! {
    type: Module,
    name: "twins",
    authors: ["The Man from Ox"],
    description: "The entries of reference, with our storage",
    license: "GPL",
}

/// C's `unsigned long`.
#[cfg(target_pointer_width = "64")]
type UnsignedLong = u64;
#[cfg(target_pointer_width = "32")]
type UnsignedLong = u32;

#[pin_data]
struct Module {
    #[pin]
    twins: Sysctl<Twins, 19>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            twins <- Sysctl::register_table(c"twins/rust", Twins::new()),
        })
    }
}

#[pin_data]
struct Twins {
    bool: Bool,
    int: Integers<i32>,
    int_bounded: Integers<i32>,
    i8: Integers<i8>,
    uint: Integers<u32>,
    uint_bounded: Integers<u32>,
    u8: Integers<u8>,
    u8_bounded: Integers<u8>,
    ulong: Integers<UnsignedLong>,
    ulong_bounded: Integers<UnsignedLong>,
    int4: Integers<i32, 4>,
    int4_bounded: Integers<i32, 4>,
    ulong_3: Integers<UnsignedLong, 3>,
    #[pin]
    string: String<64>,
    #[pin]
    string_small: String<7>,
    #[pin]
    string_refusing: String<7>,
    #[pin]
    bitmap: Bitmap<{ words_for(65_536) }>,
    #[pin]
    bitmap_small: Bitmap<{ words_for(77) }>,
    unwritten: Look,
}

impl Twins {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            bool: Bool::new(false),
            int: Integers::new([0]),
            int_bounded: Integers::bounded([0], -5..=100),
            i8: Integers::new([0]),
            uint: Integers::new([0]),
            uint_bounded: Integers::bounded([3], 3..=4_000_000_000),
            u8: Integers::new([0]),
            u8_bounded: Integers::bounded([10], 10..=200),
            ulong: Integers::new([0]),
            ulong_bounded: Integers::bounded([1], 1..=1 << (UnsignedLong::BITS - 1)),
            int4: Integers::new([0; 4]),
            int4_bounded: Integers::bounded([0; 4], -1..=1000),
            ulong_3: Integers::new([0; 3]),
            string <- String::new(b"", TooLong::Cut),
            string_small <- String::new(b"", TooLong::Cut),
            string_refusing <- String::new(b"", TooLong::Refuse),
            bitmap <- Bitmap::new(65_536),
            bitmap_small <- Bitmap::new(77),
            unwritten: Look,
        })
    }
}

impl SysctlTable<19> for Twins {
    fn entries(&self) -> Result<[Entry<'_>; 19]> {
        Ok([
            Entry::new(c"bool", 0o644, &self.bool)?,
            Entry::new(c"int", 0o644, &self.int)?,
            Entry::new(c"int_bounded", 0o644, &self.int_bounded)?,
            Entry::new(c"i8", 0o644, &self.i8)?,
            Entry::new(c"uint", 0o644, &self.uint)?,
            Entry::new(c"uint_bounded", 0o644, &self.uint_bounded)?,
            Entry::new(c"u8", 0o644, &self.u8)?,
            Entry::new(c"u8_bounded", 0o644, &self.u8_bounded)?,
            Entry::new(c"ulong", 0o644, &self.ulong)?,
            Entry::new(c"ulong_bounded", 0o644, &self.ulong_bounded)?,
            Entry::new(c"int4", 0o644, &self.int4)?,
            Entry::new(c"int4_bounded", 0o644, &self.int4_bounded)?,
            Entry::new(c"ulong_3", 0o644, &self.ulong_3)?,
            Entry::new(c"string", 0o644, &self.string)?,
            Entry::new(c"string_small", 0o644, &self.string_small)?,
            Entry::new(c"string_refusing", 0o644, &self.string_refusing)?,
            Entry::new(c"bitmap", 0o644, &self.bitmap)?,
            Entry::new(c"bitmap_small", 0o644, &self.bitmap_small)?,
            Entry::new(c"unwritten", 0o644, &self.unwritten)?,
        ])
    }
}

/// Shows how many bytes of the buffer are not 0.
struct Look;

impl SysctlStorage for Look {
    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let found = data.iter().filter(|byte| **byte != 0);
        // `count()` would panic if it overflowed.
        let found = found.fold(0u64, |count, _| count.wrapping_add(1));
        Ok(print_values([found].into_iter(), data))
    }
}
