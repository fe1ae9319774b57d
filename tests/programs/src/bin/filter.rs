// SPDX-License-Identifier: GPL-2.0

//! Runs a command while a BPF program decides about its reads and writes below `/proc/sys`.
//!
//! Usage: `filter allow|refuse|replace=VALUE COMMAND...`. Prints what the program saw last, as the entry's
//! value before that call. The exit code is the command's.

use std::{
    env, io,
    process::{exit, Command},
};

use programs::filter::{Cgroup, Decision};

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [decision, command, arguments @ ..] = &arguments[..] else {
        usage();
    };
    let decision = match decision.split_once('=') {
        None if decision == "allow" => Decision::Allow,
        None if decision == "refuse" => Decision::Refuse,
        Some(("replace", value)) if !value.is_empty() => Decision::Replace(value.into()),
        _ => usage(),
    };
    let cgroup = Cgroup::join()?;
    let filter = cgroup.attach(&decision)?;
    let status = Command::new(command).args(arguments).status()?;
    match filter.seen()? {
        None => println!("seen: nothing"),
        Some(seen) => match seen.current {
            Ok(value) => println!("seen: {}", value.escape_ascii()),
            Err(errno) => println!("seen: {errno}"),
        },
    }
    exit(status.code().unwrap_or(1));
}

fn usage() -> ! {
    eprintln!("usage: filter allow|refuse|replace=VALUE COMMAND...");
    exit(2)
}
