// SPDX-License-Identifier: GPL-2.0

//! Entries under `/proc/sys`.
//!
//! [`Sysctl`] registers one entry, or a table of entries in one directory. Dropping it unregisters
//! them. A [`SysctlStorage`] decides what a read shows and what a write does. These storage types
//! behave like C's handlers in Linux 7.3:
//!
//! | storage | C |
//! |---|---|
//! | [`Bool`] | `proc_dobool()` |
//! | [`Integers`]: one or more, of 8, 32 or 64 bits, signed or unsigned, with optional bounds | `proc_dointvec()`, `proc_douintvec()`, `proc_dou8vec_minmax()`, `proc_doulongvec_minmax()` and the like |
//! | [`String`] | `proc_dostring()` |
//! | [`Bitmap`] | `proc_do_large_bitmap()` |
//! | [`ReadOnly`]: any of these, for reading only | a mode of 0444 |
//! | `Arc` of any of these, to share the value with the rest of the module | a pointer |
//!
//! A module declares this file as `pub mod sysctl;`. It is an interface then, so the compiler does
//! not warn about the parts that the module leaves unused.
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)
//!
//! # Differences from C's handlers
//!
//! - The storage types assume `kernel.sysctl_writes_strict=1`, the default. The variable is static
//!   in `kernel/sysctl.c`, so modules cannot read it.
//! - Some storage types improve on their C handlers. Their documentation says how.
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

// Every function here and in `sysctl/` is generic or `#[inline]`, so that a module contains only what
// it uses.

use core::{
    hint::black_box,
    marker::{
        PhantomData,
        PhantomPinned, //
    },
    mem::MaybeUninit,
    ptr,
    slice, //
};
use kernel::{
    bindings,
    error::from_err_ptr,
    fs::file::Offset,
    page::PAGE_SIZE,
    prelude::*, //
};

mod bitmap;
mod integers;
mod line;
mod list;
pub(crate) mod number;
mod shared;
mod string;
mod text;

pub use self::{
    bitmap::Bitmap,
    integers::{
        AtomicInteger,
        Bool,
        Integers, //
    },
    line::TooLong,
    list::words_for,
    number::Integer,
    shared::ReadOnly,
    string::String,
};

/// How many bytes of one write the storage types look at. `PAGE_SIZE - 1` in `do_proc_vec()`.
const WRITE_MAX: usize = PAGE_SIZE - 1;

/// The value behind an entry.
///
/// The functions work on a kernel buffer, never on user memory. They may sleep. Any number of tasks
/// may run them at once. They are never called for zero bytes.
///
/// If a BPF program is attached as `cgroup/sysctl`, the kernel reads the value before each read and
/// each write, for the program. It reads a page at most.
///
/// Most types implement [`read_value`] and [`store_value`]. A type that can be read or written in
/// pieces implements [`read_at`] or [`store_at`] instead.
///
/// [`read_value`]: SysctlStorage::read_value
/// [`store_value`]: SysctlStorage::store_value
/// [`read_at`]: SysctlStorage::read_at
/// [`store_at`]: SysctlStorage::store_at
pub trait SysctlStorage: Sync {
    /// Whether the mode of the entry may permit writing.
    const WRITABLE: bool = true;

    /// Stores the value that `data` spells.
    ///
    /// Returns how many bytes it consumed, at most `data.len()`. Fewer make a short write. An error
    /// becomes that of `write(2)`, and must leave the value as it was.
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        let _ = data;
        Err(EINVAL)
    }

    /// Prints the value into `data`, cut where that ends.
    ///
    /// Returns how many bytes it printed, at most `data.len()`. An error becomes that of `read(2)`.
    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        let _ = data;
        Ok(0)
    }

    /// Stores `data` at `offset`, and moves `offset` to where the next write begins. An error leaves
    /// both as they were.
    ///
    /// By default, a write at an offset other than 0 succeeds and is ignored.
    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<usize> {
        let consumed = if *offset == 0 {
            self.store_value(data)?
        } else {
            data.len()
        };
        *offset = offset.wrapping_add_unsigned(consumed as u64);
        Ok(consumed)
    }

    /// Prints into `data` what stands at `offset`, and moves `offset` to where the next read begins.
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

    /// Returns why an entry cannot be registered with this storage, if it cannot.
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
pub trait SysctlTable<const N: usize>: Sync {
    /// Returns the entries.
    fn entries(&self) -> Result<[Entry<'_>; N]>;
}

/// An entry of a [`SysctlTable`].
///
/// # Invariants
///
/// - `table.data` points to storage that is borrowed for `'a`.
/// - `table.proc_handler` is `proc_handler` for the type of that storage.
/// - `table.procname` is a NUL-terminated string that is never freed.
#[repr(transparent)]
pub struct Entry<'a> {
    table: bindings::ctl_table,
    _storage: PhantomData<&'a ()>,
}

impl<'a> Entry<'a> {
    /// Makes an entry `name` with the permission bits `mode`, backed by `storage` and owned by root.
    ///
    /// # Errors
    ///
    /// As for [`Sysctl::register`]: [`EINVAL`], [`EACCES`] and [`ERANGE`].
    #[inline]
    pub fn new<S: SysctlStorage>(
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
        // INVARIANT: `storage` is an `S` that is borrowed for `'a`, the handler is the one for `S`, and
        // `name` is static.
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

    /// Returns whether `other` has the same name.
    #[inline]
    fn collides(&self, other: &Self) -> bool {
        // SAFETY: By the type invariants, both are NUL-terminated and never freed.
        unsafe { bindings::strcmp(self.table.procname, other.table.procname) == 0 }
    }

    /// Fails if the file `/proc/sys/<path>/<name>` exists or cannot exist.
    #[inline]
    fn require_absent(&self, path: &CStr) -> Result {
        // SAFETY: `procname` is NUL-terminated by the type invariants, and so are the other strings.
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
        // SAFETY: `kasprintf()` allocated `file`, and nothing uses it any more.
        unsafe { bindings::kfree(file.cast()) };
        match from_err_ptr(opened) {
            Ok(opened) => {
                // SAFETY: `filp_open()` returned this reference to a file, and nothing else uses it.
                unsafe { bindings::fput(opened) };
                Err(EEXIST)
            }
            Err(ENOENT) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A registered table of `N` entries under `/proc/sys`; one entry by default.
///
/// Dropping it unregisters the entries, then drops the storage. It is pinned because C keeps
/// pointers to it.
///
/// # Unloading
///
/// `unregister_sysctl_table()` first makes the entries unreachable: a file that is still open
/// returns ENOENT from then on. Then it waits for running handlers. A module's exit function drops
/// its `Sysctl`, so no handler runs when the kernel frees the module's code. For the same reason, a
/// handler must not drop its own `Sysctl`: it would wait for itself.
///
/// # Forgetting
///
/// A pinned value stays where it is until it is dropped, so reads and writes go on working after
/// [`core::mem::forget`] of the pointer to it. But the handler is part of the module. Unloading the
/// module leaves `/proc/sys` with a pointer to freed code. As with the registrations of the `kernel`
/// crate, never forget a `Sysctl` in a module that can be unloaded.
///
/// # Invariants
///
/// - `header` is what `register_sysctl_sz()` returned for `entries`, which are registered.
/// - `entries` borrow from `storage`, which is only shared until they have been unregistered.
#[pin_data(PinnedDrop)]
pub struct Sysctl<T: 'static, const N: usize = 1> {
    #[pin]
    storage: T,
    entries: [Entry<'static>; N],
    header: *mut bindings::ctl_table_header,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: Any thread may unregister the entries, and may drop the storage because `T` is `Send`.
unsafe impl<T: Send, const N: usize> Send for Sysctl<T, N> {}

// SAFETY: A shared `Sysctl` only gives out `&T`, and `T` is `Sync`.
unsafe impl<T: Sync, const N: usize> Sync for Sysctl<T, N> {}

impl<T: SysctlStorage> Sysctl<T> {
    /// Makes the file `/proc/sys/<path>/<name>` with the permission bits `mode`, backed by `storage`
    /// and owned by root. Creates missing directories, which vanish with their last entry.
    ///
    /// `path` is one or more names joined by `/`. The kernel copies `path` and keeps a pointer to
    /// `name`.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: a name is empty, is longer than 255 bytes, begins with a dot or contains a `/`.
    /// - `ENAMETOOLONG`: the whole path is longer than `PATH_MAX`.
    /// - [`EACCES`]: `mode` has bits outside 0666, or permits writing read-only storage.
    /// - [`ERANGE`]: the initial value is out of bounds, or the bounds exclude every value.
    /// - [`EEXIST`]: the entry exists. If a module's `init` returns this error, newer module loaders
    ///   report EBUSY, because EEXIST means that the module is loaded already.
    /// - [`ENOTDIR`]: `path` leads through a file.
    /// - [`ENOMEM`]: memory is short, or `path` is a mount point, which takes no entries.
    ///
    /// An error leaves nothing registered.
    ///
    /// `register_sysctl_sz()` returns NULL for every failure. For an entry that exists, it also
    /// hides the whole directory of that entry, because `insert_header()` erases a node that it has
    /// not inserted (Linux 7.3). So this function checks everything except the last error itself. It
    /// looks files up as the calling task sees them. [`ENOMEM`] replaces the errors about files if
    /// that task sees no `/proc`, or if another task registers the same entry at the same time.
    pub fn register<'a, E: 'a>(
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
    /// Makes the directory `/proc/sys/<path>` with all entries of `storage`, or with none.
    ///
    /// # Errors
    ///
    /// As for [`register`](Sysctl::register). Two entries of the same name are [`EEXIST`].
    pub fn register_table<'a, E: 'a>(
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
                // SAFETY: `storage` is initialized and pinned. From here on it is only shared, until
                // `drop` has unregistered the entries. Only they keep this reference.
                let entries = entries(unsafe { &(*this.as_ptr()).storage })?;
                require_new(path, &entries)?;
                entries
            },
            // INVARIANT: On success the entries, which borrow from `storage`, are registered.
            header: {
                // SAFETY: `entries` is initialized and pinned. It and what it points to stay valid
                // until `drop` has unregistered it. `path` is NUL-terminated.
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

    /// Returns the storage, which readers and writers of the entries use at the same time.
    pub fn get(&self) -> &T {
        &self.storage
    }
}

#[pinned_drop]
impl<T, const N: usize> PinnedDrop for Sysctl<T, N> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants `header` is registered. Only this line unregisters it.
        unsafe { bindings::unregister_sysctl_table(self.header) };
    }
}

/// Fails if `entries` cannot be registered in `path`, as far as that can be known beforehand.
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
/// `proc_sys_call_handler()` calls it, and keeps the entry registered during the call. Its buffer is
/// all zeros for a read. For a write, it holds what user space writes, or what a `cgroup/sysctl` BPF
/// program replaces that by.
///
/// If such a program is attached, `__cgroup_bpf_run_filter_sysctl()` calls this function too, before
/// each read and write, to get the current value. Its buffer is a page that nobody has written.
///
/// # Safety
///
/// - `table` must be the table of an [`Entry`] that is backed by an `S`.
/// - `buffer` must be valid for reads and writes of `*lenp` bytes, and aligned for [`u64`], as what
///   `kmalloc()` returns is.
/// - Those bytes must be initialized, unless `write` is 0 and `*lenp` is [`PAGE_SIZE`].
/// - `lenp` and `ppos` must be valid for reads and writes.
/// - Nothing else may use what `buffer`, `lenp` and `ppos` point to during the call.
unsafe extern "C" fn proc_handler<S: SysctlStorage>(
    table: *const bindings::ctl_table,
    write: c_int,
    buffer: *mut c_void,
    lenp: *mut usize,
    ppos: *mut bindings::loff_t,
) -> c_int {
    // SAFETY: By the safety requirements, `lenp` and `ppos` are valid and nothing else uses them.
    let (lenp, ppos) = unsafe { (&mut *lenp, &mut *ppos) };
    let length = *lenp;
    if length == 0 {
        return 0;
    }

    // SAFETY: By the invariants of `Entry` and `Sysctl`, `data` points to an `S` that is only shared
    // until the entry has been unregistered. Unregistering waits for this handler.
    let storage = unsafe { &*(*table).data.cast::<S>() };
    if write != 0 {
        // SAFETY: By the safety requirements, `buffer` has `length` initialized bytes.
        let data = unsafe { slice::from_raw_parts(buffer.cast(), length) };
        handle_write(storage, data, lenp, ppos)
    } else {
        if length == PAGE_SIZE {
            // SAFETY: By the safety requirements, `buffer` is aligned, valid for writes of a page, and
            // used by nothing else. `MaybeUninit` need not be initialized.
            let page =
                unsafe { slice::from_raw_parts_mut(buffer.cast(), PAGE_SIZE / size_of::<u64>()) };
            clear(page);
        }
        // SAFETY: By the safety requirements, `buffer` is valid for `length` bytes and used by nothing
        // else. The bytes are initialized: if the caller has not initialized them, they are a page,
        // and `clear` has.
        let data = unsafe { slice::from_raw_parts_mut(buffer.cast(), length) };
        finish(storage.read_at(data, ppos), length, lenp)
    }
}

/// Makes all of `words` 0.
///
/// This is a loop that the compiler neither unrolls nor turns into a call of `memset()`. Unrolled, it
/// would be larger than the rest of a small handler. If there was a call, reads of any length would
/// save registers for it.
#[inline]
fn clear(words: &mut [MaybeUninit<u64>]) {
    for word in words {
        word.write(0);
        black_box(());
    }
}

/// A function of its own, so that reads do not save the registers that writes need.
#[inline(never)]
fn handle_write<S: SysctlStorage>(
    storage: &S,
    data: &[u8],
    lenp: &mut usize,
    ppos: &mut Offset,
) -> c_int {
    finish(storage.store_at(data, ppos), *lenp, lenp)
}

/// Turns the result of a handler into C's. The caller copies `*lenp` bytes out of the buffer, which has
/// `length`.
#[inline]
fn finish(result: Result<usize>, length: usize, lenp: &mut usize) -> c_int {
    match result {
        Ok(done) => {
            *lenp = done.min(length);
            0
        }
        Err(error) => error.to_errno(),
    }
}
