// SPDX-License-Identifier: GPL-2.0

//! Counts down one step too far, to show what a kernel does when a module panics.
//!
//! Load it only where a crash does no harm, such as in `make shell`. No package contains it.

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
        // The loop that clippy suggests would stop in time.
        #[allow(clippy::needless_range_loop)]
        for step in 0..=COUNTDOWN.len() {
            pr_info!("{}\n", COUNTDOWN[step]);
        }
        Ok(Self)
    }
}
