// SPDX-License-Identifier: GPL-2.0

//! Storage that wraps other storage: read-only and shared values.

use kernel::{
    fs::file::Offset,
    prelude::*,
    sync::Arc, //
};

use super::SysctlStorage;

/// A value that only the module changes.
///
/// Registering it with a mode that permits writing fails with [`EACCES`].
pub struct ReadOnly<T>(pub T);

impl<T: SysctlStorage> SysctlStorage for ReadOnly<T> {
    const WRITABLE: bool = false;

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        self.0.read_at(data, offset)
    }

    fn check(&self) -> Result {
        self.0.check()
    }
}

/// A value that the entry shares with the rest of the module, or with other entries.
impl<T: SysctlStorage + Send> SysctlStorage for Arc<T> {
    const WRITABLE: bool = T::WRITABLE;

    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<usize> {
        (**self).store_at(data, offset)
    }

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        (**self).read_at(data, offset)
    }

    fn check(&self) -> Result {
        (**self).check()
    }
}
