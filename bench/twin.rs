// SPDX-License-Identifier: GPL-2.0

//! The twin of `twin.h`.

/// Makes a module with one entry, `/proc/sys/bench/<name>`, written as any author would. It may announce its changes.
macro_rules! twin {
    ($name:tt, $entry:expr, $storage:ty, $first:expr $(, announced as $key:expr)?) => {
        use kernel::prelude::*;

        use crate::sysctl::Sysctl;

        module! {
            type: Module,
            name: $name,
            authors: ["The Man from Ox"],
            description: "An entry to be measured",
            license: "GPL",
        }

        #[pin_data]
        struct Module {
            #[pin]
            entry: Sysctl<$storage>,
        }

        impl kernel::InPlaceModule for Module {
            fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
                try_pin_init!(Self {
                    entry <- Sysctl::dir(c"bench", $first, |entry, dir| {
                        dir.read_write($entry, entry)?$(.announce(_module, $key)?)?;
                        Ok(())
                    }),
                })
            }
        }
    };
}
