// SPDX-License-Identifier: GPL-2.0

//! A module that rust-kheaders builds to see whether a build directory works.

use kernel::{
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

module! {
    type: Probe,
    name: "probe",
    authors: ["OxiMod"],
    description: "Shows that modules can be built",
    license: "GPL",
}

#[pin_data]
struct Probe {
    #[pin]
    value: Mutex<u32>,
}

impl kernel::InPlaceModule for Probe {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            value <- new_mutex!(1),
            _: { pr_info!("It works.\n") },
        })
    }
}
