// SPDX-License-Identifier: GPL-2.0

//! The `kernel` crate of Linux 7 on top of that of an older kernel.
//!
//! A kernel without CONFIG_RUST has no crate that modules must fit, so they need not be written for its own one,
//! which is older than the API that they use. This crate is called `kernel`. It is the older one, which is called
//! `real` here, and what the API has gained since:
//!
//! | file | what |
//! |---|---|
//! | `module.rs` | `module!` with its newer keys, [`InPlaceModule`] |
//! | `module_param.rs` | parameters of modules |
//! | `sync.rs`, `atomic.rs`, `rcu.rs` | a [`sync::Mutex`] whose value is initialized in place, [`sync::atomic`], [`sync::rcu`] |
//! | `str.rs` | strings of C are those of [`core`] |
//! | `bindings.rs` | C functions whose types have changed |
//! | `prelude.rs` | names that are there without being asked for |
//!
//! `../6.12.patch` has what only the older crate itself can say, such as which types implement its traits.
//!
//! What is neither there nor here does not compile, and the error names it: nothing stands for something that it
//! is not.

#![no_std]

// What the older crate's macros make names it `kernel`.
extern crate self as kernel;

#[doc(hidden)]
pub extern crate real;

pub use real::*;

pub mod bindings;
mod module;
pub mod module_param;
pub mod prelude;
pub mod str;
pub mod sync;

/// Formatting. Linux 7 has traits of its own, which do what those of [`core`] do.
pub use core::fmt;

/// Files and their contents.
pub mod fs {
    /// Open files.
    pub mod file {
        /// A position in a file. C's `loff_t`.
        pub type Offset = real::bindings::loff_t;
    }
}

/// Tasks.
pub mod task {
    pub use real::task::*;

    /// Reports where a task must not sleep, in kernels that look for it.
    #[inline]
    #[track_caller]
    pub fn might_sleep() {
        #[cfg(CONFIG_DEBUG_ATOMIC_SLEEP)]
        // SAFETY: The file is NUL-terminated.
        unsafe {
            real::bindings::__might_sleep(c"a Rust module".as_ptr().cast(), 0)
        };
    }
}

#[doc(hidden)]
pub use module::InPlace;
pub use module::InPlaceModule;
