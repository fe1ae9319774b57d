// SPDX-License-Identifier: GPL-2.0

//! Storage around storage: what may only be read, and what belongs to others as well.

use kernel::{
    fs::file::Offset,
    prelude::*,
    sync::Arc, //
};

use super::SysctlStorage;

/// A view of a value that only the module changes.
///
/// It cannot be registered with a mode that lets anybody write: [`EACCES`].
pub(crate) struct ReadOnly<T>(pub(crate) T);

impl<T: SysctlStorage> SysctlStorage for ReadOnly<T> {
    const WRITABLE: bool = false;

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        self.0.read_at(data, offset)
    }

    fn check(&self) -> Result {
        self.0.check()
    }
}

/// A value that other parts of the module, or other entries, use as well.
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
