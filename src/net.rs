// SPDX-License-Identifier: GPL-2.0

//! Network namespaces, and entries under `/proc/sys` that each of them has for itself.
//!
//! A [`NetSysctl`] is what a namespace has: values, and the entries that show them.
//! [`PerNet::register`] makes one for each namespace that is there, and for each that comes. It
//! goes with its namespace, or with the [`PerNet`].
//!
//! C headers: [`include/net/net_namespace.h`](srctree/include/net/net_namespace.h),
//! [`include/net/netns/generic.h`](srctree/include/net/netns/generic.h)
//!
//! # Examples
//!
//! ```ignore
//! struct Settings {
//!     limit: Int<i32>,
//! }
//!
//! net::namespaced!(Settings);
//!
//! impl NetSysctl for Settings {
//!     const PATH: &'static CStr = c"net/example";
//!
//!     fn new(_net: &Net) -> impl PinInit<Self, Error> {
//!         Ok(Self {
//!             limit: Int::bounded(100, 0..=1000),
//!         })
//!     }
//!
//!     fn entries<'a>(&'a self, dir: &mut NetDir<'a>) -> Result {
//!         dir.read_write(c"limit", &self.limit).map(drop)
//!     }
//! }
//!
//! struct Module {
//!     settings: PerNet<Settings>,
//! }
//!
//! impl kernel::Module for Module {
//!     fn init(module: &'static ThisModule) -> Result<Self> {
//!         Ok(Self {
//!             settings: PerNet::register(module)?,
//!         })
//!     }
//! }
//!
//! fn example(module: &Module, net: &Net) {
//!     let limit = module.settings.get(net).map(|settings| settings.limit.get());
//! }
//! ```

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::MaybeUninit,
    ptr,
    sync::atomic::{
        AtomicBool,
        AtomicPtr,
        Ordering, //
    },
};
use kernel::{
    bindings,
    prelude::*,
    sync::rcu,
    types::Opaque, //
};

use crate::sysctl::{
    Dir,
    Entry,
    Shown,
    Sysctl,
    SysctlShow,
    SysctlStorage, //
};

/// A network namespace. C's `struct net`.
///
/// # Invariants
///
/// C is setting the namespace up on behalf of the current task, or has done so. It does not call
/// the exit functions of subsystems for it, those that `register_pernet_subsys()` registers, while
/// there is a reference.
#[repr(transparent)]
pub struct Net(Opaque<bindings::net>);

// SAFETY: Everything that is read of it stays the same, or is protected by RCU.
unsafe impl Sync for Net {}

impl Net {
    /// Returns C's namespace as this type.
    ///
    /// # Safety
    ///
    /// For `'a`, `net` must be valid, C must have set it up, and must not call the exit functions
    /// of subsystems for it. This holds while the caller holds a reference, as [`get_net()`] gets
    /// one, and while it handles a packet of one of the namespace's devices.
    ///
    /// [`get_net()`]: srctree/include/net/net_namespace.h
    #[inline]
    pub unsafe fn from_raw<'a>(net: *mut bindings::net) -> &'a Self {
        // SAFETY: By the safety requirements. The type has the layout of its only field.
        // INVARIANT: By the safety requirements.
        unsafe { &*net.cast() }
    }

    /// Returns the namespace for C.
    #[inline]
    pub fn as_ptr(&self) -> *mut bindings::net {
        self.0.get()
    }

    /// Returns the namespace that is there from the start. C's `init_net`.
    #[inline]
    pub fn initial() -> &'static Self {
        // SAFETY: It is always there.
        unsafe { Self::from_raw(&raw mut bindings::init_net) }
    }

    /// Calls `look` with the namespace of the current task, unless that is ending and has none any
    /// more.
    #[inline]
    pub fn with_current<R>(look: impl FnOnce(&Self) -> R) -> Option<R> {
        // SAFETY: There always is a current task. Only itself changes its namespaces, and it is
        // here.
        let namespaces = unsafe { (*bindings::get_current()).nsproxy };
        // SAFETY: As above. They contain a reference to the namespace.
        (!namespaces.is_null()).then(|| look(unsafe { Self::from_raw((*namespaces).net_ns) }))
    }

    /// Returns whether this is the namespace that is there from the start.
    #[inline]
    pub fn is_initial(&self) -> bool {
        ptr::eq(self, Self::initial())
    }

    /// Returns whether the initial user namespace owns the network namespace. Anybody may make
    /// others.
    #[inline]
    pub fn is_owned_by_init_user_ns(&self) -> bool {
        // SAFETY: By the type invariants. A namespace never changes its owner.
        let owner = unsafe { (*self.as_ptr()).user_ns };
        ptr::eq(owner, &raw const bindings::init_user_ns)
    }
}

/// What a network namespace has for itself: values, and entries below `/proc/sys`.
///
/// [`namespaced!`] declares what C must know of the type.
pub trait NetSysctl: Namespaced {
    /// The directory of the entries, as for [`Sysctl::dir`](crate::sysctl::Sysctl::dir), usually
    /// below `net`.
    const PATH: &'static CStr;

    /// Makes the values for `net`. An error becomes that of [`PerNet::register`], or of the system
    /// call that makes the namespace.
    fn new(net: &Net) -> impl PinInit<Self, Error>;

    /// Adds the entries of the namespace. After an error, it has none. The error becomes that of
    /// the same calls as for [`new`](Self::new).
    fn entries<'a>(&'a self, dir: &mut NetDir<'a>) -> Result;
}

/// A type that C can make one of for each namespace: see [`namespaced!`].
///
/// # Safety
///
/// `operations` always returns the same.
pub unsafe trait Namespaced: Send + Sync + Sized + 'static {
    /// Returns what C knows of the type.
    fn operations() -> &'static Operations<Self>;
}

/// Declares what C must know of a [`NetSysctl`]: `namespaced!(Settings);`
#[macro_export]
macro_rules! namespaced {
    ($type:ty) => {
        // SAFETY: It is this static.
        unsafe impl $crate::net::Namespaced for $type {
            fn operations() -> &'static $crate::net::Operations<Self> {
                use $crate::net::Operations;
                static OPERATIONS: Operations<$type> = Operations::new();
                &OPERATIONS
            }
        }
    };
}

pub use namespaced;

/// What C knows of a [`Namespaced`] type.
///
/// # Invariants
///
/// Only who has set `is_taken` changes the rest. `operations` and `id` are C's while it has them.
pub struct Operations<T> {
    operations: UnsafeCell<MaybeUninit<bindings::pernet_operations>>,
    id: UnsafeCell<c_uint>,
    module: AtomicPtr<bindings::module>,
    is_taken: AtomicBool,
    _values: PhantomData<fn() -> T>,
}

// SAFETY: By the type invariants.
unsafe impl<T> Sync for Operations<T> {}

impl<T> Operations<T> {
    /// Makes what C knows of a type that is not registered.
    #[allow(clippy::new_without_default)] // it is for statics
    pub const fn new() -> Self {
        Self {
            operations: UnsafeCell::new(MaybeUninit::uninit()),
            id: UnsafeCell::new(0),
            module: AtomicPtr::new(ptr::null_mut()),
            is_taken: AtomicBool::new(false),
            _values: PhantomData,
        }
    }
}

/// Where C keeps what a namespace has. It is zeroes at first.
type Place<T> = AtomicPtr<Namespace<T>>;

/// Returns the place of a namespace, or NULL if C has not made it yet.
///
/// # Safety
///
/// `T` must be registered, or C must call one of its functions. `net` must be valid.
#[inline]
unsafe fn place<T: NetSysctl>(net: *mut bindings::net) -> *const Place<T> {
    let id = T::operations().id.get();
    let _guard = rcu::read_lock();
    // SAFETY: By the safety requirements, the number does not change, and the namespace is valid.
    // RCU protects what its pointer points to: an array of pointers, whose number comes first, in
    // the place of one of them.
    unsafe {
        let index = *id as usize;
        let pointers = (&raw const (*net).gen).read_volatile();
        if index < pointers.cast::<c_uint>().read() as usize {
            let place = pointers.cast::<*const Place<T>>().wrapping_add(index);
            place.read_volatile()
        } else {
            ptr::null()
        }
    }
}

/// What a namespace has.
///
/// # Invariants
///
/// `entries` borrow from `values`, which are only shared until they have been dropped.
#[pin_data]
struct Namespace<T> {
    // This is dropped before what it borrows from.
    entries: UnsafeCell<Dir<'static>>,
    #[pin]
    values: T,
}

impl<T: NetSysctl> Namespace<T> {
    fn new(net: &'static Net) -> impl PinInit<Self, Error> {
        try_pin_init!(&this in Self {
            values <- T::new(net),
            entries: {
                let module = T::operations().module.load(Ordering::Relaxed);
                let fill = NetDir::fill(net, module, T::PATH, T::entries);
                let mut entries = Dir::new();
                // SAFETY: The values are initialized and pinned. From here on they are only shared,
                // until the entries have been unregistered and dropped. Only those keep this
                // reference: `fill` is the same for any lifetime.
                fill(unsafe { &(*this.as_ptr()).values }, &mut entries)?;
                // INVARIANT: They borrow from `values`.
                UnsafeCell::new(entries)
            },
        }? Error)
    }
}

/// Makes what a namespace has.
///
/// # Safety
///
/// C must call this as the function of a `pernet_operations` of `T`.
unsafe extern "C" fn init<T: NetSysctl>(net: *mut bindings::net) -> c_int {
    // SAFETY: C sets the namespace up, or has done so and keeps it. Safe code gets a reference with
    // a shorter lifetime: `T::new` for its duration, and the entries until `pre_exit` has
    // unregistered them.
    let reference = unsafe { Net::from_raw(net) };
    match KBox::pin_init(Namespace::<T>::new(reference), GFP_KERNEL_ACCOUNT) {
        Ok(namespace) => {
            // SAFETY: Nothing moves it. C has made the place.
            unsafe {
                let namespace = KBox::into_raw(Pin::into_inner_unchecked(namespace));
                (*place(net)).store(namespace, Ordering::Release);
            }
            0
        }
        Err(error) => error.to_errno(),
    }
}

/// Unregisters the entries of a namespace. Where several types have some, C calls this for all of
/// them before any exit function.
///
/// # Safety
///
/// As for [`init`], which must have succeeded for the namespace.
unsafe extern "C" fn pre_exit<T: NetSysctl>(net: *mut bindings::net) {
    // SAFETY: By the safety requirements, this is what `init` has stored. Only this function uses
    // the entries.
    unsafe {
        let namespace: *mut Namespace<T> = (*place(net)).load(Ordering::Relaxed);
        *(*namespace).entries.get() = Dir::new();
    }
}

/// Drops the values of a namespace.
///
/// # Safety
///
/// As for [`init`], and [`pre_exit`] must have been called.
unsafe extern "C" fn exit<T: NetSysctl>(net: *mut bindings::net) {
    // SAFETY: By the safety requirements, this is what `init` has stored. No handler uses it any
    // more, and no reference to the namespace is valid with which anybody could get it.
    unsafe {
        let namespace: *mut Namespace<T> = (*place(net)).load(Ordering::Relaxed);
        drop(KBox::from_raw(namespace));
    }
}

/// What each network namespace has of a type, from [`register`](Self::register) until this is
/// dropped.
///
/// # Deadlocks
///
/// Registering and dropping it wait for namespaces that come and go, and these wait for handlers.
/// So it must not be registered or dropped by a handler, by [`NetSysctl::new`],
/// [`NetSysctl::entries`] or the drop of values, nor while RTNL is held.
///
/// # Forgetting
///
/// C keeps pointers to the module's functions, and calls them for each namespace that comes or
/// goes. Never forget a `PerNet` in a module that can be unloaded. Statics are not dropped at that
/// moment, so a `PerNet` in a static is forgotten, unless the module's `drop` takes it out.
///
/// # Invariants
///
/// `T` is registered.
pub struct PerNet<T: NetSysctl> {
    _values: PhantomData<fn() -> T>,
}

impl<T: NetSysctl> PerNet<T> {
    /// Makes a `T` in each namespace, and has one made in those that come.
    ///
    /// # Errors
    ///
    /// - [`EBUSY`]: `T` is registered.
    /// - [`ENOMEM`]: memory is short, or an entry exists in a namespace other than that of the
    ///   calling task.
    /// - What [`NetSysctl::new`] and [`NetSysctl::entries`] return, and the errors of
    ///   [`Sysctl::dir`](crate::sysctl::Sysctl::dir).
    /// - [`EINVAL`]: an entry is backed by a static and is not [`NetDir::shared`], or it announces
    ///   its changes.
    ///
    /// An error leaves nothing registered in any namespace.
    ///
    /// Files are looked up as the calling task sees them, so only in its own namespace. In others,
    /// the initial one included, an entry that exists hides its directory, as
    /// [`Sysctl::dir`](crate::sysctl::Sysctl::dir) describes. Namespaces neither come nor go
    /// meanwhile.
    pub fn register(module: &'static ThisModule) -> Result<Self> {
        let known = T::operations();
        if known.is_taken.swap(true, Ordering::Acquire) {
            return Err(EBUSY);
        }
        known.module.store(module.as_ptr(), Ordering::Relaxed);
        let operations = bindings::pernet_operations {
            init: Some(init::<T>),
            pre_exit: Some(pre_exit::<T>),
            exit: Some(exit::<T>),
            id: known.id.get(),
            size: size_of::<Place<T>>(),
            ..Default::default()
        };
        // SAFETY: This has just taken it. It is static, and nothing changes it until it is
        // unregistered.
        let failed = unsafe {
            let place = known.operations.get();
            (*place).write(operations);
            bindings::register_pernet_subsys(place.cast())
        };
        if failed != 0 {
            known.is_taken.store(false, Ordering::Release);
            return Err(Error::from_errno(failed));
        }
        // INVARIANT: It is now.
        Ok(Self {
            _values: PhantomData,
        })
    }

    /// Returns what `net` has. There is nothing while the namespace is being made.
    #[inline]
    pub fn get<'a>(&'a self, net: &'a Net) -> Option<&'a T> {
        // SAFETY: It is registered as long as this exists. Until its exit function is called for
        // the namespace, the place is valid, and so is what is there.
        unsafe {
            let namespace = place::<T>(net.as_ptr()).as_ref()?.load(Ordering::Acquire);
            Some(&namespace.as_ref()?.values)
        }
    }
}

impl<T: NetSysctl> Drop for PerNet<T> {
    fn drop(&mut self) {
        let known = T::operations();
        // SAFETY: It is registered. This waits for namespaces that come and go, and then for
        // handlers.
        unsafe { bindings::unregister_pernet_subsys(known.operations.get().cast()) };
        known.is_taken.store(false, Ordering::Release);
    }
}

/// The entries of a network namespace. Its methods are those of a [`Dir`].
///
/// A task with `CAP_NET_ADMIN` in the user namespace that owns the network namespace may do there
/// what root may.
///
/// # Invariants
///
/// The entries are unregistered before C calls the exit functions of subsystems for the namespace.
/// `module` is the module with this code, or NULL.
pub struct NetDir<'a> {
    dir: Dir<'a>,
    net: &'a Net,
    module: *mut bindings::module,
}

impl<'a> NetDir<'a> {
    /// Returns the namespace.
    pub fn net(&self) -> &'a Net {
        self.net
    }

    /// Adds an entry with the mode 0644, as [`Dir::read_write`] does.
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

    /// Adds an entry with the mode 0444, as [`Dir::read_only`] does. It can be backed by a static.
    ///
    /// # Errors
    ///
    /// As for [`Dir::entry`].
    pub fn read_only<S: SysctlShow>(
        &mut self,
        name: &'static CStr,
        storage: &'a S,
    ) -> Result<Entry<'_, 'a, Shown<S>>> {
        self.dir.read_only(name, storage)
    }

    /// Adds an entry, as [`Dir::entry`] does.
    ///
    /// # Errors
    ///
    /// As for that, and [`EINVAL`] if the entry can be written and `storage` is a static.
    pub fn entry<S: SysctlStorage>(
        &mut self,
        name: &'static CStr,
        mode: bindings::umode_t,
        storage: &'a S,
    ) -> Result<Entry<'_, 'a, S>> {
        if mode & 0o222 != 0 && self.is_of_module(ptr::from_ref(storage).cast()) {
            return Err(EINVAL);
        }
        self.dir.entry(name, mode, storage)
    }

    /// Adds an entry that is the same in all namespaces. In the initial one it has the mode 0644.
    /// The others only show it.
    ///
    /// # Errors
    ///
    /// As for [`Dir::entry`].
    pub fn shared<S: SysctlStorage>(
        &mut self,
        name: &'static CStr,
        storage: &'static S,
    ) -> Result<Entry<'_, 'a, S>> {
        let mode = if self.net.is_initial() { 0o644 } else { 0o444 };
        self.dir.entry(name, mode, storage)
    }

    /// Returns whether something is a part of the module itself, and not of what it has allocated.
    /// Of such data, `register_net_sysctl_sz()` warns in the kernel's log.
    fn is_of_module(&self, address: *const c_void) -> bool {
        // A part of the kernel itself is no module. In a directory of the initial namespace alone,
        // it does not matter.
        if self.module.is_null() {
            return false;
        }
        // SAFETY: By the type invariants, the module is there as long as this code.
        let memory = unsafe { &raw const (*self.module).mem };
        (0..bindings::mod_mem_type_MOD_MEM_NUM_TYPES as usize).any(|index| {
            let part = memory.cast::<bindings::module_memory>().wrapping_add(index);
            // SAFETY: The array has so many parts. What is only needed at first goes at any time.
            let (base, size) = unsafe {
                (
                    (&raw const (*part).base).read_volatile(),
                    (&raw const (*part).size).read_volatile(),
                )
            };
            (address as usize).wrapping_sub(base as usize) < size as usize
        })
    }

    /// Returns a closure that fills and registers a directory.
    fn fill<'f, T: 'f, F>(
        net: &'static Net,
        module: *mut bindings::module,
        path: &'f CStr,
        fill: F,
    ) -> impl for<'s> FnOnce(&'s T, &mut Dir<'s>) -> Result + 'f
    where
        F: for<'s> FnOnce(&'s T, &mut NetDir<'s>) -> Result + 'f,
    {
        move |values, dir| {
            let mut entries = NetDir {
                dir: Dir::new(),
                net,
                module,
            };
            fill(values, &mut entries)?;
            entries.register(path)?;
            *dir = entries.dir;
            Ok(())
        }
    }

    fn register(&mut self, path: &CStr) -> Result {
        let is_current = Net::with_current(|net| ptr::eq(net, self.net)).unwrap_or(false);
        let net = self.net.as_ptr();
        // SAFETY: By the type invariants, the header is valid until the entries are unregistered.
        unsafe {
            self.dir.register_by(path, Some(is_current), |path, table| {
                bindings::register_net_sysctl_sz(net, path, table, 1)
            })
        }
    }
}

impl<T> Sysctl<T> {
    /// Makes a directory that only the initial namespace has: `net` is [`Net::initial`]. Other
    /// namespaces do not see it. They do see what [`Sysctl::dir`] makes.
    ///
    /// # Errors
    ///
    /// As for [`Sysctl::dir`]. Entries that announce their changes fail with [`EINVAL`]. Whether a
    /// file exists is only seen if the calling task is in that namespace: see [`PerNet::register`].
    pub fn dir_in<'a, E: 'a, F>(
        net: &'static Net,
        path: &'a CStr,
        storage: impl PinInit<T, E> + 'a,
        fill: F,
    ) -> impl PinInit<Self, Error> + 'a
    where
        F: for<'s> FnOnce(&'s T, &mut NetDir<'s>) -> Result + 'a,
        Error: From<E>,
    {
        // Whatever the entries are backed by, there is one of it.
        Self::filled(storage, NetDir::fill(net, ptr::null_mut(), path, fill))
    }

    /// Does the same for a part of any namespace that comes and goes, such as a device.
    ///
    /// # Errors
    ///
    /// As for [`dir_in`](Self::dir_in) and [`PerNet::register`].
    ///
    /// # Safety
    ///
    /// The initializer must run, and what it makes must be dropped, before C calls the exit
    /// functions of subsystems for `net`. A device is unregistered before, with RTNL held, so no
    /// closure of its entries may take RTNL.
    pub unsafe fn dir_in_unchecked<'a, E: 'a, F>(
        module: &'static ThisModule,
        net: &Net,
        path: &'a CStr,
        storage: impl PinInit<T, E> + 'a,
        fill: F,
    ) -> impl PinInit<Self, Error> + 'a
    where
        F: for<'s> FnOnce(&'s T, &mut NetDir<'s>) -> Result + 'a,
        Error: From<E>,
    {
        // SAFETY: By the safety requirements, the entries are unregistered while the namespace is
        // valid. Safe code gets the reference for no longer than they exist.
        let net = unsafe { Net::from_raw(net.as_ptr()) };
        Self::filled(storage, NetDir::fill(net, module.as_ptr(), path, fill))
    }
}
