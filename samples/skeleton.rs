// SPDX-License-Identifier: GPL-2.0

//! A module to start from: `/proc/sys/skeleton/colour` takes one of three words. The module
//! implements the storage behind it.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};

pub mod sysctl;

use crate::sysctl::{print_text, Sysctl, SysctlStorage};

module! {
    type: Skeleton,
    name: "skeleton",
    authors: ["Your Name"],
    description: "A module to start from",
    license: "GPL",
}

const COLOURS: [&[u8]; 3] = [b"red\n", b"green\n", b"blue\n"];

/// The index of a colour. Any number of tasks may read and write it at once.
struct Colour(Atomic<usize>);

impl SysctlStorage for Colour {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let word = data.trim_ascii();
        let colour = COLOURS
            .iter()
            .position(|colour| colour.trim_ascii() == word);
        self.0.store(colour.ok_or(EINVAL)?, Relaxed);
        Ok(data.len())
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let colour = COLOURS.get(self.0.load(Relaxed)).ok_or(EINVAL)?;
        Ok(print_text(colour, data))
    }
}

#[pin_data]
struct Skeleton {
    #[pin]
    _colour: Sysctl<Colour>,
}

impl kernel::InPlaceModule for Skeleton {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let red = Colour(Atomic::new(0));
        try_pin_init!(Self {
            _colour <- Sysctl::register(c"skeleton", c"colour", red, 0o644),
        })
    }
}
