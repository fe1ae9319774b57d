// SPDX-License-Identifier: GPL-2.0

//! Entries under `/proc/sys`.
//!
//! [`Sysctl::register`] makes one entry, [`Sysctl::dir`] those of a directory. Dropping the
//! [`Sysctl`] unregisters them. A [`SysctlStorage`] decides what a read shows and what a write
//! does. These storage types behave like C's handlers in Linux 7.3, and can be statics:
//!
//! | storage | C |
//! |---|---|
//! | [`Bool`] | `proc_dobool()` |
//! | [`Int<i32>`](Int), `Int<[i32; 3]>` and others | `proc_dointvec()`, `proc_dointvec_minmax()` |
//! | `Int<u32>`, `Int<u8>` and others | `proc_douintvec_minmax()`, `proc_dou8vec_minmax()` |
//! | `Int<usize>`, `Int<[usize; 3]>` | `proc_doulongvec_minmax()` |
//! | [`Int<i32, Seconds>`](Seconds), jiffies | `proc_dointvec_jiffies()` |
//! | [`Int<i32, Milliseconds>`](Milliseconds) | `proc_dointvec_ms_jiffies()` |
//! | `Int<usize, Milliseconds>` | `proc_doulongvec_ms_jiffies_minmax()` |
//! | [`Int<i32, UserHz>`](UserHz) | `proc_dointvec_userhz_jiffies()` |
//! | [`Text`] | `proc_dostring()` |
//! | [`Bits`] | `proc_do_large_bitmap()` |
//!
//! C header: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h)
//!
//! # Differences from C's handlers
//!
//! - The storage types assume `kernel.sysctl_writes_strict=1`, the default. The variable is static
//!   in `kernel/sysctl.c`, so Rust code cannot read it.
//! - Some storage types improve on their C handlers. Their documentation says how.
//!
//! # Announcements
//!
//! [`Entry::announce`] lets programs sleep until an entry changes, and has udev hear of it.
//!
//! # Network namespaces
//!
//! `net.rs`, beside this file, has entries for each network namespace.
//!
//! # Examples
//!
//! ```
//! # use kernel::prelude::*;
//! # use crate::sysctl::{Int, Sysctl};
//! static LEVEL: Int<i32> = Int::bounded(60, 0..=100);
//!
//! struct Settings {
//!     hits: Int<u64>,
//!     mode: Int<u8>,
//! }
//!
//! #[pin_data]
//! struct Module {
//!     #[pin]
//!     settings: Sysctl<Settings>,
//! }
//!
//! impl kernel::InPlaceModule for Module {
//!     fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
//!         let settings = Settings {
//!             hits: Int::new(0),
//!             mode: Int::new(0),
//!         };
//!         try_pin_init!(Self {
//!             settings <- Sysctl::dir(c"net/example", settings, |settings, dir| {
//!                 dir.read_write(c"level", &LEVEL)?;
//!                 dir.read_only(c"hits", &settings.hits)?;
//!                 dir.read_write(c"mode", &settings.mode)?
//!                     .validate(|new| if *new % 2 == 0 { Ok(()) } else { Err(EINVAL) })?
//!                     .on_write(|old, new| pr_info!("mode: {old}, then {new}\n"))
//!             }),
//!         })
//!     }
//! }
//!
//! fn example(module: &Module) {
//!     if LEVEL.get() > 50 {
//!         module.settings.hits.add(1);
//!     }
//! }
//! ```

use core::{
    hint::black_box,
    marker::PhantomPinned,
    mem::MaybeUninit,
    ops::Deref,
    slice, //
};
use kernel::{
    bindings,
    fs::file::Offset,
    page::PAGE_SIZE,
    prelude::*, //
};

mod announce;
mod bits;
mod cells;
mod dir;
mod hooks;
mod int;
mod line;
mod list;
mod lock;
pub(crate) mod number;
mod storage;
mod string;
mod text;
mod time;

pub use self::{
    announce::{
        Announced,
        Changes, //
    },
    bits::Bits,
    cells::{
        AtomicInteger,
        Primitive,
        Values, //
    },
    dir::{
        Dir,
        Entry,
        Shown, //
    },
    hooks::{
        Parsed,
        SysctlValue, //
    },
    int::{
        Bool,
        Int, //
    },
    line::{
        Line,
        TooLong, //
    },
    list::words_for,
    number::{
        print_value,
        Integer,
        Plain,
        Unit, //
    },
    storage::{
        Stored,
        SysctlShow,
        SysctlStorage, //
    },
    string::Text,
    text::print_text,
    time::{
        Milliseconds,
        Seconds,
        UserHz,
        HZ, //
    },
};

/// How many bytes of one write the storage types look at. `PAGE_SIZE - 1` in `do_proc_vec()`.
const WRITE_MAX: usize = PAGE_SIZE - 1;

/// Registered entries under `/proc/sys`, and what they show and store. It dereferences to that.
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
/// module leaves `/proc/sys` with a pointer to freed code. As with the registrations of the
/// `kernel` crate, never forget a `Sysctl` in a module that can be unloaded.
///
/// # Invariants
///
/// `entries` borrow from `storage`, which is only shared until they have been dropped.
#[pin_data]
pub struct Sysctl<T: 'static> {
    // This is dropped before what it borrows from.
    entries: Dir<'static>,
    #[pin]
    storage: T,
    #[pin]
    _pin: PhantomPinned,
}

// SAFETY: Any thread may unregister the entries and drop their closures, and may drop the storage
// because `T` is `Send`.
unsafe impl<T: Send> Send for Sysctl<T> {}

// SAFETY: A shared `Sysctl` gives out `&T`, and `T` is `Sync`. Any thread may announce a change.
unsafe impl<T: Sync> Sync for Sysctl<T> {}

impl<T> Sysctl<T> {
    /// Makes the file `/proc/sys/<path>/<name>` with the permission bits `mode`, backed by
    /// `storage` and owned by root.
    ///
    /// # Errors
    ///
    /// As for [`dir`](Self::dir) and [`Dir::entry`].
    pub fn register<'a, E: 'a>(
        path: &'a CStr,
        name: &'static CStr,
        storage: impl PinInit<T, E> + 'a,
        mode: bindings::umode_t,
    ) -> impl PinInit<Self, Error> + 'a
    where
        T: SysctlStorage,
        Error: From<E>,
    {
        Self::dir(path, storage, move |storage, dir| {
            dir.entry(name, mode, storage).map(drop)
        })
    }

    /// Makes the directory `/proc/sys/<path>` with all entries that `fill` adds, or with none.
    /// Creates missing directories, which vanish with their last entry.
    ///
    /// `path` is one or more names joined by `/`. The kernel copies `path` and keeps pointers to
    /// the names of the entries. They can be backed by parts of `storage` and by statics.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: `path` has a name that is empty, is longer than 255 bytes or begins with a
    ///   dot.
    /// - `ENAMETOOLONG`: the whole path of an entry is longer than `PATH_MAX`.
    /// - [`EEXIST`]: an entry exists. If a module's `init` returns this error, newer module loaders
    ///   report EBUSY, because EEXIST means that the module is loaded already.
    /// - [`ENOTDIR`]: `path` leads through a file.
    /// - [`ENOMEM`]: memory is short, `path` is a mount point, which takes no entries, or network
    ///   namespaces have that directory for themselves.
    /// - What `fill` and `storage` return.
    ///
    /// An error leaves nothing registered. The entries come and go one after the other.
    ///
    /// `register_sysctl_sz()` returns NULL for every failure. Up to Linux 7.3, for an entry that
    /// exists, it also hides the whole directory of that entry, because `insert_header()` erases a
    /// node that it has not inserted. So this function checks everything except the last error
    /// itself. It looks files up as the calling task sees them. [`ENOMEM`] replaces the errors
    /// about files if that task sees no `/proc`, or if another task registers the same entry at
    /// the same time.
    pub fn dir<'a, E: 'a, F>(
        path: &'a CStr,
        storage: impl PinInit<T, E> + 'a,
        fill: F,
    ) -> impl PinInit<Self, Error> + 'a
    where
        F: for<'s> FnOnce(&'s T, &mut Dir<'s>) -> Result + 'a,
        Error: From<E>,
    {
        Self::filled(storage, move |storage, entries| {
            fill(storage, entries)?;
            entries.register(path)
        })
    }

    /// Makes a directory that `fill` fills and registers.
    #[inline]
    pub(crate) fn filled<'a, E: 'a, F>(
        storage: impl PinInit<T, E> + 'a,
        fill: F,
    ) -> impl PinInit<Self, Error> + 'a
    where
        F: for<'s> FnOnce(&'s T, &mut Dir<'s>) -> Result + 'a,
        Error: From<E>,
    {
        try_pin_init!(&this in Self {
            storage <- storage,
            entries: {
                let mut entries = Dir::new();
                // SAFETY: `storage` is initialized and pinned. From here on it is only shared,
                // until the entries have been unregistered and dropped. Only they keep this
                // reference: `fill` is the same for any lifetime.
                fill(unsafe { &(*this.as_ptr()).storage }, &mut entries)?;
                // INVARIANT: They borrow from `storage`.
                entries
            },
            _pin: PhantomPinned,
        }? Error)
    }

    /// Announces that the module itself has changed what the entry `name` shows, as
    /// [`Entry::announce`] does for writes. This may also be called in an interrupt; with
    /// PREEMPT_RT, in a threaded one.
    ///
    /// Fails with [`ENOENT`] if there is no such entry, or it was not made to announce its changes.
    pub fn notify(&self, name: &CStr) -> Result {
        self.entries.notify(name)
    }
}

impl<T> Deref for Sysctl<T> {
    type Target = T;

    /// Returns the storage, which readers and writers of the entries use at the same time.
    fn deref(&self) -> &T {
        &self.storage
    }
}

/// The `proc_handler` of every entry that is backed by an `S`.
///
/// `proc_sys_call_handler()` calls it, and keeps the entry registered during the call. Its buffer
/// is all zeros for a read. For a write, it holds what user space writes, or what a `cgroup/sysctl`
/// BPF program replaces that by.
///
/// If such a program is attached, `__cgroup_bpf_run_filter_sysctl()` calls this function too,
/// before each read and write, to get the current value. Its buffer is a page that nobody has
/// written.
///
/// # Safety
///
/// - `table` must be that of a [`Dir`]'s file whose storage is an `S`.
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

    // SAFETY: By the invariants of `Sysctl` and of the file, `data` points to an `S` that is only
    // shared until the entry has been unregistered. Unregistering waits for this handler.
    let storage = unsafe { &*(*table).data.cast::<S>() };
    if write != 0 {
        // SAFETY: By the safety requirements, `buffer` has `length` initialized bytes.
        let data = unsafe { slice::from_raw_parts(buffer.cast(), length) };
        handle_write(storage, data, lenp, ppos)
    } else {
        if length == PAGE_SIZE {
            // SAFETY: By the safety requirements, `buffer` is aligned, valid for writes of a page,
            // and used by nothing else. `MaybeUninit` need not be initialized.
            let page =
                unsafe { slice::from_raw_parts_mut(buffer.cast(), PAGE_SIZE / size_of::<u64>()) };
            clear(page);
        }
        // SAFETY: By the safety requirements, `buffer` is valid for `length` bytes and used by
        // nothing else. The bytes are initialized: if the caller has not initialized them, they are
        // a page, and `clear` has.
        let data = unsafe { slice::from_raw_parts_mut(buffer.cast(), length) };
        finish(storage.read_at(data, ppos), length, lenp)
    }
}

/// Makes all of `words` 0.
///
/// This is a loop that the compiler neither unrolls nor turns into a call of `memset()`. Unrolled,
/// it would be larger than the rest of a small handler. If there was a call, reads of any length
/// would save registers for it.
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
    let consumed = storage.store_at(data, ppos).map(|stored| stored.consumed);
    finish(consumed, *lenp, lenp)
}

/// Turns the result of a handler into C's. The caller copies `*lenp` bytes out of the buffer, which
/// has `length`.
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
