// SPDX-License-Identifier: GPL-2.0

//! What `use kernel::prelude::*` brings.

pub use real::prelude::*;

pub use core::{
    ffi::CStr,
    format_args as fmt,
    mem::{
        align_of,
        size_of, //
    },
};
pub use real::ffi::{
    c_char,
    c_int,
    c_long,
    c_longlong,
    c_schar,
    c_short,
    c_uchar,
    c_uint,
    c_ulong,
    c_ulonglong,
    c_ushort,
    c_void, //
};

pub use crate::{
    module,
    str::CStrExt, //
};
