// SPDX-License-Identifier: GPL-2.0

//! Makes network namespaces and leaves them, and uses the entries there, while a module is loaded and unloaded.
//!
//! Usage: `spaces MODULE.ko COUNT`, with the module `spaces`. It makes COUNT namespaces, and goes on until the module has
//! been loaded COUNT/20 times. In a quarter of the namespaces, two tasks use the entries. Exit code 1: a namespace had
//! another one's value, a call failed that should not, or values are left in a namespace that is gone.

use std::{
    env,
    fs::{read_to_string, File, OpenOptions},
    io::{self, Read, Seek, Write},
    process::exit,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use rustix::system::{delete_module, finit_module};

const NUMBER: &str = "/proc/sys/net/spaces/number";

/// What a namespace begins with.
const FIRST: i32 = 100;

/// How many tasks make namespaces.
const TASKS: u32 = 3;

/// How often the entries are used each time that the module is loaded, and for how long it is loaded at most.
const USES: u32 = 5;
const LOADED: Duration = Duration::from_secs(10);

/// How long the namespaces of tasks that have left them may take to go.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Default)]
struct Counts {
    made: AtomicU32,
    used: AtomicU32,
    unloaded: AtomicU32,
    wrong: AtomicU32,
}

impl Counts {
    /// Counts a use, or why there was none.
    fn count(&self, result: io::Result<()>) {
        match result {
            Ok(()) => self.used.fetch_add(1, Relaxed),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.unloaded.fetch_add(1, Relaxed)
            }
            Err(error) => {
                eprintln!("{error}");
                self.wrong.fetch_add(1, Relaxed)
            }
        };
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [module, count] = &arguments[..] else {
        eprintln!("usage: spaces MODULE.ko COUNT");
        exit(2);
    };
    let count: u32 = count.parse().expect("a number");
    let counts = Counts::default();
    let done = AtomicBool::new(false);
    let mut cycles = 0;

    thread::scope(|scope| {
        for _ in 0..TASKS {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    counts.made.fetch_add(1, Relaxed);
                    if let Err(error) = in_a_new_one(&counts) {
                        counts.count(Err(error));
                    }
                }
            });
        }
        let mut result = Ok(());
        while result.is_ok() && (counts.made.load(Relaxed) < count || cycles < count / 20) {
            result = cycle(module, &counts);
            cycles += 1;
        }
        done.store(true, Relaxed);
        result
    })?;
    finit_module(File::open(module)?, c"", 0)?;
    let left = left_alive()?;
    delete_module(c"spaces", 0)?;

    let [made, used, unloaded, wrong] =
        [counts.made, counts.used, counts.unloaded, counts.wrong].map(AtomicU32::into_inner);
    println!("{made} namespaces, {used} uses, {unloaded} times not loaded, {cycles} cycles, {left} left, {wrong} wrong");
    exit((wrong != 0 || left != 0 || used == 0).into());
}

/// Loads the module, lets it be used, and unloads it.
fn cycle(module: &str, counts: &Counts) -> io::Result<()> {
    finit_module(File::open(module)?, c"", 0)?;
    let (begun, enough) = (Instant::now(), counts.used.load(Relaxed) + USES);
    while counts.used.load(Relaxed) < enough && begun.elapsed() < LOADED {
        thread::sleep(Duration::from_millis(1));
    }
    Ok(delete_module(c"spaces", 0)?)
}

/// Has the task go into a new namespace.
fn in_a_new_one(counts: &Counts) -> io::Result<()> {
    // SAFETY: No other task of this program relies on this one's namespace.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
        return Err(io::Error::last_os_error());
    }
    counts.count(set(fastrand::i32(0..1000), Some(FIRST)));
    if fastrand::u8(..4) != 0 {
        return Ok(());
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Relaxed) {
                counts.count(set(5, None));
            }
        });
        for _ in 0..10 {
            counts.count(set(5, None));
        }
        done.store(true, Relaxed);
    });
    Ok(())
}

/// Writes the number of the present namespace and reads it back, from the same table.
fn set(number: i32, before: Option<i32>) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(NUMBER)?;
    if let Some(before) = before {
        require(&mut file, before)?;
    }
    write!(file, "{number}")?;
    require(&mut file, number)?;
    // The module looks up the namespace itself. It may have been loaded anew since.
    let seen = read_to_string("/proc/sys/spaces/number")?;
    if seen == format!("{number}\n") || seen == format!("{FIRST}\n") {
        Ok(())
    } else {
        Err(io::Error::other(format!("{seen:?} is another namespace's")))
    }
}

fn require(file: &mut File, number: i32) -> io::Result<()> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    file.rewind()?;
    if text == format!("{number}\n") {
        Ok(())
    } else {
        Err(io::Error::other(format!("{text:?} instead of {number}")))
    }
}

/// How many namespaces that nobody is in any more have values, when they have had time to go. This one is not among them.
fn left_alive() -> io::Result<u32> {
    let begun = Instant::now();
    loop {
        let alive = read_to_string("/proc/sys/spaces/alive")?;
        let alive: u32 = alive.trim().parse().map_err(io::Error::other)?;
        if alive == 1 || begun.elapsed() > PATIENCE {
            return Ok(alive - 1);
        }
        thread::sleep(Duration::from_millis(100));
    }
}
