// SPDX-License-Identifier: GPL-2.0

//! Values and entries of network namespaces, in `/proc/sys/net/spaces`. `/proc/sys/spaces` tells how many there are,
//! and has the next ones fail.

use core::sync::atomic::{
    AtomicI32,
    Ordering::Relaxed, //
};
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
        print_value,
        words_for,
        Bits,
        Bool,
        Int,
        Sysctl,
        SysctlShow,
        Text, //
    },
};

module! {
    type: Module,
    name: "spaces",
    authors: ["The Man from Ox"],
    description: "Values and entries of network namespaces",
    license: "GPL",
}

/// How many namespaces have values, and how many there have been.
static ALIVE: AtomicI32 = AtomicI32::new(0);
static MADE: AtomicI32 = AtomicI32::new(0);

/// The error with which the next ones fail, while their values are made or when these have entries.
static FAIL_VALUES: Int<i32> = Int::bounded(0, 0..=4095);
static FAIL_ENTRIES: Int<i32> = Int::bounded(0, 0..=4095);

static SHARED: Text<15> = Text::new(b"all");

fn fail(with: &Int<i32>) -> Result {
    match with.get() {
        0 => Ok(()),
        errno => Err(Error::from_errno(errno.wrapping_neg())),
    }
}

/// What a namespace has.
#[pin_data(PinnedDrop)]
struct Space {
    number: Int<i32>,
    least: Int<i32>,
    text: KBox<Text<31>>,
    bits: Bits<{ words_for(128) }>,
    enabled: Bool,
    order: i32,
}

#[pinned_drop]
impl PinnedDrop for Space {
    fn drop(self: Pin<&mut Self>) {
        ALIVE.fetch_sub(1, Relaxed);
    }
}

/// Which one it is.
impl SysctlShow for Space {
    fn show(&self, data: &mut [u8]) -> Result<usize> {
        Ok(print_value(self.order, data))
    }
}

net::namespaced!(Space);

impl NetSysctl for Space {
    const PATH: &'static CStr = c"net/spaces";

    fn new(_net: &Net) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            number: Int::bounded(100, -1000..=1000),
            least: Int::new(0),
            text: KBox::new(Text::new(b"own"), GFP_KERNEL)?,
            bits: Bits::new(128),
            enabled: Bool::new(false),
            _: {
                fail(&FAIL_VALUES)?;
                ALIVE.fetch_add(1, Relaxed);
            },
            order: MADE.fetch_add(1, Relaxed),
        }? Error)
    }

    fn entries<'a>(&'a self, dir: &mut NetDir<'a>) -> Result {
        let net = dir.net();
        dir.read_only(c"order", self)?;
        dir.shared(c"shared", &SHARED)?;
        dir.read_only(c"shared_too", &SHARED)?;
        dir.read_write(c"least", &self.least)?;
        dir.read_write(c"text", &*self.text)?;
        dir.read_write(c"bits", &self.bits)?;
        dir.entry(c"enabled", 0o600, &self.enabled)?;
        dir.read_write(c"number", &self.number)?
            .validate(|new| {
                // Only where the namespace is the one that it seems to be.
                let is_own = Net::with_current(|current| core::ptr::eq(current, net));
                match is_own {
                    Some(true) if *new >= self.least.get() => Ok(()),
                    _ => Err(EINVAL),
                }
            })?
            .on_write(|_, new| self.enabled.set(*new == 7))?;
        fail(&FAIL_ENTRIES)
    }
}

/// What the whole system has.
struct System {
    spaces: PerNet<Space>,
}

/// The number of the namespace of whoever asks.
impl SysctlShow for System {
    fn show(&self, data: &mut [u8]) -> Result<usize> {
        let number = |net: &Net| Some(self.spaces.get(net)?.number.get());
        let number = Net::with_current(number).flatten().ok_or(ESRCH)?;
        Ok(print_value(number, data))
    }
}

struct Count(&'static AtomicI32);

impl SysctlShow for Count {
    fn show(&self, data: &mut [u8]) -> Result<usize> {
        Ok(print_value(self.0.load(Relaxed), data))
    }
}

static SHOW_ALIVE: Count = Count(&ALIVE);
static SHOW_MADE: Count = Count(&MADE);

#[pin_data]
struct Module {
    #[pin]
    first: Sysctl<Bool>,
    part: Pin<KBox<Sysctl<Bool>>>,
    #[pin]
    system: Sysctl<System>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        // SAFETY: The initial namespace never goes.
        let part = unsafe {
            Sysctl::dir_in_unchecked(
                module,
                Net::initial(),
                c"net/spaces/part",
                Bool::new(true),
                |value, dir| dir.read_write(c"up", value).map(drop),
            )
        };
        try_pin_init!(Self {
            first <- Sysctl::dir_in(
                Net::initial(),
                c"net/spaces/first",
                Bool::new(true),
                |value, dir| dir.read_write(c"only", value).map(drop),
            ),
            part: KBox::pin_init(part, GFP_KERNEL)?,
            system <- Sysctl::dir(
                c"spaces",
                System {
                    spaces: PerNet::register(module)?,
                },
                |system, dir| {
                    dir.read_only(c"number", system)?;
                    dir.read_only(c"alive", &SHOW_ALIVE)?;
                    dir.read_only(c"made", &SHOW_MADE)?;
                    dir.read_write(c"fail_values", &FAIL_VALUES)?;
                    dir.read_write(c"fail_entries", &FAIL_ENTRIES).map(drop)
                },
            ),
        })
    }
}
