// SPDX-License-Identifier: GPL-2.0

//! Loads and unloads a module while others read and write its entry.
//!
//! Usage: `churn MODULE.ko NAME ENTRY CYCLES`. The entry is a bit. Exit code 1: something was read that
//! is no bit, or the module could not be loaded or unloaded.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::Path,
    process::exit,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    thread,
};

use rustix::system::{delete_module, finit_module};

#[derive(Default)]
struct Counts {
    reads: AtomicU32,
    writes: AtomicU32,
    misses: AtomicU32,
    wrong: AtomicU32,
}

impl Counts {
    /// Counts a read or a write, or why there was none.
    fn count(&self, result: io::Result<()>, done: &AtomicU32) {
        match result {
            Ok(()) => done.fetch_add(1, Relaxed),
            Err(error) if error.kind() == ErrorKind::NotFound => self.misses.fetch_add(1, Relaxed),
            Err(error) => {
                eprintln!("{error}");
                self.wrong.fetch_add(1, Relaxed)
            }
        };
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [file, name, entry, cycles] = &arguments[..] else {
        eprintln!("usage: churn MODULE.ko NAME ENTRY CYCLES");
        exit(2);
    };
    let cycles: u32 = cycles.parse().expect("a number");
    let entry = Path::new(entry);
    let done = AtomicBool::new(false);
    let counts = Counts::default();

    thread::scope(|scope| -> io::Result<()> {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    counts.count(read(entry), &counts.reads);
                }
            });
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    counts.count(write(entry), &counts.writes);
                }
            });
        }
        let result = (0..cycles).try_for_each(|_| cycle(file, name, entry));
        done.store(true, Relaxed);
        result
    })?;
    let Counts {
        reads,
        writes,
        misses,
        wrong,
    } = counts;
    let wrong = wrong.into_inner();
    println!(
        "{cycles} cycles, {} reads, {} writes, {} times nothing there, {wrong} wrong",
        reads.into_inner(),
        writes.into_inner(),
        misses.into_inner()
    );
    exit((wrong != 0).into());
}

fn cycle(file: &str, name: &str, entry: &Path) -> io::Result<()> {
    finit_module(File::open(file)?, c"", 0)?;
    for _ in 0..10 {
        read(entry)?;
    }
    let name = std::ffi::CString::new(name)?;
    Ok(delete_module(&name, 0)?)
}

fn read(entry: &Path) -> io::Result<()> {
    let mut text = Vec::new();
    File::open(entry)?.read_to_end(&mut text)?;
    match &text[..] {
        b"0\n" | b"1\n" => Ok(()),
        _ => Err(io::Error::other(format!("read: {text:?}"))),
    }
}

fn write(entry: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .open(entry)?
        .write_all(b"flip")
}
