// SPDX-License-Identifier: GPL-2.0

//! A directory with an entry of every storage type, `/proc/sys/settings`.
//!
//! The module reads and changes the values through [`Sysctl::get`] and a shared [`Arc`].

use kernel::{
    prelude::*,
    str::BStr,
    sync::Arc, //
};

pub mod sysctl;

use crate::sysctl::{
    words_for,
    Bitmap,
    Bool,
    Entry,
    Integers,
    ReadOnly,
    String,
    Sysctl,
    SysctlTable,
    TooLong, //
};

module! {
    type: Module,
    name: "settings",
    authors: ["Your Name"],
    description: "A directory with an entry of every storage type",
    license: "GPL",
}

const PORTS: usize = 65_536;

#[pin_data]
struct Settings {
    enabled: Bool,
    /// From 0 to 100.
    level: Integers<i32>,
    weights: Integers<u8, 3>,
    #[pin]
    name: String<15>,
    #[pin]
    ports: Bitmap<{ words_for(PORTS) }>,
    /// Set by the module, which keeps an [`Arc`] of it.
    state: ReadOnly<Arc<Integers<u64>>>,
}

impl Settings {
    fn new(state: Arc<Integers<u64>>) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            enabled: Bool::new(true),
            level: Integers::bounded([50], 0..=100),
            weights: Integers::new([1, 2, 3]),
            name <- String::new(b"nobody", TooLong::Refuse),
            ports <- Bitmap::new(PORTS),
            state: ReadOnly(state),
        })
    }
}

impl SysctlTable<6> for Settings {
    fn entries(&self) -> Result<[Entry<'_>; 6]> {
        Ok([
            Entry::new(c"enabled", 0o644, &self.enabled)?,
            Entry::new(c"level", 0o644, &self.level)?,
            Entry::new(c"weights", 0o644, &self.weights)?,
            Entry::new(c"name", 0o644, &self.name)?,
            Entry::new(c"ports", 0o600, &self.ports)?,
            Entry::new(c"state", 0o444, &self.state)?,
        ])
    }
}

#[pin_data(PinnedDrop)]
struct Module {
    #[pin]
    settings: Sysctl<Settings, 6>,
    state: Arc<Integers<u64>>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let state = Arc::new(Integers::new([0]), GFP_KERNEL)?;
            Ok(try_pin_init!(Self {
                settings <- Sysctl::register_table(c"settings", Settings::new(state.clone())),
                _: { state.set([1]) },
                state,
            }))
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Module {
    fn drop(self: Pin<&mut Self>) {
        self.state.set([2]);
        let settings = self.settings.get();
        if settings.enabled.get() && settings.ports.is_set(22) {
            let [level] = settings.level.get();
            let log = |name: &[u8]| pr_info!("{}: {level}\n", BStr::from_bytes(name));
            settings.name.with(log);
        }
    }
}
