// SPDX-License-Identifier: GPL-2.0

//! What is behind an entry.

use kernel::{
    fs::file::Offset,
    prelude::*, //
};

/// The value behind an entry.
///
/// The functions work on a kernel buffer, never on user memory. They may sleep. Any number of tasks
/// may run them at once. They are never called for zero bytes.
///
/// If a BPF program is attached as `cgroup/sysctl`, the kernel reads the value before each read and
/// each write, for the program. It reads a page at most.
///
/// A type that can be read or written in pieces overrides [`read_at`](Self::read_at) or
/// [`store_at`](Self::store_at).
pub trait SysctlStorage: Sync {
    /// Stores the value that `data` spells.
    ///
    /// Returns how many bytes it consumed, at most `data.len()`. Fewer make a short write. An error
    /// becomes that of `write(2)`, and must leave the value as it was.
    fn store_value(&self, data: &[u8]) -> Result<usize>;

    /// Prints the value into `data`, cut where that ends.
    ///
    /// Returns how many bytes it printed, at most `data.len()`. An error becomes that of `read(2)`.
    fn read_value(&self, data: &mut [u8]) -> Result<usize>;

    /// Does what [`store_value`](Self::store_value) does, and tells whether the value has changed.
    ///
    /// By default, every write that succeeds is a change.
    fn replace_value(&self, data: &[u8]) -> Result<Stored> {
        Ok(Stored {
            consumed: self.store_value(data)?,
            has_changed: true,
        })
    }

    /// Stores `data` at `offset`, and moves `offset` to where the next write begins. An error
    /// leaves both as they were.
    ///
    /// By default, a write at an offset other than 0 succeeds and is ignored.
    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<Stored> {
        let stored = if *offset == 0 {
            self.replace_value(data)?
        } else {
            Stored {
                consumed: data.len(),
                has_changed: false,
            }
        };
        *offset = offset.wrapping_add_unsigned(stored.consumed as u64);
        Ok(stored)
    }

    /// Prints into `data` what stands at `offset`, and moves `offset` to where the next read
    /// begins.
    ///
    /// By default, any offset other than 0 is the end of the file.
    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        if *offset != 0 {
            return Ok(0);
        }
        let printed = self.read_value(data)?;
        *offset = printed as Offset;
        Ok(printed)
    }
}

/// What a write has done.
pub struct Stored {
    /// How many bytes it has consumed.
    pub consumed: usize,
    /// Whether the value is another one than before.
    pub has_changed: bool,
}

/// What an entry shows that cannot be written: see [`Dir::read_only`](super::Dir::read_only).
///
/// Every [`SysctlStorage`] is one. Implement this for what is only computed.
pub trait SysctlShow: Sync {
    /// Does what [`SysctlStorage::read_value`] does.
    fn show(&self, data: &mut [u8]) -> Result<usize>;

    /// Does what [`SysctlStorage::read_at`] does.
    fn show_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        if *offset != 0 {
            return Ok(0);
        }
        let printed = self.show(data)?;
        *offset = printed as Offset;
        Ok(printed)
    }
}

impl<S: SysctlStorage> SysctlShow for S {
    fn show(&self, data: &mut [u8]) -> Result<usize> {
        self.read_value(data)
    }

    fn show_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        self.read_at(data, offset)
    }
}
