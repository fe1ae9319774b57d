// SPDX-License-Identifier: GPL-2.0

//! Who wants to know hears that an entry has changed: programs that poll it, and udev.
//!
//! C headers: [`include/linux/sysctl.h`](srctree/include/linux/sysctl.h) (`ctl_table_poll`),
//! [`include/linux/kobject.h`](srctree/include/linux/kobject.h),
//! [`include/linux/workqueue.h`](srctree/include/linux/workqueue.h)

use core::{
    mem::MaybeUninit,
    ptr,
    sync::atomic::{
        fence,
        AtomicI32,
        Ordering, //
    },
};
use kernel::{
    bindings,
    fs::file::Offset,
    prelude::*,
    sync::LockClassKey,
    types::Opaque, //
};

use super::{
    hooks::{
        Parsed,
        SysctlValue, //
    },
    text::print_text,
    time::HZ,
    Stored,
    SysctlStorage, //
};

/// A uevent follows a change after this many jiffies: a tenth of a second. It stands for all
/// changes until then.
const DELAY: usize = HZ as usize / 10;

/// How many bytes `KEY=VALUE` has in a uevent, the NUL included. What is longer is cut.
const VARIABLE: usize = 256;

/// How many bytes a key may have.
const KEY: usize = 64;

/// Storage that announces its changes: see [`Entry::announce`](super::Entry::announce).
///
/// # Invariants
///
/// `changes` comes first, and its work is `send` for this type.
#[pin_data]
#[repr(C)]
pub struct Announced<'a, S> {
    #[pin]
    changes: Changes,
    storage: &'a S,
    module: &'static ThisModule,
    key: &'static [u8],
}

impl<'a, S: SysctlStorage> Announced<'a, S> {
    pub(super) fn new(
        storage: &'a S,
        module: &'static ThisModule,
        key: &'static CStr,
    ) -> Result<impl PinInit<Self> + use<'a, S>> {
        // to_bytes() subtracts with a check for overflows, which is a panic.
        let key = match key.to_bytes_with_nul() {
            [key @ .., _nul] if is_key(key) => key,
            _ => return Err(EINVAL),
        };
        let sleepers = Sleepers::new()?;
        // INVARIANT: It does, and it is.
        Ok(pin_init!(Self {
            changes <- Changes::new(sleepers, send::<S>),
            storage,
            module,
            key,
        }))
    }

    #[inline]
    pub(super) fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Sends a uevent with the value, unless that cannot be read. Returns whether that is done.
    fn send(&self) -> bool {
        let module = self.module.as_ptr();
        // A part of the kernel itself has no folder in /sys/module.
        if module.is_null() {
            return true;
        }
        let mut variable = [0; VARIABLE];
        let length = print_text(self.key, &mut variable);
        if let Some([equals, value @ .., _nul]) = variable.get_mut(length..) {
            *equals = b'=';
            let Ok(length) = self.storage.read_value(value) else {
                return true;
            };
            let ends = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
            let shown = value.get(..length).unwrap_or(value);
            let end = shown.iter().position(ends).unwrap_or(length);
            if let Some(end) = value.get_mut(end) {
                *end = 0;
            }
        }
        let mut variables = [variable.as_mut_ptr().cast(), ptr::null_mut()];
        // SAFETY: The module is there as long as this code. `variables` are NUL-terminated strings,
        // with NULL at the end. The kernel copies them.
        let failed = unsafe {
            bindings::kobject_uevent_env(
                &raw mut (*module).mkobj.kobj,
                bindings::kobject_action_KOBJ_CHANGE,
                variables.as_mut_ptr(),
            )
        };
        failed == 0
    }
}

impl<S: SysctlStorage> SysctlStorage for Announced<'_, S> {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        Ok(self.store_at(data, &mut 0)?.consumed)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        self.storage.read_value(data)
    }

    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<Stored> {
        let stored = self.storage.store_at(data, offset)?;
        if stored.has_changed {
            self.changes.notify();
        }
        Ok(stored)
    }

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        self.storage.read_at(data, offset)
    }
}

impl<S: SysctlValue> SysctlValue for Announced<'_, S> {
    type Value = S::Value;

    fn load(&self, value: &mut S::Value) {
        self.storage.load(value);
    }

    fn parse_value(&self, data: &[u8], value: &mut S::Value) -> Result<usize> {
        self.storage.parse_value(data, value)
    }

    fn parse_at(&self, data: &[u8], offset: &mut Offset, value: &mut S::Value) -> Result<Parsed> {
        self.storage.parse_at(data, offset, value)
    }

    fn store(&self, old: &S::Value, new: &S::Value) {
        self.storage.store(old, new);
        if old != new {
            self.changes.notify();
        }
    }
}

/// Returns whether udev takes `key` for the name of a property, and it is not too long.
#[inline]
fn is_key(key: &[u8]) -> bool {
    let is_of_key = |byte: &u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    (1..=KEY).contains(&key.len()) && key.iter().all(is_of_key)
}

/// The work of an [`Announced<S>`](Announced). If memory is short, it tries again later.
///
/// # Safety
///
/// `work` must be that of an `Announced<S>`.
unsafe extern "C" fn send<S: SysctlStorage>(work: *mut bindings::work_struct) {
    // SAFETY: By the safety requirements and the type invariants of it and of `Changes`, an
    // `Announced` begins with this. It waits for this function before it is dropped.
    let announced = unsafe { &*work.cast::<Announced<'_, S>>() };
    if !announced.send() {
        announced.changes.queue();
    }
}

/// Tells of changes of an entry: see [`Entry::changes`](super::Entry::changes).
///
/// # Invariants
///
/// `work` comes first, and begins with its `work_struct`.
#[pin_data(PinnedDrop)]
#[repr(C)]
pub struct Changes {
    #[pin]
    work: Opaque<bindings::delayed_work>,
    #[pin]
    work_key: LockClassKey,
    #[pin]
    timer_key: LockClassKey,
    sleepers: Sleepers,
    // Modules that announce nothing need not contain the function.
    take_leave: fn(&Sleepers),
}

// SAFETY: Any thread may queue work, and wait for it.
unsafe impl Send for Changes {}

// SAFETY: Any number of threads may queue work at once.
unsafe impl Sync for Changes {}

impl Changes {
    #[inline]
    fn new(
        sleepers: Sleepers,
        send: unsafe extern "C" fn(*mut bindings::work_struct),
    ) -> impl PinInit<Self> {
        const { assert!(core::mem::offset_of!(bindings::delayed_work, work) == 0) };
        // INVARIANT: It does, and it does.
        pin_init!(&this in Self {
            work_key <- LockClassKey::new_dynamic(),
            timer_key <- LockClassKey::new_dynamic(),
            work <- Opaque::ffi_init(|work: *mut bindings::delayed_work| {
                // SAFETY: `this` is being initialized, and has its keys already. They stay as long
                // as the work, whose timer is only set by work queues.
                unsafe {
                    let work_key = &(*this.as_ptr()).work_key;
                    let timer_key = &(*this.as_ptr()).timer_key;
                    bindings::init_work_with_key(
                        &raw mut (*work).work,
                        Some(send),
                        false,
                        c"sysctl uevent".as_char_ptr(),
                        work_key.as_ptr(),
                    );
                    bindings::timer_init_key(
                        &raw mut (*work).timer,
                        Some(bindings::delayed_work_timer_fn),
                        bindings::TIMER_IRQSAFE,
                        c"sysctl uevent timer".as_char_ptr(),
                        timer_key.as_ptr(),
                    );
                }
            }),
            sleepers,
            take_leave: Sleepers::take_leave,
        })
    }

    /// Announces that the module itself has changed the value. This may also be called in an
    /// interrupt; with PREEMPT_RT, in a threaded one.
    #[inline]
    pub fn notify(&self) {
        self.sleepers.wake();
        self.queue();
    }

    /// Has a uevent sent soon.
    #[inline]
    pub(super) fn queue(&self) {
        // SAFETY: The work has been initialized, and is not freed before it has been disabled. The
        // queue is always there.
        unsafe {
            bindings::queue_delayed_work_on(
                bindings::wq_misc_consts_WORK_CPU_UNBOUND as c_int,
                bindings::system_dfl_wq,
                self.work.get(),
                DELAY,
            )
        };
    }

    /// Wakes who polls before the entry is unregistered.
    #[inline]
    pub(super) fn take_leave(&self) {
        (self.take_leave)(&self.sleepers);
    }

    /// Returns what C has to know of who polls.
    #[inline]
    pub(super) fn table_poll(&self) -> *mut bindings::ctl_table_poll {
        self.sleepers.table_poll()
    }
}

#[pinned_drop]
impl PinnedDrop for Changes {
    #[inline]
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: The work has been initialized. This waits until it no longer runs. It is not
        // queued again, not even by itself.
        unsafe { bindings::disable_delayed_work_sync(self.work.get()) };
    }
}

/// Tasks that sleep until an entry changes.
///
/// They sleep in a queue without keeping the entry registered, and use the queue when they wake up.
/// So it is freed only if none is left in it. Otherwise it stays in memory for ever. It contains no
/// pointer to the module.
///
/// # Invariants
///
/// `queue` is a [`Queue`] in a box, which this owns.
struct Sleepers {
    queue: *mut Queue,
}

/// # Invariants
///
/// `poll` contains a wait queue, whose lock lockdep knows by `name` and `key`.
#[pin_data]
struct Queue {
    #[pin]
    poll: Opaque<bindings::ctl_table_poll>,
    name: [u8; 12],
    #[pin]
    key: LockClassKey,
}

impl Sleepers {
    #[inline]
    fn new() -> Result<Self> {
        // INVARIANT: It does, and nothing changes them.
        let queue = pin_init!(&this in Queue {
            name: *b"sysctl poll\0",
            key <- LockClassKey::new_dynamic(),
            poll <- Opaque::ffi_init(|poll: *mut bindings::ctl_table_poll| {
                // SAFETY: `this` is being initialized, and has its name and its key already.
                unsafe {
                    let (name, key) = (&raw const (*this.as_ptr()).name, &(*this.as_ptr()).key);
                    let wait = &raw mut (*poll).wait;
                    (&raw mut (*poll).event.counter).write(0);
                    bindings::__init_waitqueue_head(wait, name.cast(), key.as_ptr());
                }
            }),
        });
        let queue = KBox::pin_init(queue, GFP_KERNEL)?;
        // SAFETY: Nothing moves it.
        let queue = KBox::into_raw(unsafe { Pin::into_inner_unchecked(queue) });
        // INVARIANT: It is.
        Ok(Self { queue })
    }

    #[inline]
    fn table_poll(&self) -> *mut bindings::ctl_table_poll {
        // SAFETY: By the type invariants.
        unsafe { (*self.queue).poll.get() }
    }

    #[inline]
    fn wait(&self) -> *mut bindings::wait_queue_head {
        // SAFETY: By the type invariants.
        unsafe { &raw mut (*self.table_poll()).wait }
    }

    /// Follows `proc_sys_poll_notify()`, which is not exported.
    #[inline]
    fn wake(&self) {
        // SAFETY: This is an integer of C that is only changed here. C reads it as it reads any
        // `atomic_t`.
        let event = unsafe { AtomicI32::from_ptr(&raw mut (*self.table_poll()).event.counter) };
        event.fetch_add(1, Ordering::SeqCst);
        // Who polls is in the queue before it looks at the event. So it sees this one, or it is
        // seen here: poll_wait() has the other barrier. On x86, adding is one.
        if cfg!(not(target_arch = "x86_64")) {
            fence(Ordering::SeqCst);
        }
        let wait = self.wait();
        // SAFETY: The queue is valid. It is only compared with its own address.
        unsafe {
            let head = &raw mut (*wait).head;
            if (&raw const (*head).next).read_volatile() != head {
                bindings::__wake_up(wait, bindings::TASK_INTERRUPTIBLE, 1, ptr::null_mut());
            }
        }
    }

    /// Wakes all, and gives them a moment. Who waits for exceptions in select() is not woken by
    /// anything later.
    #[inline]
    fn take_leave(&self) {
        self.wake();
        self.are_gone_within(16);
    }

    /// Returns whether nobody is in the queue.
    ///
    /// A task that leaves it does so with the queue's lock held, and no longer uses it when it has
    /// given that back. This looks with the lock held too.
    #[inline]
    fn is_empty(&self) -> bool {
        let mut entry = MaybeUninit::uninit();
        // SAFETY: The queue is valid, and the entry is not in it any more when this returns.
        unsafe {
            bindings::init_wait_entry(entry.as_mut_ptr(), 0);
            let state = bindings::TASK_RUNNING as c_int;
            let was_empty =
                bindings::prepare_to_wait_exclusive(self.wait(), entry.as_mut_ptr(), state);
            bindings::finish_wait(self.wait(), entry.as_mut_ptr());
            was_empty
        }
    }

    /// Waits that many milliseconds and more until nobody is in the queue. Returns whether that is
    /// so.
    #[inline]
    fn are_gone_within(&self, limit: c_uint) -> bool {
        let mut pause = 1;
        while !self.is_empty() {
            if pause > limit {
                return false;
            }
            // SAFETY: The task may sleep: it unregisters entries, and waits for handlers.
            unsafe { bindings::msleep(pause) };
            pause <<= 1;
        }
        true
    }

    /// Wakes all, and waits a second until nobody is in the queue, nor uses it. Returns whether
    /// that is so.
    ///
    /// Nobody can have come any more: the entry has been unregistered. A task in poll() or select()
    /// leaves the queue when it runs next, but for a select() that only waits for exceptions.
    #[inline]
    fn are_gone(&self) -> bool {
        /// `EPOLLIN`, `EPOLLPRI`, `EPOLLERR`, `EPOLLHUP` and `EPOLLRDNORM`, for poll() and
        /// select(). `POLLFREE` has epoll, aio and io_uring leave the queue.
        /// `include/uapi/linux/eventpoll.h` and `include/uapi/asm-generic/poll.h`.
        const KEY: usize = 0x1 | 0x2 | 0x8 | 0x10 | 0x40 | 0x4000;

        let key = ptr::null_mut::<u8>().wrapping_add(KEY).cast();
        // SAFETY: The queue is valid. `__wake_up_pollfree()` does this too.
        unsafe { bindings::__wake_up(self.wait(), bindings::TASK_NORMAL, 0, key) };
        self.are_gone_within(512) && synchronize()
    }
}

/// Waits until nobody uses a queue any more who has left it when told by `POLLFREE`. Returns false
/// if that cannot be known.
///
/// epoll and io_uring take the queue's lock once more, protected by RCU.
///
/// So does `aio_poll()`. But it comes there from `proc_sys_poll()` without protection, having let
/// go of the entry. It does not sleep on the way, so a grace period of RCU-tasks, which preempted
/// tasks hold up, is enough. With PREEMPT_RT, it may sleep for a lock.
#[inline]
fn synchronize() -> bool {
    if cfg!(all(
        CONFIG_AIO,
        CONFIG_PREEMPT_RCU,
        any(CONFIG_PREEMPT_RT, not(CONFIG_TASKS_RCU))
    )) {
        return false;
    }
    // SAFETY: The task may sleep: it unregisters entries.
    unsafe {
        #[cfg(CONFIG_TASKS_RCU)]
        bindings::synchronize_rcu_tasks();
        bindings::synchronize_rcu();
    }
    true
}

#[cfg(CONFIG_DEBUG_KMEMLEAK)]
extern "C" {
    // `include/linux/kmemleak.h`
    fn kmemleak_not_leak(object: *const c_void);
}

impl Drop for Sleepers {
    #[inline]
    fn drop(&mut self) {
        if self.are_gone() {
            // SAFETY: By the type invariants, this owns the box. Nobody uses what is in it any
            // more.
            drop(unsafe { KBox::from_raw(self.queue) });
        } else {
            #[cfg(CONFIG_DEBUG_KMEMLEAK)]
            // SAFETY: It is allocated.
            unsafe {
                kmemleak_not_leak(self.queue.cast())
            };
        }
    }
}
