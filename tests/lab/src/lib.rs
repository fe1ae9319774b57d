// SPDX-License-Identifier: GPL-2.0

//! Debian roots with stock kernels and our packages, and the machines that boot them.
//!
//! `make run` and the tests share what is slow to make. All of it is under `/var/cache/oximod-lab`
//! (or `$OXIMOD_LAB`), made once and named by a digest of what it was made from.

pub mod autopkgtest;
pub mod bench;
pub mod cache;
pub mod debian;
pub mod debug;
pub mod fedora;
pub mod modules;
pub mod progress;
pub mod root;
pub mod secure_boot;
pub mod vm;

/// What went wrong, in words for a person.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
