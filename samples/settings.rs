// SPDX-License-Identifier: GPL-2.0

//! A directory with five entries, `/proc/sys/settings`: a check, an action, values in use.

use kernel::prelude::*;

pub mod sysctl;

use crate::sysctl::{
    Bool,
    Int,
    Milliseconds,
    Sysctl,
    Text,
    HZ, //
};

module! {
    type: Module,
    name: "settings",
    authors: ["Your Name"],
    description: "A directory with five entries",
    license: "GPL",
}

/// Any code can read a static.
static ENABLED: Bool = Bool::new(true);
static LEVEL: Int<i32> = Int::bounded(50, 0..=100);
/// In jiffies, and written in milliseconds: a second at first.
static TIMEOUT: Int<i32, Milliseconds> = Int::new(HZ).as_jiffies();

/// Values can belong to the module's data as well.
struct Settings {
    name: Text<15>,
    changes: Int<u64>,
}

#[pin_data(PinnedDrop)]
struct Module {
    #[pin]
    settings: Sysctl<Settings>,
}

impl kernel::InPlaceModule for Module {
    fn init(module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let settings = Settings {
            name: Text::new(b"nobody"),
            changes: Int::new(0),
        };
        try_pin_init!(Self {
            settings <- Sysctl::dir(c"settings", settings, |settings, dir| {
                dir.read_write(c"enabled", &ENABLED)?;
                dir.read_write(c"timeout_ms", &TIMEOUT)?;
                dir.read_write(c"name", &settings.name)?
                    .announce(module, c"SETTINGS_NAME")?;
                dir.read_only(c"changes", &settings.changes)?;
                dir.read_write(c"level", &LEVEL)?
                    .validate(|new| if *new % 10 == 0 { Ok(()) } else { Err(EINVAL) })?
                    .on_write(|old, new| {
                        settings.changes.add(u64::from(old != new));
                        pr_info!("level: {old}, then {new}\n");
                    })
            }),
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Module {
    fn drop(self: Pin<&mut Self>) {
        if ENABLED.get() {
            let (name, changes) = (self.settings.name.get(), self.settings.changes.get());
            pr_info!(
                "{name}: level {}, timeout {} jiffies, changes {changes}\n",
                LEVEL.get(),
                TIMEOUT.get()
            );
        }
    }
}
