// SPDX-License-Identifier: GPL-2.0

//! OxiMod: a bit under `/proc/sys`, `example/atom`.

use kernel::prelude::*;

mod atom;
mod sysctl;

use crate::{
    atom::Atom,
    sysctl::Sysctl, //
};

module! {
    type: OxiMod,
    name: "oximod",
    authors: ["The Man from Ox"],
    description: "Oxidize the Kernel",
    license: "GPL",
}

/// What `modinfo` and `/sys/module/oximod/version` show.
///
/// The `module!` macro has no key for it; this is what C's `MODULE_VERSION` expands to.
#[cfg(MODULE)]
#[link_section = ".modinfo"]
#[used]
static VERSION: [u8; 14] = *b"version=0.1.0\0";

struct OxiMod {
    _atom: Sysctl<Atom>,
}

impl kernel::Module for OxiMod {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("Hello world, I am oximod!\n");

        Ok(OxiMod {
            _atom: Sysctl::register(c"example", c"atom", Atom::new(), 0o644)?,
        })
    }
}

impl Drop for OxiMod {
    fn drop(&mut self) {
        pr_info!("Bye!\n");
    }
}
