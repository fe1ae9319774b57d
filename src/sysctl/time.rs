// SPDX-License-Identifier: GPL-2.0

//! Time behind entries: stored in jiffies, shown in other units.
//!
//! C header: [`include/linux/jiffies.h`](srctree/include/linux/jiffies.h)

use kernel::{
    bindings,
    prelude::*, //
};

use super::number::Unit;

/// How many jiffies a second has.
pub const HZ: c_ulong = bindings::CONFIG_HZ as c_ulong;

/// Jiffies are shown in seconds, rounded down. Follows `proc_dointvec_jiffies()`.
pub struct Seconds;

impl Unit for Seconds {
    #[inline]
    fn stored(shown: u64) -> Option<u64> {
        shown.checked_mul(u64::from(bindings::CONFIG_HZ))
    }

    #[inline]
    fn shown(stored: u64) -> u64 {
        stored / u64::from(bindings::CONFIG_HZ)
    }
}

/// Jiffies are shown in milliseconds, and what is written is rounded up. Follows
/// `proc_dointvec_ms_jiffies()` for [`i32`] and `proc_doulongvec_ms_jiffies_minmax()` for [`usize`].
///
/// As in C, 2<sup>31</sup> milliseconds or more are stored as `MAX_JIFFY_OFFSET`, which only a [`usize`] can
/// hold, and at most 32 bits of milliseconds are shown.
pub struct Milliseconds;

/// The longest time that the kernel measures in jiffies: practically for ever.
const MAX_JIFFY_OFFSET: c_ulong = (c_long::MAX as c_ulong >> 1) - 1;

impl Unit for Milliseconds {
    #[inline]
    fn stored(shown: u64) -> Option<u64> {
        let shown = c_ulong::try_from(shown).ok()?;
        let jiffies = match shown.try_into() {
            // SAFETY: It takes any number.
            Ok(milliseconds) => unsafe { bindings::__msecs_to_jiffies(milliseconds) },
            Err(_) => MAX_JIFFY_OFFSET,
        };
        Some(jiffies as u64)
    }

    #[inline]
    fn shown(stored: u64) -> u64 {
        // `jiffies_to_msecs()`, which is inline in newer kernels.
        const MSEC_PER_SEC: c_ulong = 1000;
        let stored = stored as c_ulong;
        let shown = if MSEC_PER_SEC % HZ == 0 {
            stored.wrapping_mul(MSEC_PER_SEC / HZ)
        } else {
            stored.wrapping_mul(MSEC_PER_SEC).div_ceil(HZ)
        };
        u64::from(shown as u32)
    }
}

/// Jiffies are shown in 1/`USER_HZ` seconds, which are hundredths. Follows `proc_dointvec_userhz_jiffies()`.
pub struct UserHz;

impl Unit for UserHz {
    #[inline]
    fn stored(shown: u64) -> Option<u64> {
        let shown = c_ulong::try_from(shown).ok()?;
        // SAFETY: It takes any number.
        Some(unsafe { bindings::clock_t_to_jiffies(shown) } as u64)
    }

    #[inline]
    fn shown(stored: u64) -> u64 {
        // SAFETY: As above.
        (unsafe { bindings::jiffies_to_clock_t(stored as c_ulong) }) as u64
    }
}
