// SPDX-License-Identifier: GPL-2.0

//! What a module does about a write: it checks the new value, and acts on it.

use core::sync::atomic::{
    AtomicUsize,
    Ordering::Relaxed, //
};
use kernel::{
    bindings,
    fs::file::Offset,
    new_mutex,
    prelude::*,
    sync::Mutex, //
};
use pin_init::Zeroable;

use super::{
    lock::current,
    Stored,
    SysctlStorage, //
};

/// Storage whose writes can be looked at before they are stored, for [`Entry::validate`] and
/// [`Entry::on_write`].
///
/// [`Entry::validate`]: super::Entry::validate
/// [`Entry::on_write`]: super::Entry::on_write
pub trait SysctlValue: SysctlStorage {
    /// The value.
    type Value: Copy + PartialEq + Zeroable + Send + Unpin;

    /// Copies the value into `value`.
    fn load(&self, value: &mut Self::Value);

    /// Changes `value`, which is the present one, to what `data` spells, and stores nothing.
    ///
    /// Returns what [`SysctlStorage::store_value`] would.
    fn parse_value(&self, data: &[u8], value: &mut Self::Value) -> Result<usize>;

    /// Does the same for a write at `offset`, and moves `offset` to where the next write begins.
    ///
    /// By default, a write at an offset other than 0 succeeds and is ignored.
    fn parse_at(
        &self,
        data: &[u8],
        offset: &mut Offset,
        value: &mut Self::Value,
    ) -> Result<Parsed> {
        let parsed = if *offset == 0 {
            Parsed::Value(self.parse_value(data, value)?)
        } else {
            Parsed::Ignored(data.len())
        };
        *offset = offset.wrapping_add_unsigned(parsed.consumed() as u64);
        Ok(parsed)
    }

    /// Stores what differs between `old`, which was loaded before the write was parsed, and `new`.
    /// The module may have changed the value since.
    fn store(&self, old: &Self::Value, new: &Self::Value);
}

/// What a write spells, and how many bytes it has consumed.
pub enum Parsed {
    /// A value.
    Value(usize),
    /// Nothing that concerns the value.
    Ignored(usize),
}

impl Parsed {
    /// Returns how many bytes the write has consumed.
    #[inline]
    pub fn consumed(&self) -> usize {
        match self {
            Self::Value(consumed) | Self::Ignored(consumed) => *consumed,
        }
    }
}

/// What is done about a write.
pub(crate) trait Hook<V>: Send + Sync {
    /// Returns why `new` must not be stored, if so.
    fn check(&self, _new: &V) -> Result {
        Ok(())
    }

    /// Acts on a value that has been stored.
    fn act(&self, _old: &V, _new: &V) {}
}

/// The closure of [`Entry::validate`](super::Entry::validate).
pub(crate) struct Validate<F>(pub(crate) F);

impl<V, F: Fn(&V) -> Result + Send + Sync> Hook<V> for Validate<F> {
    fn check(&self, new: &V) -> Result {
        (self.0)(new)
    }
}

/// The closure of [`Entry::on_write`](super::Entry::on_write).
pub(crate) struct OnWrite<F>(pub(crate) F);

impl<V, F: Fn(&V, &V) + Send + Sync> Hook<V> for OnWrite<F> {
    fn act(&self, old: &V, new: &V) {
        (self.0)(old, new)
    }
}

/// Storage with a hook, which may have another one inside.
#[pin_data]
pub(crate) struct Hooked<'a, S: SysctlValue, H> {
    storage: &'a S,
    hook: H,
    /// Values during a write: the old one and the new one. Writes wait for each other here.
    #[pin]
    values: Mutex<[S::Value; 2]>,
    /// The task that writes, or 0.
    writer: AtomicUsize,
}

impl<'a, S: SysctlValue, H: Hook<S::Value>> Hooked<'a, S, H> {
    pub(crate) fn new(storage: &'a S, hook: H) -> impl PinInit<Self> + use<'a, S, H> {
        pin_init!(Self {
            storage,
            hook,
            values <- new_mutex!(pin_init::init_zeroed()),
            writer: AtomicUsize::new(0),
        })
    }
}

impl<S: SysctlValue, H: Hook<S::Value>> SysctlStorage for Hooked<'_, S, H> {
    fn store_value(&self, data: &[u8]) -> Result<usize> {
        Ok(self.store_at(data, &mut 0)?.consumed)
    }

    fn read_value(&self, data: &mut [u8]) -> Result<usize> {
        self.storage.read_value(data)
    }

    fn read_at(&self, data: &mut [u8], offset: &mut Offset) -> Result<usize> {
        self.storage.read_at(data, offset)
    }

    fn store_at(&self, data: &[u8], offset: &mut Offset) -> Result<Stored> {
        let task = current();
        // Only this task can have set it to this value.
        if self.writer.load(Relaxed) == task {
            return Err(Error::from_errno(-(bindings::EDEADLK as c_int)));
        }
        let mut values = self.values.lock();
        let [old, new] = &mut *values;
        let mut next = *offset;
        self.writer.store(task, Relaxed);
        self.load(old);
        *new = *old;
        let parsed = self.parse_at(data, &mut next, new);
        let is_stored = matches!(parsed, Ok(Parsed::Value(_)));
        if is_stored {
            self.store(old, new);
        }
        self.writer.store(0, Relaxed);
        let consumed = parsed?.consumed();
        *offset = next;
        Ok(Stored {
            consumed,
            has_changed: is_stored && old != new,
        })
    }
}

impl<S: SysctlValue, H: Hook<S::Value>> SysctlValue for Hooked<'_, S, H> {
    type Value = S::Value;

    fn load(&self, value: &mut S::Value) {
        self.storage.load(value);
    }

    fn parse_value(&self, data: &[u8], value: &mut S::Value) -> Result<usize> {
        Ok(self.parse_at(data, &mut 0, value)?.consumed())
    }

    fn parse_at(&self, data: &[u8], offset: &mut Offset, value: &mut S::Value) -> Result<Parsed> {
        let parsed = self.storage.parse_at(data, offset, value)?;
        if let Parsed::Value(_) = parsed {
            self.hook.check(value)?;
        }
        Ok(parsed)
    }

    fn store(&self, old: &S::Value, new: &S::Value) {
        self.storage.store(old, new);
        self.hook.act(old, new);
    }
}
