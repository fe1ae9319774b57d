// SPDX-License-Identifier: GPL-2.0

//! A module that rust-kheaders builds to see whether a build directory works.

use kernel::prelude::*;

module! {
    type: Probe,
    name: "probe",
    authors: ["OxiMod"],
    description: "Shows that modules can be built",
    license: "GPL",
}

struct Probe;

impl kernel::Module for Probe {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("It works.\n");
        Ok(Self)
    }
}
