// SPDX-License-Identifier: GPL-2.0

//! Replaces `lib/test_sysctl.c`, so that the kernel's own `sysctl.sh` tests our storage. It has the
//! same names, modes, defaults and ranges under `/proc/sys/debug/test_sysctl`.
//!
//! For what `sysctl.sh` tests of C's own registration, it calls C: see `c.rs`.

use kernel::{
    prelude::*,
    sync::Arc, //
};

mod c;
pub mod sysctl;

use crate::sysctl::{
    words_for,
    Bitmap,
    Entry,
    Integers,
    ReadOnly,
    String,
    Sysctl,
    SysctlTable,
    TooLong, //
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
    entries: Sysctl<Entries, 8>,
    #[pin]
    u8_valid: Sysctl<Integers<u8>>,
    #[pin]
    empty_add: Sysctl<Empty, 0>,
    #[pin]
    empty: Sysctl<Empty, 0>,
    mount_point: c::Registered,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries <- Sysctl::register_table(c"debug/test_sysctl", Entries::new()),
            _: {
                let nested = Sysctl::register(
                    c"debug/test_sysctl/unregister_error",
                    c"unregister_error",
                    Integers::bounded([60], 0..=100),
                    0o644,
                );
                drop(KBox::pin_init(nested, GFP_KERNEL)?);
                c::refuses(c"debug/test_sysctl", c"u8_over", 4, 1000)?;
                c::refuses(c"debug/test_sysctl", c"u8_under", -1, 100)?;
            },
            u8_valid <- Sysctl::register(
                c"debug/test_sysctl",
                c"u8_valid",
                Integers::bounded([58], 0..=200),
                0o644,
            ),
            empty_add <- Sysctl::register_table(c"debug/test_sysctl/empty_add", Empty),
            empty <- Sysctl::register_table(c"debug/test_sysctl/empty_add/empty", Empty),
            mount_point: c::mount_point(c"debug/test_sysctl/mnt")?,
            _: {
                // A mount point takes no entries.
                let error = Sysctl::register(
                    c"debug/test_sysctl/mnt",
                    c"mnt_error",
                    Integers::new([60]),
                    0o644,
                );
                if KBox::pin_init(error, GFP_KERNEL).is_ok() {
                    return Err(EINVAL);
                }
            },
        })
    }
}

/// A directory without entries.
struct Empty;

impl SysctlTable<0> for Empty {
    fn entries(&self) -> Result<[Entry<'_>; 0]> {
        Ok([])
    }
}

#[pin_data]
struct Entries {
    int_0001: Integers<i32>,
    int_0002: Integers<i32>,
    int_0003: Integers<i32, 4>,
    match_int: ReadOnly<Arc<Integers<i32>>>,
    boot_int: Integers<i32>,
    uint_0001: Integers<u32>,
    #[pin]
    string_0001: String<64>,
    #[pin]
    bitmap_0001: Bitmap<{ words_for(65_536) }>,
}

impl Entries {
    fn new() -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            int_0001: Integers::bounded([60], 0..=100),
            int_0002: Integers::new([1]),
            int_0003: Integers::new([0, 1, 2, 3]),
            match_int: {
                let match_int = Arc::new(Integers::new([0]), GFP_KERNEL)?;
                match_int.set([c::shared_constants_match().into()]);
                ReadOnly(match_int)
            },
            boot_int: Integers::new([0]),
            uint_0001: Integers::new([314]),
            string_0001 <- String::new(b"(none)", TooLong::Cut),
            bitmap_0001 <- Bitmap::new(65_536),
        })
    }
}

impl SysctlTable<8> for Entries {
    fn entries(&self) -> Result<[Entry<'_>; 8]> {
        Ok([
            Entry::new(c"int_0001", 0o644, &self.int_0001)?,
            Entry::new(c"int_0002", 0o644, &self.int_0002)?,
            Entry::new(c"int_0003", 0o644, &self.int_0003)?,
            Entry::new(c"match_int", 0o444, &self.match_int)?,
            Entry::new(c"boot_int", 0o644, &self.boot_int)?,
            Entry::new(c"uint_0001", 0o644, &self.uint_0001)?,
            Entry::new(c"string_0001", 0o644, &self.string_0001)?,
            Entry::new(c"bitmap_0001", 0o644, &self.bitmap_0001)?,
        ])
    }
}
