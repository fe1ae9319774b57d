// SPDX-License-Identifier: GPL-2.0

//! Entries with checks and actions, which log what they get.

use core::sync::atomic::{
    AtomicU64,
    Ordering::Relaxed, //
};
use kernel::{
    bindings,
    error::{
        from_err_ptr,
        to_result, //
    },
    prelude::*, //
};

pub mod sysctl;

use crate::sysctl::{
    words_for,
    Bits,
    Bool,
    Dir,
    Int,
    Milliseconds,
    Sysctl,
    Text, //
};

module! {
    type: Module,
    name: "hooks",
    authors: ["The Man from Ox"],
    description: "Entries with checks and actions",
    license: "GPL",
}

#[pin_data]
struct Module {
    #[pin]
    hooks: Sysctl<Hooks>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            hooks <- Sysctl::dir(c"hooks", Hooks::new(), Hooks::add),
        })
    }
}

/// A static, which others could write as well.
static STATIC: Bool = Bool::new(false);

struct Hooks {
    even: Int<i32>,
    row: Int<[u8; 3]>,
    ms: Int<i32, Milliseconds>,
    word: Text<7>,
    bits: Bits<{ words_for(100) }>,
    pair: Int<[u32; 2]>,
    acted: Int<u32>,
    last: AtomicU64,
    chain: Int<u64>,
    breaks: Int<u32>,
    slow: Int<i32>,
    again: Int<i32>,
    _dropped: Dropped,
}

impl Hooks {
    fn new() -> Self {
        Self {
            even: Int::bounded(2, 0..=100),
            row: Int::new([1, 2, 3]),
            ms: Int::new(0).as_jiffies(),
            word: Text::new(b"word"),
            bits: Bits::new(100),
            pair: Int::new([0, 0]),
            acted: Int::new(0),
            last: AtomicU64::new(0),
            chain: Int::new(0),
            breaks: Int::new(0),
            slow: Int::new(0),
            again: Int::new(0),
            _dropped: Dropped("storage"),
        }
    }

    fn add<'a>(&'a self, dir: &mut Dir<'a>) -> Result {
        dir.read_write(c"even", &self.even)?
            .validate(|new| if new % 2 == 0 { Ok(()) } else { Err(EPERM) })?
            .validate(|new| if *new != 42 { Ok(()) } else { Err(EBUSY) })?
            .on_write(|old, new| {
                self.acted.add(1);
                pr_info!("even: {old}, {new}\n");
            })?;
        dir.read_write(c"row", &self.row)?
            .on_write(|old, new| pr_info!("row: {old:?}, {new:?}\n"))?;
        dir.read_write(c"ms", &self.ms)?
            .on_write(|old, new| pr_info!("ms: {old}, {new}\n"))?;
        dir.read_write(c"static", &STATIC)?
            .on_write(|old, new| pr_info!("static: {old}, {new}\n"))?;
        dir.read_write(c"word", &self.word)?
            .validate(|new| if new.is_empty() { Err(E2BIG) } else { Ok(()) })?
            .on_write(|old, new| pr_info!("word: {old}, {new}\n"))?;
        // What the module changes while a write is under way stays.
        dir.read_write(c"pair", &self.pair)?.validate(|_| {
            self.pair.add([0, 1]);
            self.bits.set(99, true);
            Ok(())
        })?;
        dir.read_write(c"bits", &self.bits)?
            .validate(|_| {
                self.bits.set(50, true);
                Ok(())
            })?
            .on_write(|old, new| pr_info!("bits: {old:x?}, {new:x?}\n"))?;
        dir.read_only(c"acted", &self.acted)?;

        // Each action must get the value before it as the action before has got it.
        dir.read_write(c"chain", &self.chain)?
            .on_write(|old, new| {
                let last = self.last.swap(*new, Relaxed);
                self.breaks.add(u32::from(last != *old));
            })?;
        dir.read_only(c"breaks", &self.breaks)?;

        let dropped = Dropped("closure");
        dir.read_write(c"slow", &self.slow)?
            .on_write(move |_, new| {
                // SAFETY: This may sleep.
                unsafe { bindings::msleep(2000) };
                pr_info!("slow: {new}, {}\n", dropped.name());
            })?;
        dir.read_write(c"again", &self.again)?.on_write(|_, new| {
            let nested = write(c"/proc/sys/hooks/again", b"7").err();
            pr_info!("again: {new}, {}\n", nested.map_or(0, Error::to_errno));
        })
    }
}

/// Says when it is dropped.
struct Dropped(&'static str);

impl Dropped {
    fn name(&self) -> &str {
        self.0
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        pr_info!("dropped: {}\n", self.0);
    }
}

/// Writes a file, as a user would.
fn write(path: &CStr, data: &[u8]) -> Result {
    // SAFETY: `path` is NUL-terminated.
    let file = unsafe { bindings::filp_open(path.as_char_ptr(), bindings::O_WRONLY as c_int, 0) };
    let file = from_err_ptr(file)?;
    let mut position = 0;
    // SAFETY: `file` is open for writing, and `data` and `position` are valid.
    let written =
        unsafe { bindings::kernel_write(file, data.as_ptr().cast(), data.len(), &mut position) };
    // SAFETY: `filp_open()` returned this reference, and nothing else uses it.
    unsafe { bindings::fput(file) };
    to_result(written as c_int)
}
