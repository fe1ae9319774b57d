// SPDX-License-Identifier: GPL-2.0

//! What `sysctl.sh` tests of C itself: that it refuses tables, makes mount points, and has the
//! constants that tables share.

use core::ptr::{
    self,
    NonNull, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// What C has registered, until it is dropped.
///
/// # Invariants
///
/// It is what a function of C's has returned that registers.
pub(crate) struct Registered(NonNull<bindings::ctl_table_header>);

// SAFETY: A table may be unregistered on any thread.
unsafe impl Send for Registered {}

// SAFETY: A shared one can do nothing.
unsafe impl Sync for Registered {}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: By the type invariants it is registered.
        unsafe { bindings::unregister_sysctl_table(self.0.as_ptr()) };
    }
}

/// Makes a directory that nothing can be registered in.
pub(crate) fn mount_point(path: &CStr) -> Result<Registered> {
    // SAFETY: `path` is NUL-terminated.
    let header = unsafe { bindings::register_sysctl_mount_point(path.as_char_ptr()) };
    // INVARIANT: The header is what was returned.
    Ok(Registered(NonNull::new(header).ok_or(ENOMEM)?))
}

/// Fails unless C refuses an entry for a `u8` with these bounds.
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
    // SAFETY: All of it is valid until this function returns, and nothing stays registered.
    let header = unsafe { bindings::register_sysctl_sz(path.as_char_ptr(), &table, 1) };
    match NonNull::new(header) {
        None => Ok(()),
        Some(header) => {
            // INVARIANT: The header is what was returned.
            drop(Registered(header));
            Err(EINVAL)
        }
    }
}

/// Whether `sysctl_vals` has what `SYSCTL_ZERO` and the like say.
pub(crate) fn shared_constants_match() -> bool {
    // SAFETY: C defines it with these twelve.
    let found = unsafe { ptr::read((&raw const bindings::sysctl_vals).cast::<[i32; 12]>()) };
    found == [0, 1, 2, 3, 4, 100, 200, 1000, 3000, i32::MAX, 65535, -1]
}
