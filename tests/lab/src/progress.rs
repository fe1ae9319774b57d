// SPDX-License-Identifier: GPL-2.0

//! What is going on, on standard error.

use std::{
    fmt::Display,
    io::{stderr, Write},
    sync::mpsc::{channel, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// Runs `work`, tells that it runs while it does, and how long it took.
pub fn step<T, E>(what: impl Display, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let begun = Instant::now();
    eprint!("{what} ");
    let (done, ticks) = channel::<()>();
    let ticker = thread::spawn(move || {
        while ticks.recv_timeout(Duration::from_secs(2)) == Err(RecvTimeoutError::Timeout) {
            eprint!(".");
            let _ = stderr().flush();
        }
    });
    let result = work();
    drop(done);
    let _ = ticker.join();
    let outcome = if result.is_ok() { "" } else { " FAILED" };
    eprintln!(" {:.1} s{outcome}", begun.elapsed().as_secs_f64());
    result
}

/// Shows what came out, of a test too that passes: only what macros print is captured there.
pub fn show(what: impl Display) {
    let _ = writeln!(stderr(), "{what}");
}
