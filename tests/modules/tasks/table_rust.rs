// SPDX-License-Identifier: GPL-2.0

//! Eight entries of a directory: switches, numbers with bounds, a name, ports and a counter for reading.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{words_for, Bits, Bool, Int, Sysctl, Text};

module! {
    type: Module,
    name: "table_rust",
    authors: ["Your Name"],
    description: "A directory",
    license: "GPL",
}

static ENABLED: Bool = Bool::new(true);
static VERBOSE: Bool = Bool::new(false);
static LEVEL: Int<i32> = Int::bounded(60, 0..=100);
static RETRIES: Int<i32> = Int::bounded(3, 1..=10);
static WEIGHT: Int<u8> = Int::new(5);
static NAME: Text<15> = Text::new(b"nobody");
static PORTS: Bits<{ words_for(65_536) }> = Bits::new(65_536);
static HITS: Int<usize> = Int::new(0);

#[pin_data]
struct Module {
    #[pin]
    table: Sysctl<()>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            table <- Sysctl::dir(c"tasks/rust/table", (), |(), dir| {
                dir.read_write(c"enabled", &ENABLED)?;
                dir.read_write(c"verbose", &VERBOSE)?;
                dir.read_write(c"level", &LEVEL)?;
                dir.read_write(c"retries", &RETRIES)?;
                dir.read_write(c"weight", &WEIGHT)?;
                dir.read_write(c"name", &NAME)?;
                dir.entry(c"ports", 0o600, &PORTS)?;
                dir.read_only(c"hits", &HITS).map(drop)
            }),
        })
    }
}
