// SPDX-License-Identifier: GPL-2.0

//! A lock that needs no initialization, so that what it protects can be a static.
//!
//! C header: [`include/linux/wait_bit.h`](srctree/include/linux/wait_bit.h)

use core::{
    cell::UnsafeCell,
    sync::atomic::{
        fence,
        AtomicUsize,
        Ordering, //
    },
};
use kernel::bindings;

/// A value that one task at a time uses. The others sleep.
///
/// The kernel's mutexes need an address and a lock class when they are made. This is one of its bit
/// locks, which are zero at first. Lockdep does not know bit locks, so nothing that can take
/// another lock may run while one is held.
///
/// # Invariants
///
/// `data` is only accessed by the task that has set the lowest bit of `bits`.
pub(crate) struct Lock<T> {
    bits: AtomicUsize,
    data: UnsafeCell<T>,
}

// SAFETY: By the type invariants, one task at a time uses the value.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    /// Makes a lock that nobody holds.
    pub(crate) const fn new(data: T) -> Self {
        // INVARIANT: Nobody else knows the value yet.
        Self {
            bits: AtomicUsize::new(0),
            data: UnsafeCell::new(data),
        }
    }

    /// Calls `look` with the value as soon as no other task uses it. May sleep.
    #[inline]
    pub(crate) fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> R {
        #[cfg(CONFIG_DEBUG_ATOMIC_SLEEP)]
        kernel::task::might_sleep();
        if self.bits.fetch_or(1, Ordering::Acquire) & 1 != 0 {
            wait(&self.bits);
        }
        // SAFETY: This task has set the bit, and clears it when `look` no longer has the value.
        let result = look(unsafe { &mut *self.data.get() });
        self.bits.fetch_and(!1, Ordering::SeqCst);
        // A waiter that has seen the bit is in the queue before this looks there. On x86, what
        // changes the bit is such a fence.
        if cfg!(not(target_arch = "x86_64")) {
            fence(Ordering::SeqCst);
        }
        // SAFETY: The word is valid, and its bit 0 is what waiters wait for.
        unsafe { bindings::wake_up_bit(self.bits.as_ptr().cast(), 0) };
        result
    }
}

/// Waits until the lowest bit is clear, and sets it.
#[cold]
#[inline]
fn wait(bits: &AtomicUsize) {
    // SAFETY: The word is valid. `bit_wait()` is an action for any bit. It never fails in this
    // mode, so the bit is this task's.
    unsafe {
        bindings::out_of_line_wait_on_bit_lock(
            bits.as_ptr().cast(),
            0,
            Some(bindings::bit_wait),
            bindings::TASK_UNINTERRUPTIBLE,
        )
    };
}

/// Returns a number that no other task has.
#[inline]
pub(crate) fn current() -> usize {
    // SAFETY: There always is a current task.
    let task = unsafe { bindings::get_current() };
    task as usize
}
