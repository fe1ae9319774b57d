// SPDX-License-Identifier: GPL-2.0

//! The definitions of the kernel's C headers, as bindgen has translated them.

pub use real::bindings::*;

/// Registers entries under `/proc/sys`. C does not write to `table`, and its newer type says so.
///
/// # Safety
///
/// As for the C function, see `include/linux/sysctl.h`.
#[inline(always)]
pub unsafe fn register_sysctl_sz(
    path: *const real::ffi::c_char,
    table: *const ctl_table,
    table_size: usize,
) -> *mut ctl_table_header {
    // SAFETY: By the safety requirements.
    unsafe { real::bindings::register_sysctl_sz(path, table.cast_mut(), table_size) }
}

/// Does the same for a network namespace.
///
/// # Safety
///
/// As for the C function, see `include/net/net_namespace.h`. It may take from the table's mode what lets others write.
#[inline(always)]
pub unsafe fn register_net_sysctl_sz(
    net: *mut net,
    path: *const real::ffi::c_char,
    table: *const ctl_table,
    table_size: usize,
) -> *mut ctl_table_header {
    // SAFETY: By the safety requirements.
    unsafe { real::bindings::register_net_sysctl_sz(net, path, table.cast_mut(), table_size) }
}

pub use real::bindings::{init_timer_key as timer_init_key, system_unbound_wq as system_dfl_wq};
