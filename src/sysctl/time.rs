// SPDX-License-Identifier: GPL-2.0

//! Time behind entries: stored in jiffies, shown in other units.
//!
//! C header: [`include/linux/jiffies.h`](srctree/include/linux/jiffies.h)

use kernel::{
    bindings,
    prelude::*, //
};

use super::number::Unit;

/// How many jiffies a second has. C's `HZ`.
pub const HZ: c_int = bindings::CONFIG_HZ as c_int;

/// The same. Jiffies are `unsigned long`, and 32-bit kernels cannot divide longer numbers.
const PER_SEC: c_ulong = HZ as c_ulong;

/// Jiffies are shown in seconds, rounded down. Follows `proc_dointvec_jiffies()`.
pub struct Seconds;

impl Unit for Seconds {
    #[inline]
    fn stored(shown: u64) -> Option<u64> {
        let shown = c_ulong::try_from(shown).ok()?;
        Some(shown.checked_mul(PER_SEC)? as u64)
    }

    #[inline]
    fn shown(stored: u64) -> u64 {
        (stored as c_ulong / PER_SEC) as u64
    }
}

/// Jiffies are shown in milliseconds, and what is written is rounded up. Follows
/// `proc_dointvec_ms_jiffies()` for [`i32`] and `proc_doulongvec_ms_jiffies_minmax()` for
/// [`usize`].
///
/// As in C, 2<sup>31</sup> milliseconds or more are stored as `MAX_JIFFY_OFFSET`, which is too much
/// for an [`i32`] in 64-bit kernels. At most 32 bits of milliseconds are shown.
pub struct Milliseconds;

const MSEC_PER_SEC: c_ulong = 1000;

/// The greatest number that divides both.
const COMMON: c_ulong = {
    let (mut a, mut b) = (MSEC_PER_SEC, PER_SEC);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
};

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
        // `jiffies_to_msecs()`, which newer kernels have in a header only.
        let stored = stored as c_ulong;
        let shown = stored.wrapping_mul(MSEC_PER_SEC / COMMON);
        let shown = shown.div_ceil(PER_SEC / COMMON);
        u64::from(shown as u32)
    }
}

/// Jiffies are shown in 1/`USER_HZ` seconds, which are hundredths. Follows
/// `proc_dointvec_userhz_jiffies()`.
///
/// As in C, what is more than an `unsigned long` holds is stored as its greatest value, if that
/// fits.
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
