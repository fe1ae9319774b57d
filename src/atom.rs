// SPDX-License-Identifier: GPL-2.0

//! The bit behind `/proc/sys/example/atom`.

use kernel::prelude::*;
use kernel::sync::atomic::{Atomic, Relaxed};

use crate::sysctl::{print_value, SysctlStorage};

mod text;

use text::BitWrite;

/// One bit that any number of tasks may read, set and flip at once.
///
/// The bit is the lowest bit of a counter, so adding one flips it in a single atomic step. The other
/// bits mean nothing, and the counter may wrap.
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

    fn set(&self, value: bool) {
        self.0.store(value.into(), Relaxed);
    }

    fn flip(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl SysctlStorage for Atom {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let (write, consumed) = text::parse_bit(data).ok_or(EINVAL)?;
        match write {
            BitWrite::Set(value) => self.set(value),
            BitWrite::Flip => self.flip(),
        }
        Ok(consumed)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        Ok(print_value(u8::from(self.get()), data))
    }
}
