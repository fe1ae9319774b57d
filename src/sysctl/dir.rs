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
/// `files` and `kept` are NULL or begin lists of `File` and of `Kept` in boxes. This owns them, and what is
/// kept is borrowed for `'a`.
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
/// - `header` is NULL, or what `register_sysctl_sz()` returned for the table, which is registered.
struct File {
    table: bindings::ctl_table,
    header: *mut bindings::ctl_table_header,
    next: *mut File,
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
    /// `link` must begin a `Kept<T>` and be what [`KBox::into_raw`] has returned. Nothing may use it any more.
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
    pub(super) fn new() -> Self {
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
    pub fn read_only<S: SysctlShow>(&mut self, name: &'static CStr, storage: &'a S) -> Result {
        let shown = ptr::from_ref(storage).cast::<Shown<S>>();
        // SAFETY: A `Shown` has the layout of its only field, which is borrowed for `'a`.
        self.entry(name, 0o444, unsafe { &*shown }).map(drop)
    }

    /// Adds an entry `name` with the permission bits `mode`, backed by `storage` and owned by root.
    ///
    /// # Errors
    ///
    /// - [`EINVAL`]: `name` is empty, is longer than 255 bytes, begins with a dot or contains a `/`.
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
    /// `data` must point to storage that is borrowed for `'a`, and `handler` must be the one for its type.
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
        // INVARIANT: The safety requirements are the first one, `name` is static, and nothing is registered.
        let file = File {
            table: bindings::ctl_table {
                procname: name.as_char_ptr(),
                data,
                mode,
                proc_handler: Some(handler),
                ..pin_init::zeroed()
            },
            header: ptr::null_mut(),
            next: self.files,
        };
        self.files = KBox::into_raw(KBox::new(file, GFP_KERNEL)?);
        Ok(())
    }

    /// Keeps what `init` makes as long as the directory.
    fn keep<T: 'a>(&mut self, init: impl PinInit<T>) -> Result<&'a T> {
        let link = Link {
            next: self.kept,
            drop: Kept::<T>::drop,
        };
        let kept = KBox::pin_init(pin_init!(Kept { link, value <- init }), GFP_KERNEL)?;
        // SAFETY: Nothing moves the value before it is dropped.
        let kept = KBox::into_raw(unsafe { Pin::into_inner_unchecked(kept) });
        // INVARIANT: A `Kept` begins with its `Link`.
        self.kept = kept.cast();
        // SAFETY: By the type invariants, it is borrowed for `'a`.
        Ok(unsafe { &(*kept).value })
    }

    /// Registers the entries in `/proc/sys/<path>`. Those before one that fails stay until this is dropped.
    pub(super) fn register(&mut self, path: &CStr) -> Result {
        if !text::is_path(path.to_bytes_with_nul()) {
            return Err(EINVAL);
        }
        let mut next = self.files;
        // SAFETY: By the type invariants, this owns the files.
        while let Some(file) = unsafe { next.as_mut() } {
            require_absent(path, &file.table)?;
            // SAFETY: `path` is NUL-terminated. The table neither moves nor changes until `drop` has
            // unregistered it, and what it points to lives longer.
            let header =
                unsafe { bindings::register_sysctl_sz(path.as_char_ptr(), &file.table, 1) };
            file.header = header;
            if file.header.is_null() {
                return Err(ENOMEM);
            }
            next = file.next;
        }
        Ok(())
    }
}

impl Drop for Dir<'_> {
    #[inline(never)]
    fn drop(&mut self) {
        while !self.files.is_null() {
            // SAFETY: By the type invariants, this owns the box.
            let file = unsafe { KBox::from_raw(self.files) };
            self.files = file.next;
            if !file.header.is_null() {
                // SAFETY: By the type invariants, it is registered. Only this line unregisters it.
                unsafe { bindings::unregister_sysctl_table(file.header) };
            }
        }
        // Each may point to those behind it, which are older.
        while !self.kept.is_null() {
            let link = self.kept;
            // SAFETY: By the type invariants, this owns the box. No handler uses what is in it any more.
            unsafe {
                self.kept = (*link).next;
                ((*link).drop)(link);
            }
        }
    }
}

/// An entry that has been added to a [`Dir`], and is the last one there.
///
/// Its closures run in the context of the task that writes, and may sleep. For one entry, they run one after
/// the other, in the order of the values. Changes that the module makes itself do not call them.
///
/// A closure that writes to its own entry gets `EDEADLK`; one that waits for another task to do so waits for
/// ever. It may read the entry, and change the value behind it. Like any handler, it must not drop its
/// [`Sysctl`](super::Sysctl), which would wait for it. When that is dropped, no closure runs any more. Only then
/// are the closures dropped, and after them the storage.
pub struct Entry<'d, 'a, S> {
    dir: &'d mut Dir<'a>,
    storage: &'a S,
}

impl<'d, 'a, S: SysctlValue + 'a> Entry<'d, 'a, S> {
    /// Has `check` look at each new value before it is stored. An error becomes that of `write(2)`, and
    /// leaves the value as it was.
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

    /// Has `act` called after each write that has stored a value, with the value before it and the new one.
    /// These can be the same.
    ///
    /// Fails with [`ENOMEM`] if memory is short.
    pub fn on_write<F>(self, act: F) -> Result
    where
        F: Fn(&S::Value, &S::Value) + Send + Sync + 'a,
    {
        self.hooked(OnWrite(act)).map(drop)
    }

    fn hooked<H: Hook<S::Value> + 'a>(self, hook: H) -> Result<Entry<'d, 'a, Hooked<'a, S, H>>> {
        let Self { dir, storage } = self;
        let storage = dir.keep(Hooked::new(storage, hook))?;
        // SAFETY: By the type invariants, the directory owns the file. This is the last one, as nobody else has
        // been able to add one.
        let file = unsafe { &mut *dir.files };
        // INVARIANT: `storage` is borrowed for `'a`, and the handler is the one for its type.
        file.table.data = ptr::from_ref(storage).cast_mut().cast();
        file.table.proc_handler = Some(proc_handler::<Hooked<'_, S, H>>);
        Ok(Entry { dir, storage })
    }
}

/// A value that cannot be written.
#[repr(transparent)]
struct Shown<S>(S);

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
    // SAFETY: By the invariants of `File`, `procname` is NUL-terminated, and so are the other strings.
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
