// SPDX-License-Identifier: GPL-2.0

//! The entries of a directory, before they are registered.

use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    bindings,
    error::from_err_ptr,
    fs::file::Offset,
    prelude::*, //
};

use super::{
    announce::{
        Announced,
        Changes, //
    },
    hooks::{
        Hook,
        Hooked,
        OnWrite,
        SysctlValue,
        Validate, //
    },
    proc_handler,
    text,
    SysctlShow,
    SysctlStorage, //
};

type Handler = unsafe extern "C" fn(
    *const bindings::ctl_table,
    c_int,
    *mut c_void,
    *mut usize,
    *mut bindings::loff_t,
) -> c_int;

/// The entries that [`Sysctl::dir`](super::Sysctl::dir) registers.
///
/// Dropping it unregisters them first, then drops what is kept.
///
/// # Invariants
///
/// `files` and `kept` are NULL or begin lists of `File` and of `Kept` in boxes. This owns them, and
/// what is kept is borrowed for `'a`.
pub struct Dir<'a> {
    files: *mut File,
    kept: *mut Link,
    // Nothing can make `'a` shorter or longer.
    _storage: PhantomData<fn(&'a ()) -> &'a ()>,
}

/// A file of a [`Dir<'a>`](Dir), and those that were added before it.
///
/// # Invariants
///
/// - The `data` of the table points to storage that is borrowed for `'a`, and its `proc_handler` is
///   `proc_handler` for the type of that storage.
/// - `procname` is a NUL-terminated string that is never freed.
/// - `header` is NULL, or the header of the table, which is registered.
/// - `changes` is NULL, or borrowed for `'a`.
struct File {
    name: &'static CStr,
    table: bindings::ctl_table,
    header: *mut bindings::ctl_table_header,
    changes: *const Changes,
    next: *mut File,
}

impl File {
    fn changes(&self) -> Option<&Changes> {
        // SAFETY: By the type invariants.
        unsafe { self.changes.as_ref() }
    }
}

/// Returns `first` and the files that were added before it.
///
/// # Safety
///
/// `first` must be NULL or a file of a directory that is neither changed nor dropped for `'f`.
unsafe fn files<'f>(first: *const File) -> impl Iterator<Item = &'f File> {
    // SAFETY: By the safety requirements.
    let file = |file: *const File| unsafe { file.as_ref() };
    core::iter::successors(file(first), move |last| file(last.next))
}

/// A value of any type that lives as long as its directory.
#[pin_data]
#[repr(C)]
struct Kept<T> {
    link: Link,
    #[pin]
    value: T,
}

impl<T> Kept<T> {
    /// Drops the box of the value that begins with `link`.
    ///
    /// # Safety
    ///
    /// `link` must begin a `Kept<T>` and be what [`KBox::into_raw`] has returned. Nothing may use
    /// it any more.
    unsafe fn drop(link: *mut Link) {
        // SAFETY: By the safety requirements.
        drop(unsafe { KBox::from_raw(link.cast::<Self>()) });
    }
}

/// The start of a [`Kept`], in a list.
struct Link {
    next: *mut Link,
    /// [`Kept::drop`] for the type of this value.
    drop: unsafe fn(*mut Link),
}

impl<'a> Dir<'a> {
    pub(crate) fn new() -> Self {
        // INVARIANT: There is nothing yet.
        Self {
            files: ptr::null_mut(),
            kept: ptr::null_mut(),
            _storage: PhantomData,
        }
    }

    /// Adds an entry `name` with the mode 0644, backed by `storage`.
    ///
    /// # Errors
    ///
    /// As for [`entry`](Self::entry).
    pub fn read_write<S: SysctlStorage>(
        &mut self,
        name: &'static CStr,
        storage: &'a S,
    ) -> Result<Entry<'_, 'a, S>> {
        self.entry(name, 0o644, storage)
    }

    /// Adds an entry `name` with the mode 0444, which shows `storage`.
    ///
    /// # Errors
    ///
    /// As for [`entry`](Self::entry).
    pub fn read_only<S: SysctlShow>(
        &mut self,
        name: &'static CStr,
        storage: &'a S,
    ) -> Result<Entry<'_, 'a, Shown<S>>> {
        let shown = ptr::from_ref(storage).cast::<Shown<S>>();
        // SAFETY: A `Shown` has the layout of its only field, which is borrowed for `'a`.
        self.entry(name, 0o444, unsafe { &*shown })
    }

    /// Adds an entry `name` with the permission bits `mode`, backed by `storage` and owned by root.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: `name` is empty, is longer than 255 bytes, begins with a dot or contains a
    ///   `/`.
    /// - [`EACCES`]: `mode` has bits outside 0666.
    /// - [`ENOMEM`]: memory is short.
    pub fn entry<S: SysctlStorage>(
        &mut self,
        name: &'static CStr,
        mode: bindings::umode_t,
        storage: &'a S,
    ) -> Result<Entry<'_, 'a, S>> {
        let data = ptr::from_ref(storage).cast_mut().cast();
        // SAFETY: This is an `S` that is borrowed for `'a`.
        unsafe { self.push(name, mode, data, proc_handler::<S>) }?;
        Ok(Entry { dir: self, storage })
    }

    /// Adds a file.
    ///
    /// # Safety
    ///
    /// `data` must point to storage that is borrowed for `'a`, and `handler` must be the one for
    /// its type.
    unsafe fn push(
        &mut self,
        name: &'static CStr,
        mode: bindings::umode_t,
        data: *mut c_void,
        handler: Handler,
    ) -> Result {
        if !text::is_name(name.to_bytes_with_nul()) {
            return Err(EINVAL);
        }
        if mode & !0o666 != 0 {
            return Err(EACCES);
        }
        // INVARIANT: The safety requirements are the first one, `name` is static, and nothing is
        // registered.
        let file = File {
            name,
            table: bindings::ctl_table {
                procname: name.as_char_ptr(),
                data,
                mode,
                proc_handler: Some(handler),
                ..pin_init::zeroed()
            },
            header: ptr::null_mut(),
            changes: ptr::null(),
            next: self.files,
        };
        self.files = KBox::into_raw(KBox::new(file, GFP_KERNEL_ACCOUNT)?);
        Ok(())
    }

    /// Keeps what `init` makes as long as the directory.
    fn keep<T: 'a>(&mut self, init: impl PinInit<T>) -> Result<&'a T> {
        let link = Link {
            next: self.kept,
            drop: Kept::<T>::drop,
        };
        let kept = pin_init!(Kept { link, value <- init });
        let kept = KBox::pin_init(kept, GFP_KERNEL_ACCOUNT)?;
        // SAFETY: Nothing moves the value before it is dropped.
        let kept = KBox::into_raw(unsafe { Pin::into_inner_unchecked(kept) });
        // INVARIANT: A `Kept` begins with its `Link`.
        self.kept = kept.cast();
        // SAFETY: By the type invariants, it is borrowed for `'a`.
        Ok(unsafe { &(*kept).value })
    }

    /// Registers the entries in `/proc/sys/<path>`. Those before one that fails stay until this is
    /// dropped.
    pub(super) fn register(&mut self, path: &CStr) -> Result {
        // SAFETY: By the type invariants, this function may have the tables.
        unsafe {
            self.register_by(path, None, |path, table| {
                bindings::register_sysctl_sz(path, table, 1)
            })
        }
    }

    /// Does the same by `add`, which gets the path and the table of each entry. If they belong to a
    /// network namespace, `is_current` says whether this is the one whose files the task sees.
    ///
    /// # Safety
    ///
    /// `add` must return NULL, or the header of that table, which stays registered until this is
    /// dropped. Nothing may be registered yet.
    #[inline(always)]
    pub(crate) unsafe fn register_by(
        &mut self,
        path: &CStr,
        is_current: Option<bool>,
        add: impl Fn(*const c_char, *mut bindings::ctl_table) -> *mut bindings::ctl_table_header,
    ) -> Result {
        if !text::is_path(path.to_bytes_with_nul()) {
            return Err(EINVAL);
        }
        if is_current.is_some() && self.files().any(|file| file.changes().is_some()) {
            return Err(EINVAL);
        }
        let is_seen = is_current.unwrap_or(true);
        let mut next = self.files;
        // SAFETY: By the type invariants, this owns the files.
        while let Some(file) = unsafe { next.as_mut() } {
            next = file.next;
            if is_seen {
                require_absent(path, &file.table)?;
            } else {
                // SAFETY: As above.
                let mut others = unsafe { files(next) };
                if others.any(|other| other.name == file.name) {
                    return Err(EEXIST);
                }
            }
            // The table neither moves nor changes until `drop` has unregistered it, and what it
            // points to lives longer.
            // INVARIANT: By the safety requirements.
            file.header = add(path.as_char_ptr(), &raw mut file.table);
            if file.header.is_null() {
                return Err(ENOMEM);
            }
            if let Some(changes) = file.changes() {
                changes.queue();
            }
        }
        Ok(())
    }

    /// Announces a change of what the entry `name` shows.
    #[inline]
    pub(super) fn notify(&self, name: &CStr) -> Result {
        let file = self.files().find(|file| file.name == name);
        let changes = file.and_then(File::changes);
        changes.ok_or(ENOENT).map(Changes::notify)
    }

    fn files(&self) -> impl Iterator<Item = &File> {
        // SAFETY: By the type invariants, this owns the files.
        unsafe { files(self.files) }
    }
}

impl Drop for Dir<'_> {
    #[inline(never)]
    fn drop(&mut self) {
        while !self.files.is_null() {
            // SAFETY: By the type invariants, this owns the box.
            let file = unsafe { KBox::from_raw(self.files) };
            self.files = file.next;
            if let Some(changes) = file.changes() {
                changes.take_leave();
            }
            if !file.header.is_null() {
                // SAFETY: By the type invariants, it is registered. Only this line unregisters it.
                unsafe { bindings::unregister_sysctl_table(file.header) };
            }
        }
        // Each may point to those behind it, which are older.
        while !self.kept.is_null() {
            let link = self.kept;
            // SAFETY: By the type invariants, this owns the box. No handler uses what is in it any
            // more.
            unsafe {
                self.kept = (*link).next;
                ((*link).drop)(link);
            }
        }
    }
}

/// An entry that has been added to a [`Dir`], and is the last one there.
///
/// Its closures run in the context of the task that writes, and may sleep. For one entry, they run
/// one after the other, in the order of the values. Changes that the module makes itself do not
/// call them.
///
/// A closure that writes to its own entry gets `EDEADLK`; one that waits for another task to do so
/// waits for ever. It may read the entry, and change the value behind it. Like any handler, it must
/// not drop its [`Sysctl`](super::Sysctl), which would wait for it. When that is dropped, no
/// closure runs any more. Only then are the closures dropped, and after them the storage.
pub struct Entry<'d, 'a, S> {
    dir: &'d mut Dir<'a>,
    storage: &'a S,
}

impl<'d, 'a, S: SysctlValue + 'a> Entry<'d, 'a, S> {
    /// Has `check` look at each new value before it is stored. An error becomes that of `write(2)`,
    /// and leaves the value as it was.
    ///
    /// Fails with [`ENOMEM`] if memory is short.
    pub fn validate<F>(
        self,
        check: F,
    ) -> Result<Entry<'d, 'a, impl SysctlValue<Value = S::Value> + 'a>>
    where
        F: Fn(&S::Value) -> Result + Send + Sync + 'a,
    {
        self.hooked(Validate(check))
    }

    /// Has `act` called after each write that has stored a value, with the value before it and the
    /// new one. These can be the same.
    ///
    /// Fails with [`ENOMEM`] if memory is short.
    pub fn on_write<F>(self, act: F) -> Result
    where
        F: Fn(&S::Value, &S::Value) + Send + Sync + 'a,
    {
        self.hooked(OnWrite(act)).map(drop)
    }

    fn hooked<H: Hook<S::Value> + 'a>(self, hook: H) -> Result<Entry<'d, 'a, Hooked<'a, S, H>>> {
        let storage = self.dir.keep(Hooked::new(self.storage, hook))?;
        Ok(self.backed_by(storage))
    }
}

impl<'d, 'a, S: SysctlStorage + 'a> Entry<'d, 'a, S> {
    /// Announces when the value has changed, to whoever wants to know.
    ///
    /// - Programs that sleep in `poll()`, `select()` or epoll wake up, with `POLLPRI` and
    ///   `POLLERR`, as for `kernel/hostname`. They have to be interested in one of these. Opening
    ///   the file and each wake-up begin anew.
    /// - A uevent `change` of `/sys/module/<module>` has the value as `<key>=<value>`. It follows
    ///   about a tenth of a second later, and stands for all changes until then. The last one
    ///   always has the last value. The first one follows registration.
    ///
    /// A write that stores the same value again is no change, but for [`Bits`](super::Bits) and for
    /// storage that does not override [`SysctlStorage::replace_value`]. If the module itself
    /// changes the value, it calls [`Sysctl::notify`](super::Sysctl::notify), or
    /// [`Changes::notify`] of [`changes`](Self::changes) in a closure.
    ///
    /// A uevent has at most 255 bytes of `<key>=<value>`, and of the value what comes before its
    /// first control character other than a tab. `key` should begin with the module's name, as udev
    /// also keeps its own properties there.
    ///
    /// When the [`Sysctl`](super::Sysctl) is dropped, all who sleep wake up, as for a change or
    /// with `POLLERR` and `POLLHUP`. Later these two are all that the file says of itself. A
    /// `select()` for exceptions does not ask for them, so one that begins now sleeps for ever,
    /// unless it has a timeout.
    ///
    /// That takes about a tenth of a second for each entry. The queue in which tasks sleep is freed
    /// when all have left it. If some have not after a second, it stays in memory for ever, some
    /// 100 bytes. With PREEMPT_RT it always does, as `aio_poll()` may still use it.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: `key` is empty, has more than 64 bytes, or one that is not of `A-Z0-9_`. Or
    ///   the entry announces its changes already.
    /// - [`ENOMEM`]: memory is short.
    pub fn announce(
        mut self,
        module: &'static ThisModule,
        key: &'static CStr,
    ) -> Result<Entry<'d, 'a, Announced<'a, S>>> {
        if self.file().changes().is_some() {
            return Err(EINVAL);
        }
        let announced = self.dir.keep(Announced::new(self.storage, module, key)?)?;
        let mut entry = self.backed_by(announced);
        let file = entry.file();
        file.table.poll = announced.changes().table_poll();
        // INVARIANT: It is borrowed for `'a`.
        file.changes = announced.changes();
        Ok(entry)
    }

    fn backed_by<T: SysctlStorage>(self, storage: &'a T) -> Entry<'d, 'a, T> {
        let mut entry = Entry {
            dir: self.dir,
            storage,
        };
        let file = entry.file();
        // INVARIANT: `storage` is borrowed for `'a`, and the handler is the one for its type.
        file.table.data = ptr::from_ref(storage).cast_mut().cast();
        file.table.proc_handler = Some(proc_handler::<T>);
        entry
    }

    fn file(&mut self) -> &mut File {
        // SAFETY: By the type invariants, the directory owns the file. This is the last one, as
        // nobody else has been able to add one.
        unsafe { &mut *self.dir.files }
    }
}

impl<'a, S: SysctlStorage> Entry<'_, 'a, Announced<'a, S>> {
    /// Returns what announces changes that the module makes itself, for closures of the directory.
    pub fn changes(&self) -> &'a Changes {
        self.storage.changes()
    }
}

/// A value that cannot be written: see [`Dir::read_only`].
#[repr(transparent)]
pub struct Shown<S>(S);

impl<S: SysctlShow> SysctlStorage for Shown<S> {
    fn store_value(&self, _data: &[u8]) -> Result<usize> {
        Err(EACCES)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        self.0.show(data)
    }

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        self.0.show_at(data, offset)
    }
}

/// Fails if the file `/proc/sys/<path>/<procname>` exists or cannot exist.
fn require_absent(path: &CStr, table: &bindings::ctl_table) -> Result {
    // SAFETY: By the invariants of `File`, `procname` is NUL-terminated, and so are the other
    // strings.
    let file = unsafe {
        bindings::kasprintf(
            bindings::GFP_KERNEL,
            c"/proc/sys/%s/%s".as_char_ptr(),
            path.as_char_ptr(),
            table.procname,
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
