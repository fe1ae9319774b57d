// SPDX-License-Identifier: GPL-2.0

//! Strings. Those of C have the types of [`core::ffi`].

use core::{
    fmt,
    ops::Deref, //
};
use real::{
    error::Error,
    ffi::c_char, //
};

pub use core::ffi::CStr;
pub use real::str::*;

/// What the kernel adds to [`CStr`].
pub trait CStrExt {
    /// Returns a pointer to the first character, for C.
    fn as_char_ptr(&self) -> *const c_char;
}

impl CStrExt for CStr {
    #[inline(always)]
    fn as_char_ptr(&self) -> *const c_char {
        self.as_ptr().cast()
    }
}

/// An owned string of C.
pub struct CString(real::str::CString);

impl CString {
    /// Makes a string of what `args` print.
    ///
    /// # Errors
    ///
    /// ENOMEM if memory is short, EINVAL if the text has a NUL in it.
    pub fn try_from_fmt(args: fmt::Arguments<'_>) -> Result<Self, Error> {
        real::str::CString::try_from_fmt(args).map(Self)
    }
}

impl Deref for CString {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        // SAFETY: The older type has the same contents: its only NUL is the last byte.
        unsafe { CStr::from_bytes_with_nul_unchecked(self.0.as_bytes_with_nul()) }
    }
}
