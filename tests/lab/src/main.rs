// SPDX-License-Identifier: GPL-2.0

//! The commands behind `make run`, `make shell`, `make try`, `make bench` and `make autopkgtest`.
//!
//! Usage:
//!
//! - `lab run KERNEL` shows the packages at work on a stock kernel: `own` is Debian's, `backports` the newest there;
//! - `lab shell KERNEL` boots the same machine with its console on the terminal;
//! - `lab try KERNEL FOLDER [COMMAND]` builds the modules in a folder, boots the kernel, loads them, and runs
//!   COMMAND there or gives a shell;
//! - `lab bench KERNEL` prints what our handlers cost beside C's, and with `backports` what rust-kheaders costs beside
//!   the plain way; `lab bench backports --record` also keeps the first as what later ones are held against;
//! - `lab autopkgtest` runs debian/tests;
//! - `lab prepare` makes what the tests share.
//!
//! Exit codes: 0 done; 1 something failed, and the last line says what; 2 wrong usage; `lab try` ends with
//! COMMAND's.

use std::{env, fs, path::Path, process::ExitCode};

use lab::{
    autopkgtest,
    bare::Bare,
    bench::{Bench, Costs, BASELINE},
    cache, debian, demo,
    kernel::Kernel,
    prepare, trial, Result,
};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = |result: Result<()>| result.map(|()| 0);
    let result = match arguments[..] {
        ["run", kernel] => done(Kernel::named(kernel).and_then(demo::run)),
        ["shell", kernel] => done(Kernel::named(kernel).and_then(demo::shell)),
        ["try", kernel, folder] => {
            done(Kernel::named(kernel).and_then(|kernel| trial::shell(kernel, Path::new(folder))))
        }
        ["try", kernel, folder, command] => {
            Kernel::named(kernel).and_then(|kernel| trial::run(kernel, Path::new(folder), command))
        }
        ["bench", kernel] => done(Kernel::named(kernel).and_then(|kernel| bench(kernel, false))),
        ["bench", "backports", "--record"] => done(bench(Kernel::Backports, true)),
        ["prepare"] => {
            prepare::all();
            Ok(0)
        }
        ["autopkgtest"] => done(autopkgtest::run().map(|summary| print!("{summary}"))),
        _ => {
            eprintln!(
                "usage: lab run KERNEL | lab shell KERNEL | lab try KERNEL FOLDER [COMMAND] | lab bench KERNEL [--record] | lab autopkgtest | lab prepare"
            );
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("lab: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(kernel: Kernel, record: bool) -> Result<()> {
    let bare = match kernel {
        Kernel::Own => Bare::own()?,
        Kernel::Backports => Bare::newest()?,
    };
    let bench = Bench::run(&bare, "bench")?;
    println!("{}\n\n{}", bench.costs.heading, bench.table()?);
    println!("The baseline was made with {}.", Costs::baseline()?.heading);
    if matches!(kernel, Kernel::Backports) {
        let root = debian::forge()?.scratch()?;
        println!(
            "\n{}",
            root.script("tests/lab/scripts/kheaders-bench.sh", &[])?
                .ok()?
        );
    }
    if record {
        fs::write(cache::tree().join(BASELINE), bench.costs.to_string())?;
    }
    Ok(())
}
