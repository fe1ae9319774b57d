// SPDX-License-Identifier: GPL-2.0

//! Looks for old data in what the kernel has handlers print into.
//!
//! Usage: `unwritten FILE N`. What FILE shows is how many bytes of its handler's buffer were not 0. N times, this
//! leaves garbage in freed memory, then reads FILE while a BPF program is attached. It prints how many reads
//! found garbage: those that the kernel makes for the program, and those of this process, by their sizes.

use std::{
    env,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    process::exit,
};

use programs::{
    filter::{Cgroup, Decision, Filter},
    page,
};

/// How much is read at once: about the sizes of memory that the kernel hands out.
fn sizes() -> [usize; 13] {
    let page = page();
    [
        1,
        2,
        31,
        32,
        63,
        64,
        1024,
        page - 1,
        page,
        page + 1,
        2 * page - 1,
        2 * page,
        1 << 17,
    ]
}

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [path, times] = &arguments[..] else {
        eprintln!("usage: unwritten FILE N");
        exit(2);
    };
    let times: u32 = times.parse().expect("a number");
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let cgroup = Cgroup::join()?;
    let filter = cgroup.attach(&Decision::Allow)?;
    let (mut by_kernel, mut by_process) = (0, 0);
    for size in sizes() {
        for _ in 0..times {
            let (kernels, own) = look(&file, &filter, size)?;
            by_kernel += u32::from(kernels);
            by_process += u32::from(own);
        }
    }
    let reads = times * sizes().len() as u32;
    println!("{reads} reads, garbage for the program: {by_kernel}, for the process: {by_process}");
    Ok(())
}

/// Returns whether the kernel's own read found garbage, and whether one of `size` bytes did.
fn look(file: &File, filter: &Filter, size: usize) -> io::Result<(bool, bool)> {
    // A write leaves a buffer of its size behind, and the kernel's copy for the program, a page.
    for size in [size, page()] {
        match file.write_at(&vec![b'!'; size], 0) {
            Err(error) if error.raw_os_error() == Some(EINVAL) => {}
            other => return Err(io::Error::other(format!("write: {other:?}"))),
        }
    }
    let mut shown = vec![0; size];
    let length = file.read_at(&mut shown, 0)?;
    let seen = filter.seen()?.and_then(|seen| seen.current.ok());
    let seen = seen.ok_or_else(|| io::Error::other("the program saw no value"))?;
    Ok((seen != b"0\n", !b"0\n".starts_with(&shown[..length])))
}

const EINVAL: i32 = 22;
