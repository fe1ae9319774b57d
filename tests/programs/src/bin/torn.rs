// SPDX-License-Identifier: GPL-2.0

//! Reads a string while others write it, and counts what is half of one value and half of another.
//!
//! Usage: `torn FILE N` reads N times. Exit code 1: some reads were torn.

use std::{
    env,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    process::exit,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

/// What is written has one letter, this often.
const LENGTH: usize = 60;

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [path, times] = &arguments[..] else {
        eprintln!("usage: torn FILE N");
        exit(2);
    };
    let times = times.parse().expect("a number");
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    file.write_at(&[b'a'; LENGTH], 0)?;

    let done = AtomicBool::new(false);
    let torn = thread::scope(|scope| {
        let writer = scope.spawn(|| write(&file, &done));
        let torn = read(&file, times);
        done.store(true, Relaxed);
        writer.join().expect("the writer does not panic")?;
        torn
    })?;
    println!("{times} reads, {torn} torn");
    exit((torn != 0).into());
}

fn write(file: &File, done: &AtomicBool) -> io::Result<()> {
    for letter in [b'a', b'b'].iter().cycle() {
        if done.load(Relaxed) {
            break;
        }
        file.write_at(&[*letter; LENGTH], 0)?;
    }
    Ok(())
}

/// Returns how many of the reads showed two letters, or some other length.
fn read(file: &File, times: u32) -> io::Result<u32> {
    let mut torn = 0;
    for _ in 0..times {
        let mut line = [0; LENGTH + 1];
        let length = file.read_at(&mut line, 0)?;
        let whole = length == line.len() && line[..LENGTH].iter().all(|byte| *byte == line[0]);
        torn += u32::from(!whole);
    }
    Ok(torn)
}
