// SPDX-License-Identifier: GPL-2.0

//! Sleeps until a file below `/proc/sys` changes.
//!
//! Usage: `sleeper poll|select|epoll|uring|aio FILE SECONDS TIMES` opens the file, sleeps so often, and prints each time
//! what has woken it, or `nothing` after so many seconds.

use std::{env, fs::File, io, process::exit, time::Duration};

use programs::sleep::wait;

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [kind, file, seconds, times] = &arguments[..] else {
        eprintln!("usage: sleeper poll|select|epoll|uring|aio FILE SECONDS TIMES");
        exit(2);
    };
    let kind = kind.parse().map_err(io::Error::other)?;
    let limit = Duration::from_secs_f32(seconds.parse().expect("a number"));
    let file = File::open(file)?;
    for _ in 0..times.parse().expect("a number") {
        let flags = wait(kind, &file, limit)?;
        let names: Vec<_> = flags.iter_names().map(|(name, _)| name).collect();
        println!(
            "{}",
            if names.is_empty() {
                "nothing".into()
            } else {
                names.join(" ")
            }
        );
    }
    Ok(())
}
