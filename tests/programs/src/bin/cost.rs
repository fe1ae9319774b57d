// SPDX-License-Identifier: GPL-2.0

//! Measures what system calls on entries cost.
//!
//! Usage: `cost NAME...` prints a line `NAME READ WRITE REFUSED OPEN` for each entry
//! `/proc/sys/bench/NAME`: the medians of the cycles of `pread(2)` of 64 bytes, of `pwrite(2)` of an
//! everyday value, of one that is refused, and of `open(2)`, `read(2)` and `close(2)`. Cycles are
//! instructions where QEMU counts those. The type is what follows the last `_` in the name. Each write to a `flip`
//! changes it.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::FileExt,
    thread::sleep,
    time::Duration,
};

/// How often an operation is measured.
const TIMES: usize = 1001;

/// The system is quiet by then.
const START: Duration = Duration::from_secs(5);

fn main() -> io::Result<()> {
    sleep(START);
    let empty = median(|| Ok(()))?;
    for name in env::args().skip(1) {
        let costs = measure(&name)?.map(|cost| (cost - empty).to_string());
        println!("{name} {}", costs.join(" "));
    }
    Ok(())
}

fn measure(name: &str) -> io::Result<[u64; 4]> {
    let path = format!("/proc/sys/bench/{name}");
    let (mut value, mut other, refused, offset) = values(name);
    let file = OpenOptions::new().read(true).write(true).open(&path)?;
    let mut buffer = [0; 64];

    let write = median(|| {
        (value, other) = (other, value);
        file.write_at(value, 0).map(drop)
    })?;
    let read = median(|| file.read_at(&mut buffer, 0).map(drop))?;
    let open = median(|| File::open(&path)?.read(&mut buffer).map(drop))?;
    let refuse = median(|| match file.write_at(refused, offset) {
        Err(error) if error.raw_os_error() != Some(EINVAL) => Err(error),
        _ => Ok(()),
    })?;
    Ok([read, write, refuse, open])
}

const EINVAL: i32 = 22;

/// Two values, and what is refused with its offset. A string refuses nothing: it ignores what is written
/// beyond its end.
fn values(name: &str) -> (&'static [u8], &'static [u8], &'static [u8], u64) {
    let value: &[u8] = match name.rsplit_once('_').map_or(name, |(_, kind)| kind) {
        "flip" => return (b"0\n", b"1\n", b"x\n", 0),
        "string" => {
            let value = b"/usr/lib/systemd/systemd-coredump\n";
            return (value, value, b"x\n", 64);
        }
        "bool" | "floor" => b"1\n",
        "int4" => b"4 4 1 7\n",
        "bitmap" => b"22,80,443,8080-8089,32768-60999\n",
        _ => b"42\n",
    };
    (value, value, b"x\n", 0)
}

/// The median of the cycles that `operation` takes, with those of the measurement.
fn median(mut operation: impl FnMut() -> io::Result<()>) -> io::Result<u64> {
    let mut cycles = [0; TIMES];
    for slot in &mut cycles {
        let begun = now();
        operation()?;
        *slot = now() - begun;
    }
    cycles.sort_unstable();
    Ok(cycles[TIMES / 2])
}

#[cfg(target_arch = "x86_64")]
fn now() -> u64 {
    // SAFETY: Every x86-64 processor has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// Nanoseconds, on other machines.
#[cfg(not(target_arch = "x86_64"))]
fn now() -> u64 {
    static BEGUN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    let begun = BEGUN.get_or_init(std::time::Instant::now);
    begun.elapsed().as_nanos() as u64
}
