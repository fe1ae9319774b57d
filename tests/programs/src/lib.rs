// SPDX-License-Identifier: GPL-2.0

//! What several programs share.

pub mod filter;
