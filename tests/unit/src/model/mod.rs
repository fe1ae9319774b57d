// SPDX-License-Identifier: GPL-2.0

//! What C does: `kernel/sysctl.c` and `lib/kstrtox.c` of Linux 7.3.4, translated statement by
//! statement, with indices instead of pointers and [`None`] for EINVAL.
//!
//! No buffer is empty, because handlers are not called for zero bytes. Functions without an offset
//! assume 0.

pub mod bitmap;
pub mod long;
pub mod number;
pub mod string;

/// `PAGE_SIZE`.
const PAGE_SIZE: usize = 4096;
