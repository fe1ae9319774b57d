// SPDX-License-Identifier: GPL-2.0

//! Tries registrations that must fail, and logs their errors.

use kernel::{
    prelude::*,
    str::CString, //
};

pub mod sysctl;

use crate::sysctl::{
    Bits,
    Bool,
    Int,
    Sysctl,
    Text,
    TooLong, //
};

module! {
    type: Module,
    name: "refusals",
    authors: ["The Man from Ox"],
    description: "Tries registrations that must fail",
    license: "GPL",
}

struct Module;

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        for name in [c"", c".", c"..", c".name", c"a/b"] {
            log("name", entry(c"refusals", name, 0o644));
        }
        for path in [c"", c"/", c"/refusals", c"refusals/", c"a//b", c"a/../b"] {
            log("path", entry(path, c"name", 0o644));
        }
        log("long", entry(c"refusals", TOO_LONG, 0o644));
        for mode in [0o755, 0o1644] {
            log("mode", entry(c"refusals", c"name", mode));
        }
        let (least, greatest) = (2, 1);
        made("bounds", Int::try_bounded(1, least..=greatest));
        made("outside", Int::try_bounded([0, 9], 0..=8));
        made("text", Text::<3>::try_new(b"four", TooLong::Cut));
        made("bits", Bits::<1>::try_new(65));
        made("no bits", Bits::<1>::try_new(0));
        log("taken", entry(c"kernel", c"ostype", 0o644));
        log("file", entry(c"kernel/ostype", c"name", 0o644));
        log(
            "twice",
            Sysctl::dir(c"refusals", Bool::new(false), |value, dir| {
                dir.read_write(c"name", value)?;
                dir.read_write(c"name", value).map(drop)
            }),
        );
        let path = CString::try_from_fmt(fmt!("refusals/{}", 1))?;
        log("good", entry(&path, c"name", 0o644));
        Ok(Module)
    }
}

/// A name that is one character too long.
const TOO_LONG: &CStr = {
    const NAME: &[u8; 257] = &{
        let mut name = [b'n'; 257];
        name[256] = 0;
        name
    };
    match CStr::from_bytes_with_nul(NAME) {
        Ok(name) => name,
        Err(_) => c"",
    }
};

fn log<T: 'static>(what: &str, registration: impl PinInit<Sysctl<T>, Error>) {
    made(what, KBox::pin_init(registration, GFP_KERNEL));
}

fn made<T>(what: &str, result: Result<T>) {
    let errno = result.err().map_or(0, Error::to_errno);
    pr_info!("{what}: {errno}\n");
}

fn entry<'a>(
    path: &'a CStr,
    name: &'static CStr,
    mode: u16,
) -> impl PinInit<Sysctl<Bool>, Error> + 'a {
    Sysctl::register(path, name, Bool::new(false), mode)
}
