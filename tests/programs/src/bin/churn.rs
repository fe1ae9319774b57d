// SPDX-License-Identifier: GPL-2.0

//! Loads and unloads a module while others read and write its entry, and sleep until it changes.
//!
//! Usage: `churn MODULE.ko NAME ENTRY CYCLES`. The entry is a bit. In three of four cycles nobody reads or writes it, so who
//! sleeps wakes up because the module is unloaded. Exit code 1: something was read that is no bit, the module could not be
//! loaded or unloaded, or somebody went on sleeping. A `select(2)` that comes too late may do so, but not half of them.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    path::Path,
    process::exit,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    thread,
    time::Duration,
};

use programs::sleep::{wait, Kind};
use rustix::system::{delete_module, finit_module};

/// How long a task sleeps at most. No cycle takes as long.
const SLEEP: Duration = Duration::from_secs(20);

/// How long a cycle takes at least, so that tasks fall asleep.
const QUIET: Duration = Duration::from_millis(5);

/// How long a task sleeps in `select(2)` at most.
const SELECT: Duration = Duration::from_millis(200);

#[derive(Default)]
struct Counts {
    reads: AtomicU32,
    writes: AtomicU32,
    wakes: AtomicU32,
    selects: AtomicU32,
    late: AtomicU32,
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
    let is_quiet = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    let counts = Counts::default();

    thread::scope(|scope| -> io::Result<()> {
        let tasks: [(fn(&Path) -> _, _); 2] = [(read, &counts.reads), (write, &counts.writes)];
        for (task, count) in tasks.into_iter().chain(tasks) {
            let (done, is_quiet, counts) = (&done, &is_quiet, &counts);
            scope.spawn(move || {
                while !done.load(Relaxed) {
                    if is_quiet.load(Relaxed) {
                        thread::sleep(QUIET);
                    } else {
                        counts.count(task(entry), count);
                    }
                }
            });
        }
        for kind in Kind::ALL {
            let (done, counts) = (&done, &counts);
            let woken = match kind {
                Kind::Select => &counts.selects,
                _ => &counts.wakes,
            };
            scope.spawn(move || {
                while !done.load(Relaxed) {
                    counts.count(sleep(kind, entry, &counts.late), woken);
                }
            });
        }
        let result = (0..cycles).try_for_each(|number| {
            is_quiet.store(number % 4 != 0, Relaxed);
            cycle(file, name, entry)
        });
        done.store(true, Relaxed);
        result
    })?;
    let Counts {
        reads,
        writes,
        wakes,
        selects,
        late,
        misses,
        wrong,
    } = counts;
    let [wrong, selects, late] = [wrong, selects, late].map(AtomicU32::into_inner);
    println!(
        "{cycles} cycles, {} reads, {} writes, {} wakes, {selects} of select, {late} too late, {} times nothing there, {wrong} wrong",
        reads.into_inner(),
        writes.into_inner(),
        wakes.into_inner(),
        misses.into_inner()
    );
    exit((wrong != 0 || late > selects / 2).into());
}

fn cycle(file: &str, name: &str, entry: &Path) -> io::Result<()> {
    finit_module(File::open(file)?, c"", 0)?;
    for _ in 0..10 {
        read(entry)?;
    }
    thread::sleep(QUIET);
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

/// Sleeps until the entry changes or is gone.
fn sleep(kind: Kind, entry: &Path, late: &AtomicU32) -> io::Result<()> {
    let file = File::open(entry)?;
    if kind == Kind::Select {
        if wait(kind, &file, SELECT)?.is_empty() {
            late.fetch_add(1, Relaxed);
        }
    } else if wait(kind, &file, SLEEP)?.is_empty() {
        return Err(io::Error::other(format!("{kind:?} sleeps")));
    }
    Ok(())
}

fn write(entry: &Path) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .open(entry)?
        .write_all(b"flip")
}
