// SPDX-License-Identifier: GPL-2.0

//! Tries registrations in network namespaces that must fail, and logs their errors.

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
        Sysctl, //
    },
};

module! {
    type: Module,
    name: "no_spaces",
    authors: ["The Man from Ox"],
    description: "Tries registrations in network namespaces that must fail",
    license: "GPL",
}

static STATIC: Bool = Bool::new(false);

// SAFETY: A part of the kernel itself has NULL there.
static BUILT_IN: ThisModule = unsafe { ThisModule::from_ptr(core::ptr::null_mut()) };

/// A type with a value and these entries.
macro_rules! space {
    ($type:ident, $path:literal, |$value:ident, $dir:ident| $entries:expr) => {
        struct $type(Bool);

        net::namespaced!($type);

        impl NetSysctl for $type {
            const PATH: &'static CStr = $path;

            fn new(_net: &Net) -> impl PinInit<Self, Error> {
                Ok(Self(Bool::new(false)))
            }

            fn entries<'a>(&'a self, $dir: &mut NetDir<'a>) -> Result {
                let $value = &self.0;
                $entries.map(drop)
            }
        }
    };
}

space!(Path, c"net//no_spaces", |value, dir| dir
    .read_write(c"name", value));
space!(Name, c"net/no_spaces", |value, dir| dir
    .read_write(c"a/b", value));
space!(Taken, c"net/core", |value, dir| dir
    .read_write(c"somaxconn", value));
space!(Static, c"net/no_spaces", |_value, dir| dir
    .read_write(c"name", &STATIC));
space!(Announced, c"net/no_spaces", |value, dir| dir
    .read_write(c"name", value)?
    .announce(&BUILT_IN, c"NAME"));
// Who loads the module has a namespace in which this is right.
space!(Twice, c"net/no_spaces", |value, dir| {
    if !dir.net().is_initial() {
        dir.read_write(c"name", value)?;
    }
    dir.read_write(c"name", value)
});
space!(Good, c"net/no_spaces", |value, dir| dir
    .read_write(c"name", value));

struct Module {
    _good: PerNet<Good>,
}

impl kernel::Module for Module {
    fn init(module: &'static ThisModule) -> Result<Self> {
        log("path", PerNet::<Path>::register(module));
        log("name", PerNet::<Name>::register(module));
        log("taken", PerNet::<Taken>::register(module));
        log("static", PerNet::<Static>::register(module));
        log("announced", PerNet::<Announced>::register(module));
        log("twice", PerNet::<Twice>::register(module));
        log("good", PerNet::<Good>::register(module));
        let good = PerNet::register(module)?;
        log("again", PerNet::<Good>::register(module));
        // All namespaces have that directory for themselves.
        let entry = Sysctl::register(c"net/no_spaces", c"for_all", Bool::new(false), 0o644);
        log("for all", KBox::pin_init(entry, GFP_KERNEL));
        Ok(Self { _good: good })
    }
}

fn log<T>(what: &str, result: Result<T>) {
    let errno = result.err().map_or(0, Error::to_errno);
    pr_info!("{what}: {errno}\n");
}
