// SPDX-License-Identifier: GPL-2.0

//! The entries of `drivers/cdrom/cdrom.c` with our types: a text that is computed, and switches
//! that act on drives.
//!
//! A drive that the parameters describe stands for those that C's drivers register. C shows at most
//! 1,000 bytes, which is more than one drive takes.

use core::fmt::Write;
use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{
    print_text,
    Dir,
    Int,
    Sysctl,
    SysctlShow, //
};

module! {
    type: Module,
    name: "cdrom_port",
    authors: ["The Man from Ox"],
    description: "The entries of cdrom",
    license: "GPL",
    params: {
        speed: u32 {
            default: 0,
            description: "The drive's speed, or 0 for no drive",
        },
        slots: u32 {
            default: 1,
            description: "How many disks it takes",
        },
        features: u32 {
            default: 0,
            description: "What it can do, as in C's CDC_*",
        },
    },
}

/// The lines about what a drive can do, in their order, with the bits of the feature.
const FEATURES: [(&str, u32); 17] = [
    ("Can close tray:\t", CLOSE_TRAY),
    ("Can open tray:\t", OPEN_TRAY),
    ("Can lock tray:\t", LOCK),
    ("Can change speed:", 0x8),
    ("Can select disk:", 0x10),
    ("Can read multisession:", 0x20),
    ("Can read MCN:\t", 0x40),
    ("Reports media changed:", 0x80),
    ("Can play audio:\t", 0x100),
    ("Can write CD-R:\t", 0x2000),
    ("Can write CD-RW:", 0x4000),
    ("Can read DVD:\t", 0x8000),
    ("Can write DVD-R:", 0x1_0000),
    ("Can write DVD-RAM:", 0x2_0000),
    ("Can read MRW:\t", 0x8_0000),
    ("Can write MRW:\t", 0x10_0000),
    ("Can write RAM:\t", 0x20_0000),
];
const CLOSE_TRAY: u32 = 0x1;
const OPEN_TRAY: u32 = 0x2;
const LOCK: u32 = 0x4;

/// What a drive is to do by itself.
const AUTO_CLOSE: u32 = 0x1;
const AUTO_EJECT: u32 = 0x2;
const LOCKED: u32 = 0x8;
const CHECK_TYPE: u32 = 0x10;

struct Drive {
    name: &'static str,
    speed: u32,
    slots: u32,
    features: u32,
    options: Int<u32>,
}

impl Drive {
    fn can(&self, feature: u32) -> bool {
        self.features & feature != 0
    }
}

/// The drives that there are, and the text about them.
struct Drives(Option<Drive>);

impl Drives {
    fn new() -> Self {
        let speed = module_parameters::speed.value();
        let drive = Drive {
            name: "sr0",
            speed,
            slots: module_parameters::slots.value(),
            features: module_parameters::features.value(),
            options: Int::new(0),
        };
        Self((speed != 0).then_some(drive))
    }

    fn all(&self) -> &[Drive] {
        self.0.as_slice()
    }

    fn write(&self, text: &mut impl Write) -> core::fmt::Result {
        text.write_str("CD-ROM information, Id: cdrom.c 3.20 2003/12/17\n")?;
        text.write_str("\ndrive name:\t")?;
        for drive in self.all() {
            write!(text, "\t{}", drive.name)?;
        }
        text.write_str("\ndrive speed:\t")?;
        for drive in self.all() {
            write!(text, "\t{}", drive.speed)?;
        }
        text.write_str("\ndrive # of slots:")?;
        for drive in self.all() {
            write!(text, "\t{}", drive.slots)?;
        }
        for (what, feature) in FEATURES {
            write!(text, "\n{what}")?;
            for drive in self.all() {
                write!(text, "\t{}", u8::from(drive.can(feature)))?;
            }
        }
        text.write_str("\n\n\n")
    }
}

impl SysctlShow for Drives {
    fn show(&self, data: &mut [u8]) -> Result<usize> {
        let mut page = Page { data, used: 0 };
        // It only ends early where the reader's buffer does.
        let _ = self.write(&mut page);
        Ok(page.used)
    }
}

/// Text that is cut where the buffer ends.
struct Page<'a> {
    data: &'a mut [u8],
    used: usize,
}

impl Write for Page<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let room = self.data.get_mut(self.used..).unwrap_or_default();
        let printed = print_text(text.as_bytes(), room);
        self.used = self.used.wrapping_add(printed);
        if printed == text.len() {
            Ok(())
        } else {
            Err(core::fmt::Error)
        }
    }
}

/// The switches: any number but 0 is on.
struct Cdrom {
    autoclose: Int<i32>,
    autoeject: Int<i32>,
    debug: Int<i32>,
    lock: Int<i32>,
    check_media: Int<i32>,
    drives: Drives,
}

impl Cdrom {
    fn new() -> Self {
        Self {
            autoclose: Int::new(1),
            autoeject: Int::new(0),
            debug: Int::new(0),
            lock: Int::new(1),
            check_media: Int::new(0),
            drives: Drives::new(),
        }
    }

    fn add<'a>(&'a self, dir: &mut Dir<'a>) -> Result {
        dir.read_only(c"info", &self.drives)?;
        for (name, switch) in [
            (c"autoclose", &self.autoclose),
            (c"autoeject", &self.autoeject),
            (c"debug", &self.debug),
            (c"lock", &self.lock),
            (c"check_media", &self.check_media),
        ] {
            dir.read_write(name, switch)?
                .on_write(|_, _| self.tell_drives())?;
        }
        Ok(())
    }

    /// Has each drive do what the switches say, as far as it can.
    fn tell_drives(&self) {
        for drive in self.drives.all() {
            let option = |switch: &Int<i32>, is_possible, option| {
                if switch.get() != 0 && is_possible {
                    option
                } else {
                    0
                }
            };
            drive.options.set(
                option(&self.autoclose, drive.can(CLOSE_TRAY), AUTO_CLOSE)
                    | option(&self.autoeject, drive.can(OPEN_TRAY), AUTO_EJECT)
                    | option(&self.lock, drive.can(LOCK), LOCKED)
                    | option(&self.check_media, true, CHECK_TYPE),
            );
        }
    }
}

#[pin_data(PinnedDrop)]
struct Module {
    #[pin]
    cdrom: Sysctl<Cdrom>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            cdrom <- Sysctl::dir(c"dev/cdrom", Cdrom::new(), Cdrom::add),
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Module {
    fn drop(self: Pin<&mut Self>) {
        for drive in self.cdrom.drives.all() {
            pr_info!(
                "{} has the options {:#x}\n",
                drive.name,
                drive.options.get()
            );
        }
    }
}
