// SPDX-License-Identifier: GPL-2.0

//! What `sysctl.sh` tests of C itself: C refuses bad tables, makes empty directories and mount points, and
//! exports the constants that tables share.

use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// Something that C has registered. Dropping it unregisters it.
///
/// # Invariants
///
/// A registering function of C has returned it, and it is still registered.
pub(crate) struct Registered(NonNull<bindings::ctl_table_header>);

// SAFETY: Any thread may unregister a table.
unsafe impl Send for Registered {}

// SAFETY: A shared reference gives no access to anything.
unsafe impl Sync for Registered {}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is registered, and nothing else unregisters it.
        unsafe { bindings::unregister_sysctl_table(self.0.as_ptr()) };
    }
}

/// Makes a directory without entries.
pub(crate) fn empty(path: &CStr) -> Result<Registered> {
    let tables = NonNull::dangling();
    // SAFETY: `path` is NUL-terminated, and no table is looked at.
    let header = unsafe { bindings::register_sysctl_sz(path.as_char_ptr(), tables.as_ptr(), 0) };
    // INVARIANT: C has just registered the header.
    Ok(Registered(NonNull::new(header).ok_or(ENOMEM)?))
}

/// Makes a directory that takes no entries.
pub(crate) fn mount_point(path: &CStr) -> Result<Registered> {
    // SAFETY: `path` is NUL-terminated.
    let header = unsafe { bindings::register_sysctl_mount_point(path.as_char_ptr()) };
    // INVARIANT: C has just registered the header.
    Ok(Registered(NonNull::new(header).ok_or(ENOMEM)?))
}

/// Fails unless C refuses a `u8` entry with these bounds.
pub(crate) fn refuses(path: &CStr, name: &CStr, mut least: i32, mut greatest: i32) -> Result {
    let mut value = 0u8;
    let table = bindings::ctl_table {
        procname: name.as_char_ptr(),
        data: (&raw mut value).cast(),
        maxlen: size_of::<u8>() as c_int,
        mode: 0o644,
        proc_handler: Some(bindings::proc_dou8vec_minmax),
        extra1: (&raw mut least).cast(),
        extra2: (&raw mut greatest).cast(),
        ..pin_init::zeroed()
    };
    // SAFETY: All pointers are valid until this function returns, and nothing stays registered.
    let header = unsafe { bindings::register_sysctl_sz(path.as_char_ptr(), &table, 1) };
    match NonNull::new(header) {
        None => Ok(()),
        Some(header) => {
            // INVARIANT: C has just registered the header.
            drop(Registered(header));
            Err(EINVAL)
        }
    }
}

/// Returns whether `sysctl_vals` contains what the names `SYSCTL_ZERO` and so on promise.
pub(crate) fn shared_constants_match() -> bool {
    // SAFETY: C defines it as an array of twelve `int`s.
    let found = unsafe { ptr::read((&raw const bindings::sysctl_vals).cast::<[i32; 12]>()) };
    found == [0, 1, 2, 3, 4, 100, 200, 1000, 3000, i32::MAX, 65535, -1]
}
