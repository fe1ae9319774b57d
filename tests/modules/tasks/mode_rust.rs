// SPDX-License-Identifier: GPL-2.0

//! A number that must be even. Each change is logged, in the order of the values.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{Int, Sysctl};

module! {
    type: Module,
    name: "mode_rust",
    authors: ["Your Name"],
    description: "A number with a check and an action",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    mode: Sysctl<Int<i32>>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            mode <- Sysctl::dir(c"tasks/rust/mode", Int::new(0), |mode, dir| {
                dir.read_write(c"mode", mode)?
                    .validate(|new| if *new % 2 == 0 { Ok(()) } else { Err(EINVAL) })?
                    .on_write(|old, new| {
                        if old != new {
                            pr_info!("mode: {old}, then {new}\n");
                        }
                    })
            }),
        })
    }
}
