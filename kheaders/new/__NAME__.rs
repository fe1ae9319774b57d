// SPDX-License-Identifier: GPL-2.0

//! `/proc/sys/__NAME__/level`: a number from 0 to 100.

use kernel::prelude::*;

#[path = "/usr/share/rust-kheaders/sysctl/mod.rs"]
pub mod sysctl;

use crate::sysctl::{Int, Sysctl};

module! {
    type: __TYPE__,
    name: "__NAME__",
    authors: ["__AUTHOR__"],
    description: "A number under /proc/sys",
    license: "GPL",
}

/// Any code of the module reads it with `LEVEL.get()`.
static LEVEL: Int<i32> = Int::bounded(50, 0..=100);

#[pin_data]
struct __TYPE__ {
    #[pin]
    _entries: Sysctl<()>,
}

impl kernel::InPlaceModule for __TYPE__ {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _entries <- Sysctl::dir(c"__NAME__", (), |_, dir| {
                dir.read_write(c"level", &LEVEL)?
                    .on_write(|old, new| pr_info!("level: {old}, then {new}\n"))
            }),
        })
    }
}
