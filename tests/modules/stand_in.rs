// SPDX-License-Identifier: GPL-2.0

//! Replaces `lib/test_sysctl.c`, so that the kernel's own `sysctl.sh` tests our storage. It has the
//! same names, modes, defaults and ranges under `/proc/sys/debug/test_sysctl`.
//!
//! For what `sysctl.sh` tests of C's own registration, it calls C: see `c.rs`.

use kernel::prelude::*;

mod c;
pub mod sysctl;

use crate::sysctl::{
    words_for,
    Bits,
    Dir,
    Int,
    Sysctl,
    Text, //
};

module! {
    type: Module,
    name: "stand_in",
    authors: ["The Man from Ox"],
    description: "Stands in for test_sysctl",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    entries: Sysctl<Entries>,
    #[pin]
    u8_valid: Sysctl<Int<u8>>,
    empty_add: c::Registered,
    empty: c::Registered,
    mount_point: c::Registered,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries <- Sysctl::dir(c"debug/test_sysctl", Entries::new(), Entries::add),
            _: {
                let nested = Sysctl::register(
                    c"debug/test_sysctl/unregister_error",
                    c"unregister_error",
                    Int::<i32>::bounded(60, 0..=100),
                    0o644,
                );
                drop(KBox::pin_init(nested, GFP_KERNEL)?);
                c::refuses(c"debug/test_sysctl", c"u8_over", 4, 1000)?;
                c::refuses(c"debug/test_sysctl", c"u8_under", -1, 100)?;
            },
            u8_valid <- Sysctl::register(
                c"debug/test_sysctl",
                c"u8_valid",
                Int::bounded(58, 0..=200),
                0o644,
            ),
            empty_add: c::empty(c"debug/test_sysctl/empty_add")?,
            empty: c::empty(c"debug/test_sysctl/empty_add/empty")?,
            mount_point: c::mount_point(c"debug/test_sysctl/mnt")?,
            _: {
                // A mount point takes no entries.
                let error = Sysctl::register(
                    c"debug/test_sysctl/mnt",
                    c"mnt_error",
                    Int::<i32>::new(60),
                    0o644,
                );
                if KBox::pin_init(error, GFP_KERNEL).is_ok() {
                    return Err(EINVAL);
                }
            },
        })
    }
}

struct Entries {
    int_0001: Int<i32>,
    int_0002: Int<i32>,
    int_0003: Int<[i32; 4]>,
    match_int: Int<i32>,
    boot_int: Int<i32>,
    uint_0001: Int<u32>,
    string_0001: Text<64>,
    bitmap_0001: Bits<{ words_for(65_536) }>,
}

impl Entries {
    fn new() -> Self {
        Self {
            int_0001: Int::bounded(60, 0..=100),
            int_0002: Int::new(1),
            int_0003: Int::new([0, 1, 2, 3]),
            match_int: Int::new(c::shared_constants_match().into()),
            boot_int: Int::new(0),
            uint_0001: Int::new(314),
            string_0001: Text::new(b"(none)"),
            bitmap_0001: Bits::new(65_536),
        }
    }

    fn add<'a>(&'a self, dir: &mut Dir<'a>) -> Result {
        dir.read_write(c"int_0001", &self.int_0001)?;
        dir.read_write(c"int_0002", &self.int_0002)?;
        dir.read_write(c"int_0003", &self.int_0003)?;
        dir.read_only(c"match_int", &self.match_int)?;
        dir.read_write(c"boot_int", &self.boot_int)?;
        dir.read_write(c"uint_0001", &self.uint_0001)?;
        dir.read_write(c"string_0001", &self.string_0001)?;
        dir.read_write(c"bitmap_0001", &self.bitmap_0001).map(drop)
    }
}
