// SPDX-License-Identifier: GPL-2.0

//! What is going on, on standard error.

use std::{
    fmt::Display,
    io::{stderr, Write},
    time::Instant,
};

/// Runs `work` and tells when it begins and how long it took. Several steps can go on at the same time, so
/// each line stands alone.
pub fn step<T, E>(what: impl Display, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let begun = Instant::now();
    show(format!("{what} ..."));
    let result = work();
    let outcome = if result.is_ok() { "" } else { " FAILED" };
    let seconds = begun.elapsed().as_secs_f64();
    show(format!("{what}: {seconds:.1} s{outcome}"));
    result
}

/// Writes a line. Tests that pass show it too: only what macros print is captured there.
pub fn show(what: impl Display) {
    let _ = writeln!(stderr(), "{what}");
}
