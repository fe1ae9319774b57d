// SPDX-License-Identifier: GPL-2.0

//! What C does, from `kernel/sysctl.c` and `lib/kstrtox.c` of Linux 7.3.4, statement by statement,
//! with indices where C has pointers and [`None`] for EINVAL.
//!
//! No buffer is empty, as nothing is called for zero bytes; and where no offset is passed it is 0.

pub mod bitmap;
pub mod long;
pub mod number;
pub mod string;

/// `PAGE_SIZE`.
const PAGE_SIZE: usize = 4096;
