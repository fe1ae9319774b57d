// SPDX-License-Identifier: GPL-2.0

//! OxiMod: a bit under `/proc/sys`, `example/atom`.

use kernel::prelude::*;

mod atom;
pub mod sysctl;

use crate::{atom::Atom, sysctl::Sysctl};

module! {
    type: OxiMod,
    name: "oximod",
    authors: ["The Man from Ox"],
    description: "Oxidize the Kernel",
    license: "GPL",
}

/// The version that `modinfo` and `/sys/module/oximod/version` show.
///
/// The `module!` macro has no key for a version. C's `MODULE_VERSION` expands to the same entry.
#[cfg(MODULE)]
#[link_section = ".modinfo"]
#[used(compiler)]
static VERSION: [u8; 14] = *b"version=0.1.0\0";

#[pin_data(PinnedDrop)]
struct OxiMod {
    #[pin]
    _atom: Sysctl<Atom>,
}

impl kernel::InPlaceModule for OxiMod {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pr_info!("Hello world, I am oximod!\n");

        try_pin_init!(Self {
            _atom <- Sysctl::dir(c"example", Atom::new(), |atom, dir| {
                dir.read_write(c"atom", atom)?.announce(module, c"OXIMOD_ATOM")?;
                Ok(())
            }),
        })
    }
}

#[pinned_drop]
impl PinnedDrop for OxiMod {
    fn drop(self: Pin<&mut Self>) {
        pr_info!("Bye!\n");
    }
}
