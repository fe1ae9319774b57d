// SPDX-License-Identifier: GPL-2.0

//! Entries under `/proc/sys`.
//!
//! [`Sysctl`] registers one entry and unregisters it when it is dropped; a [`SysctlStorage`] says
//! what a read shows and what a write does.
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)
//!
//! # Differences from C's handlers
//!
//! - `kernel.sysctl_writes_strict` is always taken to be 1, its default: a write at a file offset
//!   other than 0 is counted as written and ignored. The variable is static in `kernel/sysctl.c`,
//!   so no module's handler can read it.
//! - `*lenp` and `*ppos` are left alone when a handler fails. User space sees no difference.
//!
//! # Not supported
//!
//! Tables of more than one entry, values that span several reads or writes, and `poll`.
//!
//! # Examples
//!
//! ```ignore
//! struct Module {
//!     _entry: Sysctl<Atom>,
//! }
//!
//! impl kernel::Module for Module {
//!     fn init(_module: &'static ThisModule) -> Result<Self> {
//!         Ok(Self {
//!             _entry: Sysctl::register(c"example", c"atom", Atom::new(), 0o644)?,
//!         })
//!     }
//! }
//! ```

use core::{
    ptr::NonNull,
    slice, //
};
use kernel::{
    bindings,
    error::{
        from_err_ptr,
        from_result, //
    },
    prelude::*,
    str::CString, //
};

pub(crate) mod text;

/// What stands behind an entry.
///
/// Both functions work on the kernel buffer that the `proc_handler` got, never on user memory.
/// They may sleep, and any number of tasks may be in them at once.
///
/// They see only what is left to decide: a call for zero bytes, a read at an offset other than 0
/// (the end of the file) and a write at one (ignored) are answered before.
pub(crate) trait SysctlStorage: Sync {
    /// Stores the value that was written as `data`.
    ///
    /// Returns how many bytes were consumed, at most `data.len()`: less is a short write. On an
    /// error, which becomes that of `write(2)`, the value must be as it was before.
    fn store_value(&self, data: &[u8]) -> (usize, Result);

    /// Prints the value into `data`, cut at its end.
    ///
    /// Returns how many bytes were printed, at most `data.len()`, or the error of `read(2)`.
    fn read_value(&self, data: &mut [u8]) -> (usize, Result);
}

/// What C points to while an entry is registered.
struct Entry<T> {
    table: bindings::ctl_table,
    storage: T,
}

/// A registered entry under `/proc/sys`.
///
/// Dropping it unregisters the entry and then frees the storage.
///
/// # Unloading
///
/// `unregister_sysctl_table()` first makes the entry unreachable (who has the file open gets
/// ENOENT from then on), then waits for the handlers that are running. A module's `Sysctl` is
/// dropped by its exit function, so no handler is in the module's code when that is freed. The
/// same wait is why a handler must not drop its own `Sysctl`: it would wait for itself.
///
/// # Forgetting
///
/// After [`core::mem::forget`] the entry stays registered, and what it points to is never freed:
/// reads and writes go on working. But the handler is code of the module: unloading the module
/// then leaves `/proc/sys` with a pointer to code that is gone. As with the registrations of the
/// `kernel` crate, do not forget one in a module that can be unloaded.
///
/// # Invariants
///
/// - `header` is what `register_sysctl_sz()` returned for `entry.table`; it is registered.
/// - `entry` comes from [`KBox::into_raw`]. It is only ever shared until the entry has been
///   unregistered: neither moved, freed, nor borrowed mutably.
/// - `entry.table.data` points to `entry.storage`, of type `T`; its `proc_handler` is
///   `proc_handler::<T>`.
pub(crate) struct Sysctl<T: SysctlStorage + 'static> {
    header: NonNull<bindings::ctl_table_header>,
    entry: NonNull<Entry<T>>,
}

// SAFETY: An entry may be unregistered and its storage dropped on any thread if `T` is `Send`.
unsafe impl<T: SysctlStorage + Send> Send for Sysctl<T> {}

// SAFETY: A shared `Sysctl` gives out nothing but `&T`, and `T` is `Sync`.
unsafe impl<T: SysctlStorage> Sync for Sysctl<T> {}

impl<T: SysctlStorage + 'static> Sysctl<T> {
    /// Makes the file `/proc/sys/<path>/<name>` with the permission bits `mode`, root's, backed by
    /// `storage`. Directories that do not exist are made, and go when their last entry does.
    ///
    /// `path` is one or more names joined by `/`. The kernel copies it, but keeps `name` by
    /// pointer.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: a name is empty, `.`, `..`, longer than 255 bytes or has a `/` in it, or
    ///   `mode` has bits outside 0666. The kernel is not called.
    /// - [`EEXIST`]: the entry exists. Where this becomes the result of a module's `init`, the module
    ///   loader makes it EBUSY, as it keeps EEXIST for modules that are loaded already.
    /// - [`ENOTDIR`]: a file stands where `path` needs a directory.
    /// - [`ENOMEM`]: no memory.
    ///
    /// `register_sysctl_sz()` returns NULL for every failure, and must not be asked for an entry
    /// that exists: on its way out it takes the entry's whole directory out of sight
    /// (`insert_header()` erases a node that was not inserted; Linux 7.3). So the first two are
    /// found by looking the file up before, as the calling task sees it. Where that task has no
    /// `/proc`, they come out as [`ENOMEM`].
    pub(crate) fn register(
        path: &CStr,
        name: &'static CStr,
        storage: T,
        mode: bindings::umode_t,
    ) -> Result<Self> {
        if !text::is_path(path.to_bytes()) || !text::is_name(name.to_bytes()) || mode & !0o666 != 0
        {
            return Err(EINVAL);
        }

        require_absent(path, name)?;

        let entry = KBox::new(
            Entry {
                table: bindings::ctl_table {
                    procname: name.as_ptr().cast(),
                    mode,
                    proc_handler: Some(proc_handler::<T>),
                    ..pin_init::zeroed()
                },
                storage,
            },
            GFP_KERNEL,
        )?;
        let entry = KBox::into_raw(entry);
        // SAFETY: `entry` is valid, and nobody else knows of it yet.
        unsafe { (*entry).table.data = (&raw mut (*entry).storage).cast() };

        // SAFETY: `entry` is valid and stays so until `drop` has unregistered the table, or to the
        // end of this function where there is none to unregister; `path` and `name` are
        // NUL-terminated, and `name` is never freed. The handler gets the `data` that it expects.
        let header = unsafe {
            bindings::register_sysctl_sz(path.as_char_ptr(), &raw const (*entry).table, 1)
        };
        let Some(header) = NonNull::new(header) else {
            // SAFETY: `entry` comes from `KBox::into_raw`, and nothing registered points to it.
            drop(unsafe { KBox::from_raw(entry) });
            return Err(ENOMEM);
        };

        // INVARIANT: `header` is registered for the table in `entry`, which was made above with
        // `data` and handler to match, and has come from `KBox::into_raw`.
        Ok(Self {
            header,
            // SAFETY: `KBox::into_raw` never returns NULL.
            entry: unsafe { NonNull::new_unchecked(entry) },
        })
    }

    /// The storage, shared with the entry's readers and writers.
    #[expect(
        dead_code,
        reason = "for modules that use the value; ours only shows it"
    )]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: By the type invariants `entry` is valid and only ever shared.
        unsafe { &(*self.entry.as_ptr()).storage }
    }
}

impl<T: SysctlStorage + 'static> Drop for Sysctl<T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants `header` is registered, and this is the one place that
        // unregisters it.
        unsafe { bindings::unregister_sysctl_table(self.header.as_ptr()) };
        // SAFETY: By the type invariants `entry` comes from `KBox::into_raw`. Its table is not
        // registered any more and no handler runs, so nothing else points to it.
        drop(unsafe { KBox::from_raw(self.entry.as_ptr()) });
    }
}

/// Fails with [`EEXIST`] if there is a file `/proc/sys/<path>/<name>`, and with [`ENOTDIR`] if there
/// cannot be one.
fn require_absent(path: &CStr, name: &CStr) -> Result {
    let file = CString::try_from_fmt(fmt!("/proc/sys/{path}/{name}"))?;
    // SAFETY: `file` is NUL-terminated.
    let opened = unsafe { bindings::filp_open(file.as_char_ptr(), bindings::O_PATH as c_int, 0) };
    match from_err_ptr(opened) {
        Ok(opened) => {
            // SAFETY: `opened` is a file, and this is its only reference.
            unsafe { bindings::fput(opened) };
            Err(EEXIST)
        }
        Err(error) if error == ENOTDIR || error == ENOMEM => Err(error),
        Err(_) => Ok(()),
    }
}

/// The `proc_handler` of every [`Sysctl<T>`].
///
/// Follows the frame of `do_proc_dointvec()`, see `kernel/sysctl.c`. Called by
/// `proc_sys_call_handler()`, which holds the entry, so that it is not unregistered meanwhile.
///
/// # Safety
///
/// `table` must be the table of a [`Sysctl<T>`]; `buffer` must be valid for reads and writes of
/// `*lenp` initialized bytes; `lenp` and `ppos` must be valid for reads and writes; nothing else
/// may use what the last three point to during the call.
unsafe extern "C" fn proc_handler<T: SysctlStorage>(
    table: *const bindings::ctl_table,
    write: c_int,
    buffer: *mut c_void,
    lenp: *mut usize,
    ppos: *mut bindings::loff_t,
) -> c_int {
    // SAFETY: By the safety requirements, `lenp` and `ppos` are valid and nothing else uses them.
    let (lenp, ppos) = unsafe { (&mut *lenp, &mut *ppos) };
    let write = write != 0;

    if *lenp == 0 || (*ppos != 0 && !write) {
        *lenp = 0;
        return 0;
    }
    if *ppos != 0 {
        *ppos = ppos.wrapping_add_unsigned(*lenp as u64);
        return 0;
    }

    // SAFETY: By the type invariants of `Sysctl<T>`, `data` points to a `T` that is only shared
    // until the entry has been unregistered, which waits for this handler.
    let storage = unsafe { &*(*table).data.cast::<T>() };
    let (done, result) = if write {
        // SAFETY: By the safety requirements, `buffer` has `*lenp` initialized bytes.
        storage.store_value(unsafe { slice::from_raw_parts(buffer.cast(), *lenp) })
    } else {
        // SAFETY: As above, and nothing else uses the buffer.
        storage.read_value(unsafe { slice::from_raw_parts_mut(buffer.cast(), *lenp) })
    };

    from_result(|| {
        result?;
        // The caller copies `*lenp` bytes out of the buffer.
        *lenp = done.min(*lenp);
        *ppos = ppos.wrapping_add_unsigned(*lenp as u64);
        Ok(0)
    })
}
