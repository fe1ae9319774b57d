// SPDX-License-Identifier: GPL-2.0

//! Reads and writes files of a byte or more at the same time.
//!
//! Usage: `contend TIMES FILE...`. Each FILE is written what two tasks read from it, TIMES each, or `0` and
//! `1` in turn where that is refused.

use std::{
    env,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    process::exit,
    thread,
};

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [times, files @ ..] = &arguments[..] else {
        eprintln!("usage: contend TIMES FILE...");
        exit(2);
    };
    let times: u32 = times.parse().expect("a number");
    for path in files {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        thread::scope(|scope| {
            let tasks = [(); 2].map(|()| scope.spawn(|| contend(&file, times)));
            tasks
                .into_iter()
                .try_for_each(|task| task.join().expect("no task panics"))
        })?;
    }
    Ok(())
}

fn contend(file: &File, times: u32) -> io::Result<()> {
    let mut value = vec![0; 4096];
    for time in 0..times {
        let length = file.read_at(&mut value, 0)?;
        let other: &[u8] = if time % 2 == 0 { b"0" } else { b"1" };
        if file.write_at(other, 0).is_err() {
            file.write_at(&value[..length], 0)?;
        }
    }
    Ok(())
}
