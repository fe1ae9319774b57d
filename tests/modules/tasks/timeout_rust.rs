// SPDX-License-Identifier: GPL-2.0

//! A timeout that users see in milliseconds and code in jiffies, at most a minute.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{Int, Milliseconds, Sysctl, HZ};

module! {
    type: Module,
    name: "timeout_rust",
    authors: ["Your Name"],
    description: "A timeout",
    license: "GPL",
}

const SECOND: usize = HZ as usize;
static TIMEOUT: Int<usize, Milliseconds> = Int::bounded(SECOND, 0..=60 * SECOND).as_jiffies();

#[pin_data]
struct Module {
    #[pin]
    timeout: Sysctl<()>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            timeout <- Sysctl::dir(c"tasks/rust/timeout", (), |(), dir| {
                dir.read_write(c"timeout_ms", &TIMEOUT).map(drop)
            }),
        })
    }
}
