// SPDX-License-Identifier: GPL-2.0

//! The commands behind `make run`, `make shell`, `make try`, `make bench`, `make survey` and
//! `make autopkgtest`.
//!
//! Usage:
//!
//! - `lab run KERNEL` shows the packages at work on a stock kernel: `own` is Debian's, `backports` the newest there;
//! - `lab shell KERNEL` boots the same machine with its console on the terminal;
//! - `lab try KERNEL FOLDER [COMMAND]` builds the modules in a folder, boots the kernel, loads them, and runs
//!   COMMAND there or gives a shell;
//! - `lab bench KERNEL` prints what our handlers cost beside C's, and with `backports` what rust-kheaders costs beside
//!   the plain way; `lab bench backports --record` also keeps the first as what later ones are held against;
//! - `lab survey` compares the kept table of the kernel's entries with the newest kernel's sources, and `lab survey
//!   ARCHIVE` with those in a `.tar.xz`; `--record` behind it keeps the new one;
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
    prepare, survey, trial, Result,
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
        ["survey"] => done(survey::of_newest().and_then(|made| compare(&made))),
        ["survey", "--record"] => done(survey::of_newest().and_then(|made| record(&made))),
        ["survey", archive] => {
            done(survey::of_archive(Path::new(archive)).and_then(|made| compare(&made)))
        }
        ["survey", archive, "--record"] => {
            done(survey::of_archive(Path::new(archive)).and_then(|made| record(&made)))
        }
        ["prepare"] => {
            prepare::all();
            Ok(0)
        }
        ["autopkgtest"] => done(autopkgtest::run().map(|summary| print!("{summary}"))),
        _ => {
            eprintln!(
                "usage: lab run KERNEL | lab shell KERNEL | lab try KERNEL FOLDER [COMMAND] | lab bench KERNEL [--record] | lab survey [ARCHIVE] [--record] | lab autopkgtest | lab prepare"
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

/// Fails if `made` is not the table that is kept.
fn compare(made: &str) -> Result<()> {
    let difference = survey::difference(
        &fs::read_to_string(cache::tree().join(survey::TABLE))?,
        made,
    );
    if difference.is_empty() {
        return Ok(());
    }
    print!("{difference}");
    Err(format!(
        "{} is another one; to fix: make survey RECORD=1",
        survey::TABLE
    )
    .into())
}

fn record(made: &str) -> Result<()> {
    Ok(fs::write(cache::tree().join(survey::TABLE), made)?)
}
