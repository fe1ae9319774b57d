// SPDX-License-Identifier: GPL-2.0

//! A number from 0 to 100, which is 60 at first.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{Int, Sysctl};

module! {
    type: Module,
    name: "level_rust",
    authors: ["Your Name"],
    description: "A number",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    level: Sysctl<Int<i32>>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            level <- Sysctl::register(c"tasks/rust/level", c"level", Int::bounded(60, 0..=100), 0o644),
        })
    }
}
