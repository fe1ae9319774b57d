// SPDX-License-Identifier: GPL-2.0

//! Entries under `/proc/sys`.
//!
//! [`Sysctl`] registers one entry, or a table of them in one directory, and unregisters it when it
//! is dropped; a [`SysctlStorage`] says what a read shows and what a write does. There is storage
//! for what C has handlers for, which behaves as those of Linux 7.3 do:
//!
//! | storage | C |
//! |---|---|
//! | [`Bool`] | `proc_dobool()` |
//! | [`Integers`]: one or several of 8, 32 or 64 bits, with or without a sign and bounds | `proc_dointvec()`, `proc_douintvec()`, `proc_dou8vec_minmax()`, `proc_doulongvec_minmax()` and the like |
//! | [`String`] | `proc_dostring()` |
//! | [`Bitmap`] | `proc_do_large_bitmap()` |
//! | [`ReadOnly`]: any of these, as a view | a mode of 0444 |
//! | `Arc` of any of these, for a value that the module uses elsewhere | a pointer |
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)
//!
//! # Differences from C's handlers
//!
//! - `kernel.sysctl_writes_strict` is always taken to be 1, its default. The variable is static in
//!   `kernel/sysctl.c`, so no module's handler can read it.
//! - Where a storage type is better than its C handler on purpose, its documentation says so.
//!
//! # Not supported
//!
//! `poll`: `proc_sys_poll_notify()` is not exported.
//!
//! # Examples
//!
//! ```ignore
//! #[pin_data]
//! struct Module {
//!     #[pin]
//!     entry: Sysctl<Bool>,
//! }
//!
//! impl kernel::InPlaceModule for Module {
//!     fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
//!         try_pin_init!(Self {
//!             entry <- Sysctl::register(c"example", c"enabled", Bool::new(false), 0o644),
//!         })
//!     }
//! }
//! ```

// What is not generic here and in the files below is `#[inline]`, so that none of it gets into a
// module that does not use it.
#![allow(dead_code, reason = "a module uses the types that it needs")]

use core::{
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    ptr,
    slice, //
};
use kernel::{
    bindings,
    error::from_err_ptr,
    fs::file::Offset,
    prelude::*, //
};

mod bitmap;
mod integers;
mod line;
mod list;
pub(crate) mod number;
mod shared;
mod string;
pub(crate) mod text;

#[allow(unused_imports, reason = "a module uses the types that it needs")]
pub(crate) use self::{
    bitmap::Bitmap,
    integers::{
        Bool,
        Integers, //
    },
    line::TooLong,
    list::words_for,
    shared::ReadOnly,
    string::String,
};

/// What stands behind an entry.
///
/// The functions work on the kernel buffer that the `proc_handler` got, never on user memory.
/// They may sleep, and any number of tasks may be in them at once. They are not called for zero
/// bytes.
///
/// A type implements [`read_value`] and [`store_value`], and gets to see only what is left to
/// decide; or, if it can be read or written in pieces, [`read_at`] or [`store_at`].
///
/// [`read_value`]: SysctlStorage::read_value
/// [`store_value`]: SysctlStorage::store_value
/// [`read_at`]: SysctlStorage::read_at
/// [`store_at`]: SysctlStorage::store_at
pub(crate) trait SysctlStorage: Sync {
    /// Whether the entry may have a mode that lets anybody write.
    const WRITABLE: bool = true;

    /// Stores the value that was written as `data`.
    ///
    /// Returns how many bytes were consumed, at most `data.len()`: less is a short write. On an
    /// error, which becomes that of `write(2)`, the value must be as it was before.
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let _ = data;
        Err(EINVAL)
    }

    /// Prints the value into `data`, cut at its end.
    ///
    /// Returns how many bytes were printed, at most `data.len()`, or the error of `read(2)`.
    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let _ = data;
        Ok(0)
    }

    /// Stores what was written at `offset`, and moves that to where the next write begins unless it
    /// fails.
    ///
    /// By default a write at an offset other than 0 is counted as written and ignored.
    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<usize> {
        let consumed = if *offset == 0 {
            self.store_value(data)?
        } else {
            data.len()
        };
        *offset = offset.wrapping_add_unsigned(consumed as u64);
        Ok(consumed)
    }

    /// Prints what is to be read at `offset`, and moves that to where the next read begins.
    ///
    /// By default an offset other than 0 is the end of the file.
    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        if *offset != 0 {
            return Ok(0);
        }
        let printed = self.read_value(data)?;
        *offset = printed as Offset;
        Ok(printed)
    }

    /// Says whether an entry can be registered with this storage, and if not why.
    fn check(&self) -> Result {
        Ok(())
    }
}

/// Storage for the `N` entries of one directory.
///
/// # Examples
///
/// ```ignore
/// struct Settings {
///     enabled: Bool,
///     level: Integers<i32>,
/// }
///
/// impl SysctlTable<2> for Settings {
///     fn entries(&self) -> Result<[Entry<'_>; 2]> {
///         Ok([
///             Entry::new(c"enabled", 0o644, &self.enabled)?,
///             Entry::new(c"level", 0o644, &self.level)?,
///         ])
///     }
/// }
/// ```
pub(crate) trait SysctlTable<const N: usize>: Sync {
    /// The entries.
    fn entries(&self) -> Result<[Entry<'_>; N]>;
}

/// A directory with nothing in it.
impl SysctlTable<0> for () {
    #[inline]
    fn entries(&self) -> Result<[Entry<'_>; 0]> {
        Ok([])
    }
}

/// An entry of a [`SysctlTable`].
///
/// # Invariants
///
/// `table.data` points to a storage that is borrowed for `'a`, `table.proc_handler` is
/// [`proc_handler`] for its type, and `table.procname` a NUL-terminated string that is never freed.
#[repr(transparent)]
pub(crate) struct Entry<'a> {
    table: bindings::ctl_table,
    _storage: PhantomData<&'a ()>,
}

impl<'a> Entry<'a> {
    /// The entry `name` with the permission bits `mode`, root's, backed by `storage`.
    ///
    /// # Errors
    ///
    /// Those of [`Sysctl::register`] for the mode and the storage.
    #[inline]
    pub(crate) fn new<S: SysctlStorage>(
        name: &'static CStr,
        mode: bindings::umode_t,
        storage: &'a S,
    ) -> Result<Self> {
        if !text::is_name(name.to_bytes_with_nul()) {
            return Err(EINVAL);
        }
        let allowed = if S::WRITABLE { 0o666 } else { 0o444 };
        if mode & !allowed != 0 {
            return Err(EACCES);
        }
        storage.check()?;
        // INVARIANT: `storage` is borrowed for `'a`, the handler is the one for `S`, and `name` is
        // static.
        Ok(Self {
            table: bindings::ctl_table {
                procname: name.as_char_ptr(),
                data: ptr::from_ref(storage).cast_mut().cast(),
                mode,
                proc_handler: Some(proc_handler::<S>),
                ..pin_init::zeroed()
            },
            _storage: PhantomData,
        })
    }

    /// Whether `other` has the same name.
    #[inline]
    fn collides(&self, other: &Self) -> bool {
        // SAFETY: By the type invariants, both are NUL-terminated and never freed.
        unsafe { bindings::strcmp(self.table.procname, other.table.procname) == 0 }
    }

    /// Fails if there is a file `/proc/sys/<path>/<name>`, or if there cannot be one.
    #[inline]
    fn require_absent(&self, path: &CStr) -> Result {
        // SAFETY: By the type invariants `procname` is NUL-terminated, and so are the others.
        let file = unsafe {
            bindings::kasprintf(
                bindings::GFP_KERNEL,
                c"/proc/sys/%s/%s".as_char_ptr(),
                path.as_char_ptr(),
                self.table.procname,
            )
        };
        if file.is_null() {
            return Err(ENOMEM);
        }
        // SAFETY: `file` is NUL-terminated.
        let opened = unsafe { bindings::filp_open(file, bindings::O_PATH as c_int, 0) };
        // SAFETY: `file` is what `kasprintf()` has allocated.
        unsafe { bindings::kfree(file.cast()) };
        match from_err_ptr(opened) {
            Ok(opened) => {
                // SAFETY: `opened` is a file, and this is its only reference.
                unsafe { bindings::fput(opened) };
                Err(EEXIST)
            }
            Err(ENOENT) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A registered table of `N` entries under `/proc/sys`, by default one.
///
/// Dropping it unregisters the entries and then drops the storage. It is pinned, as C points to it.
///
/// # Unloading
///
/// `unregister_sysctl_table()` first makes the entries unreachable (who has a file open gets
/// ENOENT from then on), then waits for the handlers that are running. A module's `Sysctl` is
/// dropped by its exit function, so no handler is in the module's code when that is freed. The
/// same wait is why a handler must not drop its own `Sysctl`: it would wait for itself.
///
/// # Forgetting
///
/// What is pinned stays where it is until it is dropped, so after [`core::mem::forget`] of the
/// pointer to it reads and writes go on working. But the handler is code of the module: unloading
/// the module then leaves `/proc/sys` with a pointer to code that is gone. As with the registrations
/// of the `kernel` crate, do not forget one in a module that can be unloaded.
///
/// # Invariants
///
/// - `header` is what `register_sysctl_sz()` returned for `entries`; it is registered.
/// - The storage of `entries` is borrowed from `storage`, which is only ever shared until they have
///   been unregistered.
#[pin_data(PinnedDrop)]
pub(crate) struct Sysctl<T: 'static, const N: usize = 1> {
    #[pin]
    storage: T,
    entries: [Entry<'static>; N],
    header: *mut bindings::ctl_table_header,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: The entries may be unregistered and the storage dropped on any thread if `T` is `Send`.
unsafe impl<T: Send, const N: usize> Send for Sysctl<T, N> {}

// SAFETY: A shared `Sysctl` gives out nothing but `&T`.
unsafe impl<T: Sync, const N: usize> Sync for Sysctl<T, N> {}

impl<T: SysctlStorage> Sysctl<T> {
    /// Makes the file `/proc/sys/<path>/<name>` with the permission bits `mode`, root's, backed by
    /// `storage`. Directories that do not exist are made, and go when their last entry does.
    ///
    /// `path` is one or more names joined by `/`. The kernel copies it, but keeps `name` by
    /// pointer.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: a name is empty, longer than 255 bytes, begins with a dot or has a `/` in it.
    /// - [`ENAMETOOLONG`]: the names together are longer than `PATH_MAX`.
    /// - [`EACCES`]: `mode` has bits outside 0666, or lets somebody write what is read-only.
    /// - [`ERANGE`]: the storage's first value is not within its bounds, or nothing is.
    /// - [`EEXIST`]: the entry exists. Where this becomes the result of a module's `init`, the module
    ///   loader makes it EBUSY, as it keeps EEXIST for modules that are loaded already.
    /// - [`ENOTDIR`]: a file stands where `path` needs a directory.
    /// - [`ENOMEM`]: no memory, or `path` is a mount point, which takes no entries.
    ///
    /// Nothing is registered then. `register_sysctl_sz()` returns NULL for every failure, and must
    /// not be asked for an entry that exists: on its way out it takes the entry's whole directory
    /// out of sight (`insert_header()` erases a node that was not inserted; Linux 7.3). So all but
    /// the last are found before, the files by looking them up as the calling task sees them. Where
    /// that task has no `/proc`, or somebody registers the same at the same time, they come out as
    /// [`ENOMEM`].
    pub(crate) fn register<'a, E: 'a>(
        path: &'a CStr,
        name: &'static CStr,
        storage: impl PinInit<T, E> + 'a,
        mode: bindings::umode_t,
    ) -> impl PinInit<Self, Error> + 'a
    where
        Error: From<E>,
    {
        Self::with(path, storage, move |storage| {
            Ok([Entry::new(name, mode, storage)?])
        })
    }
}

impl<T: SysctlTable<N>, const N: usize> Sysctl<T, N> {
    /// Makes the directory `/proc/sys/<path>` with the entries of `storage`, as
    /// [`register`](Sysctl::register) does for one: all of them, or none.
    ///
    /// Two entries of the same name are [`EEXIST`].
    pub(crate) fn register_table<'a, E: 'a>(
        path: &'a CStr,
        storage: impl PinInit<T, E> + 'a,
    ) -> impl PinInit<Self, Error> + 'a
    where
        Error: From<E>,
    {
        Self::with(path, storage, |storage| storage.entries())
    }
}

impl<T, const N: usize> Sysctl<T, N> {
    fn with<'a, E: 'a>(
        path: &'a CStr,
        storage: impl PinInit<T, E> + 'a,
        entries: impl FnOnce(&'static T) -> Result<[Entry<'static>; N]> + 'a,
    ) -> impl PinInit<Self, Error> + 'a
    where
        Error: From<E>,
    {
        try_pin_init!(&this in Self {
            storage <- storage,
            entries: {
                // SAFETY: `storage` is initialized and pinned. From here on it is only shared until
                // the value is dropped, which unregisters the entries first, and of those who get
                // this reference only they keep it.
                let entries = entries(unsafe { &(*this.as_ptr()).storage })?;
                require_new(path, &entries)?;
                entries
            },
            // INVARIANT: If this succeeds, then the entries, which borrow `storage`, are registered.
            header: {
                // SAFETY: `entries` is initialized and pinned, and it and what it points to stay
                // valid until `drop` has unregistered it; `path` is NUL-terminated.
                let header = unsafe {
                    bindings::register_sysctl_sz(
                        path.as_char_ptr(),
                        (&raw const (*this.as_ptr()).entries).cast(),
                        N,
                    )
                };
                if header.is_null() {
                    return Err(ENOMEM);
                }
                header
            },
            _pin: PhantomPinned,
        }? Error)
    }

    /// The storage, shared with the entries' readers and writers.
    pub(crate) fn get(&self) -> &T {
        &self.storage
    }
}

#[pinned_drop]
impl<T, const N: usize> PinnedDrop for Sysctl<T, N> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants `header` is registered, and this is the one place that
        // unregisters it.
        unsafe { bindings::unregister_sysctl_table(self.header) };
    }
}

/// Finds out why `entries` cannot be registered in `path`, as far as that can be known before.
#[inline]
fn require_new<const N: usize>(path: &CStr, entries: &[Entry<'_>; N]) -> Result {
    if !text::is_path(path.to_bytes_with_nul()) {
        return Err(EINVAL);
    }
    let mut rest = entries.as_slice();
    while let [entry, others @ ..] = rest {
        if others.iter().any(|other| other.collides(entry)) {
            return Err(EEXIST);
        }
        entry.require_absent(path)?;
        rest = others;
    }
    Ok(())
}

/// The `proc_handler` of every entry that is backed by an `S`.
///
/// Called by `proc_sys_call_handler()`, which holds the entry, so that it is not unregistered
/// meanwhile.
///
/// # Safety
///
/// `table` must be the table of an [`Entry`] that is backed by an `S`; `buffer` must be valid for
/// reads and writes of `*lenp` initialized bytes; `lenp` and `ppos` must be valid for reads and
/// writes; nothing else may use what the last three point to during the call.
unsafe extern "C" fn proc_handler<S: SysctlStorage>(
    table: *const bindings::ctl_table,
    write: c_int,
    buffer: *mut c_void,
    lenp: *mut usize,
    ppos: *mut bindings::loff_t,
) -> c_int {
    // SAFETY: By the safety requirements, `lenp` and `ppos` are valid and nothing else uses them.
    let (lenp, ppos) = unsafe { (&mut *lenp, &mut *ppos) };
    if *lenp == 0 {
        return 0;
    }

    // SAFETY: By the invariants of `Entry` and `Sysctl`, `data` points to an `S` that is only shared
    // until the entry has been unregistered, which waits for this handler.
    let storage = unsafe { &*(*table).data.cast::<S>() };
    if write != 0 {
        // SAFETY: By the safety requirements, `buffer` has `*lenp` initialized bytes.
        let data = unsafe { slice::from_raw_parts(buffer.cast(), *lenp) };
        handle_write(storage, data, lenp, ppos)
    } else {
        // SAFETY: As above, and nothing else uses the buffer.
        let data = unsafe { slice::from_raw_parts_mut(buffer.cast(), *lenp) };
        finish(storage.read_at(data, ppos), lenp)
    }
}

/// Apart from reads, which do not pay for the registers that this needs.
#[inline(never)]
fn handle_write<S: SysctlStorage>(
    storage: &S,
    data: &[u8],
    lenp: &mut usize,
    ppos: &mut Offset,
) -> c_int {
    finish(storage.store_at(data, ppos), lenp)
}

/// The caller copies `*lenp` bytes out of the buffer, so it must not grow.
#[inline]
fn finish(result: Result<usize>, lenp: &mut usize) -> c_int {
    match result {
        Ok(done) => {
            *lenp = done.min(*lenp);
            0
        }
        Err(error) => error.to_errno(),
    }
}
