// SPDX-License-Identifier: GPL-2.0

//! What several programs share.

pub mod filter;
pub mod sleep;

/// Returns how many bytes a page has. The kernel looks at a byte less of a write.
pub fn page() -> usize {
    rustix::param::page_size()
}
