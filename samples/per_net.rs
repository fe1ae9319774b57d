// SPDX-License-Identifier: GPL-2.0

//! A directory `/proc/sys/net/per_net` in each network namespace: values of its own, one that all
//! share, and a check that looks at another entry.

use kernel::prelude::*;

pub mod net;
pub mod sysctl;

use crate::{
    net::{
        Net,
        NetDir,
        NetSysctl,
        PerNet, //
    },
    sysctl::{
        Bool,
        Int, //
    },
};

module! {
    type: Module,
    name: "per_net",
    authors: ["Your Name"],
    description: "Entries of network namespaces",
    license: "GPL",
}

/// The same in all namespaces. Only the initial one can write it.
static CEILING: Int<i32> = Int::bounded(1000, 0..=10_000);

/// What each namespace has for itself.
struct Settings {
    enabled: Bool,
    limit: Int<i32>,
    writes: Int<u64>,
}

net::namespaced!(Settings);

impl NetSysctl for Settings {
    const PATH: &'static CStr = c"net/per_net";

    fn new(net: &Net) -> impl PinInit<Self, Error> {
        Ok(Self {
            enabled: Bool::new(net.is_initial()),
            limit: Int::bounded(100, 0..=10_000),
            writes: Int::new(0),
        })
    }

    fn entries<'a>(&'a self, dir: &mut NetDir<'a>) -> Result {
        dir.shared(c"ceiling", &CEILING)?;
        dir.read_only(c"writes", &self.writes)?;
        dir.read_write(c"limit", &self.limit)?
            .validate(|new| {
                if *new <= CEILING.get() {
                    Ok(())
                } else {
                    Err(EINVAL)
                }
            })?
            .on_write(|_, _| self.writes.add(1))?;
        // Anybody can make a user namespace, and be root there.
        if dir.net().is_owned_by_init_user_ns() {
            dir.read_write(c"enabled", &self.enabled)?;
        }
        Ok(())
    }
}

struct Module {
    settings: PerNet<Settings>,
}

impl kernel::Module for Module {
    fn init(module: &'static ThisModule) -> Result<Self> {
        Ok(Self {
            settings: PerNet::register(module)?,
        })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        if let Some(settings) = self.settings.get(Net::initial()) {
            pr_info!("limit {}\n", settings.limit.get());
        }
    }
}
