// SPDX-License-Identifier: GPL-2.0

//! Counts down one step too far, to show what becomes of a kernel whose module panics.
//!
//! For a machine that may crash, such as the one of `make shell`; it is in no package.

use kernel::prelude::*;

module! {
    type: TimeBomb,
    name: "timebomb",
    authors: ["The Man from Ox"],
    description: "Counts down one step too far",
    license: "GPL",
}

const COUNTDOWN: [u8; 3] = [2u8, 1u8, 0u8];

struct TimeBomb;

impl kernel::Module for TimeBomb {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // What clippy would rather have stops in time.
        #[allow(clippy::needless_range_loop)]
        for step in 0..=COUNTDOWN.len() {
            pr_info!("{}\n", COUNTDOWN[step]);
        }
        Ok(Self)
    }
}
