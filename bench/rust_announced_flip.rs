// SPDX-License-Identifier: GPL-2.0

//! What `rust_flip.rs` is, but it announces its changes.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{Bool, Sysctl};

module! {
    type: Module,
    name: "rust_announced_flip",
    authors: ["The Man from Ox"],
    description: "An entry to be measured",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    entry: Sysctl<Bool>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            entry <- Sysctl::dir(c"bench", Bool::new(false), |entry, dir| {
                dir.read_write(c"rust_announced_flip", entry)?
                    .announce(module, c"BENCH_FLIP")?;
                Ok(())
            }),
        })
    }
}
