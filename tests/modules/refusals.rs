// SPDX-License-Identifier: GPL-2.0

//! Tries registrations that must fail, and logs their errors.

use kernel::{
    prelude::*,
    str::CString, //
};

pub mod sysctl;

use crate::sysctl::{
    Bitmap,
    Bool,
    Entry,
    Integers,
    ReadOnly,
    String,
    Sysctl,
    SysctlStorage,
    SysctlTable,
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
        log("view", single(ReadOnly(Bool::new(false))));
        let (least, greatest) = (2, 1);
        log("bounds", single(Integers::bounded([1], least..=greatest)));
        log("outside", single(Integers::bounded([0, 9], 0..=8)));
        log("string", single(String::<3>::new(b"four", TooLong::Cut)));
        log("line", single(String::<3>::new(b"a\nb", TooLong::Cut)));
        log("bitmap", single(Bitmap::<1>::new(65)));
        log("no bits", single(Bitmap::<1>::new(0)));
        log("taken", entry(c"kernel", c"ostype", 0o644));
        log("file", entry(c"kernel/ostype", c"name", 0o644));
        log(
            "twice",
            Sysctl::register_table(c"refusals", Twice(Bool::new(false))),
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

fn log<T: 'static, const N: usize>(what: &str, registration: impl PinInit<Sysctl<T, N>, Error>) {
    let errno = match KBox::pin_init(registration, GFP_KERNEL) {
        Ok(_) => 0,
        Err(error) => error.to_errno(),
    };
    pr_info!("{what}: {errno}\n");
}

fn entry<'a>(
    path: &'a CStr,
    name: &'static CStr,
    mode: u16,
) -> impl PinInit<Sysctl<Bool>, Error> + 'a {
    Sysctl::register(path, name, Bool::new(false), mode)
}

fn single<T: SysctlStorage + 'static, E: 'static>(
    storage: impl PinInit<T, E> + 'static,
) -> impl PinInit<Sysctl<T>, Error>
where
    Error: From<E>,
{
    Sysctl::register(c"refusals", c"name", storage, 0o644)
}

struct Twice(Bool);

impl SysctlTable<2> for Twice {
    fn entries(&self) -> Result<[Entry<'_>; 2]> {
        Ok([
            Entry::new(c"name", 0o644, &self.0)?,
            Entry::new(c"name", 0o644, &self.0)?,
        ])
    }
}
