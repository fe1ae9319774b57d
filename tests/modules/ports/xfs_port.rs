// SPDX-License-Identifier: GPL-2.0

//! The entries of `fs/xfs/xfs_sysctl.c` with our types: numbers with bounds, and one that acts.
//!
//! A count stands for the statistics, which `stats_clear` clears. C copies `panic_mask` into
//! another variable when it is written. Here, whoever needs it reads the value behind the entry.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{
    Int,
    Sysctl, //
};

module! {
    type: Module,
    name: "xfs_port",
    authors: ["The Man from Ox"],
    description: "The entries of xfs",
    license: "GPL",
}

/// A bit for each kind of error, 9 in all.
static PANIC_MASK: Int<i32> = Int::bounded(0, 0..=0x1ff);
static ERROR_LEVEL: Int<i32> = Int::bounded(3, 0..=11);
static XFSSYNCD_CENTISECS: Int<i32> = Int::bounded(30 * SECOND, SECOND..=2 * HOUR);
static INHERIT_SYNC: Int<i32> = Int::bounded(1, 0..=1);
static INHERIT_NODUMP: Int<i32> = Int::bounded(1, 0..=1);
static INHERIT_NOATIME: Int<i32> = Int::bounded(1, 0..=1);
static INHERIT_NOSYMLINKS: Int<i32> = Int::bounded(0, 0..=1);
static INHERIT_NODEFRAG: Int<i32> = Int::bounded(1, 0..=1);
static ROTORSTEP: Int<i32> = Int::bounded(1, 1..=255);
static FILESTREAM_CENTISECS: Int<i32> = Int::bounded(30 * SECOND, 1..=HOUR);
/// In seconds.
static SPECULATIVE_PREALLOC_LIFETIME: Int<i32> = Int::bounded(300, 1..=24 * 60 * 60);
static STATS_CLEAR: Int<i32> = Int::bounded(0, 0..=1);

/// In hundredths of seconds, as the next one.
const SECOND: i32 = 100;
const HOUR: i32 = 60 * 60 * SECOND;

/// What is cleared.
static STATISTICS: Int<u64> = Int::new(1);

#[pin_data]
struct Module {
    #[pin]
    entries: Sysctl<()>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entries <- Sysctl::dir(c"fs/xfs", (), |(), dir| {
                dir.read_write(c"panic_mask", &PANIC_MASK)?;
                dir.read_write(c"error_level", &ERROR_LEVEL)?;
                dir.read_write(c"xfssyncd_centisecs", &XFSSYNCD_CENTISECS)?;
                dir.read_write(c"inherit_sync", &INHERIT_SYNC)?;
                dir.read_write(c"inherit_nodump", &INHERIT_NODUMP)?;
                dir.read_write(c"inherit_noatime", &INHERIT_NOATIME)?;
                dir.read_write(c"inherit_nosymlinks", &INHERIT_NOSYMLINKS)?;
                dir.read_write(c"inherit_nodefrag", &INHERIT_NODEFRAG)?;
                dir.read_write(c"rotorstep", &ROTORSTEP)?;
                dir.read_write(c"filestream_centisecs", &FILESTREAM_CENTISECS)?;
                dir.read_write(c"speculative_prealloc_lifetime", &SPECULATIVE_PREALLOC_LIFETIME)?;
                dir.read_write(c"stats_clear", &STATS_CLEAR)?
                    .on_write(|_, new| {
                        if *new != 0 {
                            pr_notice!("Clearing xfsstats\n");
                            STATISTICS.set(0);
                            STATS_CLEAR.set(0);
                        }
                    })
            }),
        })
    }
}
