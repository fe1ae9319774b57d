// SPDX-License-Identifier: GPL-2.0

//! An entry with a data race. KCSAN must report it, which shows that it watches Rust code.

use core::cell::UnsafeCell;
use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{Sysctl, SysctlStorage};

module! {
    type: Module,
    name: "racy",
    authors: ["The Man from Ox"],
    description: "A data race",
    license: "GPL",
}

struct Racy(UnsafeCell<u64>);

// SAFETY: Deliberately violated: KCSAN must report this race. Every bit pattern is a valid value.
unsafe impl Sync for Racy {}

// SAFETY: As above.
unsafe impl Send for Racy {}

impl SysctlStorage for Racy {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let value = data.first().ok_or(EINVAL)?;
        // SAFETY: As above.
        unsafe { *self.0.get() = u64::from(*value) };
        Ok(data.len())
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        // SAFETY: As above.
        let value = unsafe { *self.0.get() };
        *data.first_mut().ok_or(EINVAL)? = value as u8;
        Ok(1)
    }
}

#[pin_data]
struct Module {
    #[pin]
    _entry: Sysctl<Racy>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let racy = Racy(UnsafeCell::new(u64::from(b'0')));
        try_pin_init!(Self {
            _entry <- Sysctl::register(c"racy", c"value", racy, 0o644),
        })
    }
}
