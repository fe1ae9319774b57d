// SPDX-License-Identifier: GPL-2.0

//! The entries of `reference.c`, with our storage.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{
    print_value,
    words_for,
    Bits,
    Bool,
    Dir,
    Int,
    Milliseconds,
    Seconds,
    Sysctl,
    SysctlStorage,
    Text,
    UserHz, //
};

module! {
    type: Module,
    name: "twins",
    authors: ["The Man from Ox"],
    description: "The entries of reference, with our storage",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    twins: Sysctl<Twins>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            twins <- Sysctl::dir(c"twins/rust", Twins::new(), Twins::add),
        })
    }
}

struct Twins {
    bool: Bool,
    int: Int<i32>,
    int_bounded: Int<i32>,
    i8: Int<i8>,
    i16: Int<i16>,
    uint: Int<u32>,
    uint_bounded: Int<u32>,
    u8: Int<u8>,
    u8_bounded: Int<u8>,
    ulong: Int<usize>,
    ulong_bounded: Int<usize>,
    int4: Int<[i32; 4]>,
    int4_bounded: Int<[i32; 4]>,
    ulong_3: Int<[usize; 3]>,
    seconds: Int<i32, Seconds>,
    seconds_3: Int<[i32; 3], Seconds>,
    userhz: Int<i32, UserHz>,
    ms: Int<i32, Milliseconds>,
    ms_ulong: Int<usize, Milliseconds>,
    ms_ulong_bounded: Int<usize, Milliseconds>,
    string: Text<64>,
    string_small: Text<7>,
    string_refusing: Text<7>,
    bitmap: Bits<{ words_for(65_536) }>,
    bitmap_small: Bits<{ words_for(77) }>,
    unwritten: Look,
}

impl Twins {
    fn new() -> Self {
        Self {
            bool: Bool::new(false),
            int: Int::new(0),
            int_bounded: Int::bounded(0, -5..=100),
            i8: Int::new(0),
            i16: Int::new(0),
            uint: Int::new(0),
            uint_bounded: Int::bounded(3, 3..=4_000_000_000),
            u8: Int::new(0),
            u8_bounded: Int::bounded(10, 10..=200),
            ulong: Int::new(0),
            ulong_bounded: Int::bounded(1, 1..=1 << (usize::BITS - 1)),
            int4: Int::new([0; 4]),
            int4_bounded: Int::bounded([0; 4], -1..=1000),
            ulong_3: Int::new([0; 3]),
            seconds: Int::new(0).as_jiffies(),
            seconds_3: Int::new([0; 3]).as_jiffies(),
            userhz: Int::new(0).as_jiffies(),
            ms: Int::new(0).as_jiffies(),
            ms_ulong: Int::new(0).as_jiffies(),
            ms_ulong_bounded: Int::bounded(10, 10..=100_000).as_jiffies(),
            string: Text::new(b""),
            string_small: Text::new(b""),
            string_refusing: Text::refusing(b""),
            bitmap: Bits::new(65_536),
            bitmap_small: Bits::new(77),
            unwritten: Look,
        }
    }

    fn add<'a>(&'a self, dir: &mut Dir<'a>) -> Result {
        dir.read_write(c"bool", &self.bool)?;
        dir.read_write(c"int", &self.int)?;
        dir.read_write(c"int_bounded", &self.int_bounded)?;
        dir.read_write(c"i8", &self.i8)?;
        dir.read_write(c"i16", &self.i16)?;
        dir.read_write(c"uint", &self.uint)?;
        dir.read_write(c"uint_bounded", &self.uint_bounded)?;
        dir.read_write(c"u8", &self.u8)?;
        dir.read_write(c"u8_bounded", &self.u8_bounded)?;
        dir.read_write(c"ulong", &self.ulong)?;
        dir.read_write(c"ulong_bounded", &self.ulong_bounded)?;
        dir.read_write(c"int4", &self.int4)?;
        dir.read_write(c"int4_bounded", &self.int4_bounded)?;
        dir.read_write(c"ulong_3", &self.ulong_3)?;
        dir.read_write(c"seconds", &self.seconds)?;
        dir.read_write(c"seconds_3", &self.seconds_3)?;
        dir.read_write(c"userhz", &self.userhz)?;
        dir.read_write(c"ms", &self.ms)?;
        dir.read_write(c"ms_ulong", &self.ms_ulong)?;
        dir.read_write(c"ms_ulong_bounded", &self.ms_ulong_bounded)?;
        dir.read_write(c"string", &self.string)?;
        dir.read_write(c"string_small", &self.string_small)?;
        dir.read_write(c"string_refusing", &self.string_refusing)?;
        dir.read_write(c"bitmap", &self.bitmap)?;
        dir.read_write(c"bitmap_small", &self.bitmap_small)?;
        dir.read_write(c"unwritten", &self.unwritten)?;
        Ok(())
    }
}

/// Shows how many bytes of the buffer are not 0.
struct Look;

impl SysctlStorage for Look {
    fn store_value(&self, _data: &[u8]) -> Result<usize> {
        Err(EINVAL)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let found = data.iter().filter(|byte| **byte != 0);
        // `count()` would panic if it overflowed.
        let found = found.fold(0u64, |count, _| count.wrapping_add(1));
        Ok(print_value(found, data))
    }
}
