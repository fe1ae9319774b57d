// SPDX-License-Identifier: GPL-2.0

//! The bit behind `/proc/sys/example/atom`.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};

use crate::sysctl::{print_value, Stored, SysctlStorage};

mod text;

use text::BitWrite;

/// One bit that any number of tasks may read, set and flip at once.
///
/// The bit is the lowest bit of a counter, so adding one flips it in a single atomic step. The
/// other bits mean nothing, and the counter may wrap.
///
/// A write behaves like one to C's `proc_dointvec_minmax()` with the bounds 0 and 1, and also takes
/// the word `flip`. Like all of [`crate::sysctl`], it assumes `kernel.sysctl_writes_strict=1`.
pub(crate) struct Atom(Atomic<i32>);

impl Atom {
    /// A bit that reads 0.
    pub(crate) const fn new() -> Self {
        Self(Atomic::new(0))
    }

    fn get(&self) -> bool {
        self.0.load(Relaxed) & 1 == 1
    }

    /// Returns whether this has changed the bit.
    fn set(&self, value: bool) -> bool {
        let old = self.0.xchg(value.into(), Relaxed);
        (old & 1 == 1) != value
    }

    fn flip(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl SysctlStorage for Atom {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        Ok(self.replace_value(data)?.consumed)
    }

    fn replace_value(&self, data: &[u8]) -> Result<Stored> {
        let (write, consumed) = text::parse_bit(data).ok_or(EINVAL)?;
        let has_changed = match write {
            BitWrite::Set(value) => self.set(value),
            BitWrite::Flip => {
                self.flip();
                true
            }
        };
        Ok(Stored {
            consumed,
            has_changed,
        })
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        Ok(print_value(u8::from(self.get()), data))
    }
}
