// SPDX-License-Identifier: GPL-2.0

//! What tests share and is slow to make, made at once before they run.

use std::thread;

use crate::{bare::Bare, debian, disk::Disk, Result};

/// What tests share. Each waits for what it is made from.
const SHARED: &[fn() -> Result<()>] = &[
    || Disk::fedora().map(drop),
    || Disk::installed().map(drop),
    || Disk::arrived().map(drop),
    || Bare::newest().map(drop),
    || Bare::before().map(drop),
    || Disk::own().map(drop),
    || Bare::own().map(drop),
    || debian::checkers().map(drop),
    || debian::firmware().map(drop),
];

/// Makes all of it; what fails is left to the tests that need it.
pub fn all() {
    thread::scope(|scope| {
        for make in SHARED {
            scope.spawn(make);
        }
    });
}
