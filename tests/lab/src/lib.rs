// SPDX-License-Identifier: GPL-2.0

//! Debian roots with stock kernels and our packages, and the machines that boot them.
//!
//! `make run` and the tests share what is slow to make. All of it is under `/var/cache/oximod-lab`
//! (or `$OXIMOD_LAB`), made once and named by a digest of what it was made from.

mod accel;
pub mod arch;
pub mod autopkgtest;
pub mod bare;
pub mod bench;
pub mod cache;
pub mod debian;
pub mod debug;
pub mod demo;
pub mod disk;
pub mod fedora;
pub mod fleet;
mod health;
pub mod kernel;
pub mod machine;
pub mod matrix;
mod patience;
pub mod prepare;
mod programs;
pub mod progress;
pub mod root;
pub mod secure_boot;
pub mod setup;
pub mod survey;
pub mod system;
pub mod trial;

/// What tests that draw at random begin with: `$OXIMOD_SEED`, or 1.
pub fn seed() -> u64 {
    let seed = std::env::var("OXIMOD_SEED").ok();
    seed.map_or(1, |seed| seed.parse().expect("OXIMOD_SEED is a number"))
}

/// What went wrong, in words for a person.
pub type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
