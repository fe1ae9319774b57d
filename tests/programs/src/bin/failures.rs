// SPDX-License-Identifier: GPL-2.0

//! Loads a module again and again, each time with the next allocation failing.
//!
//! Usage: `failures MODULE.ko NAME PATH`, with the kernel's fault injection at hand (`FAILSLAB`,
//! `FAIL_PAGE_ALLOC`). PATH is what the module makes. Exit code 1: a failure had another outcome than
//! ENOMEM and no PATH.

use std::{
    env,
    ffi::CString,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::Path,
    process::exit,
};

use rustix::{
    io::Errno,
    system::{delete_module, finit_module},
};

/// See the kernel's Documentation/fault-injection/fault-injection.rst.
const FAIL_NTH: &str = "/proc/thread-self/fail-nth";

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [file, name, path] = &arguments[..] else {
        eprintln!("usage: failures MODULE.ko NAME PATH");
        exit(2);
    };
    let name = CString::new(name.as_str())?;
    let path = Path::new(path);
    let failing = OpenOptions::new().read(true).write(true).open(FAIL_NTH)?;
    let (mut refused, mut harmless, mut wrong) = (0, 0, 0);
    for nth in 1.. {
        let module = File::open(file)?;
        failing.write_at(nth.to_string().as_bytes(), 0)?;
        let result = finit_module(module, c"", 0);
        // What is left of it: nothing, if something has failed. This may be what fails.
        let mut left = [0];
        let has_failed = failing.read_at(&mut left, 0).is_ok() && left == *b"0";
        failing.write_at(b"0", 0)?;
        match result {
            Ok(()) => {
                if !path.exists() {
                    eprintln!("{nth}: loaded, and {} is not there", path.display());
                    wrong += 1;
                }
                delete_module(&name, 0)?;
            }
            Err(Errno::NOMEM) if !path.exists() => refused += 1,
            Err(error) => {
                eprintln!("{nth}: {error}");
                wrong += 1;
            }
        }
        if !has_failed {
            break;
        }
        harmless += u32::from(result.is_ok());
    }
    println!("{refused} refused, {harmless} harmless, {wrong} wrong");
    exit((wrong != 0).into());
}
