// SPDX-License-Identifier: GPL-2.0

//! Makes the same calls to C's handlers and to ours, and tells each difference.
//!
//! Usage: `compare [--filtered] [--seed S] [--calls N]` makes at least N calls to both (a million), that follow from
//! S (1); `compare [--filtered] --case ENTRY:MODE:SEED` makes those of one case again, and shows them all. With
//! `--filtered`, BPF programs allow, refuse, replace and move the calls, and what these see is compared too. The
//! modules `reference` and `twins` must be loaded. Exit codes: 0 no difference but those on purpose; 1 others;
//! 2 wrong usage.

mod case;
mod value;

use std::{
    collections::BTreeMap,
    env, fs, io,
    process::{exit, ExitCode},
};

use fastrand::Rng;
use programs::filter::Cgroup;
use rustix::system::uname;

use case::{Case, ENTRIES};

const MODE: &str = "/proc/sys/kernel/sysctl_writes_strict";

/// What it can be, for a tenth of all calls each.
const MODES: &[i8] = &[1, 1, 1, 1, 1, 1, 1, 1, 0, -1];

/// Where BPF programs move calls, it is only 1.
const STRICT: &[i8] = &[1];

/// After how many mismatches there is no point in going on.
const ENOUGH: usize = 10;

fn main() -> io::Result<ExitCode> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let mut arguments = &arguments[..];
    let mut cgroup = None;
    if let [option, rest @ ..] = arguments {
        if option == "--filtered" {
            cgroup = Some(Cgroup::join()?);
            arguments = rest;
        }
    }
    let is_older = is_older();
    let (mut seed, mut calls) = (1, 1_000_000);
    for pair in arguments.chunks(2) {
        match pair {
            [option, value] if option == "--case" => {
                return replay(value, cgroup.as_ref(), is_older)
            }
            [option, value] if option == "--seed" => seed = number(value),
            [option, value] if option == "--calls" => calls = number(value),
            _ => usage(),
        }
    }
    let result = compare(seed, calls, cgroup.as_ref(), is_older);
    fs::write(MODE, "1")?;
    result
}

/// Whether the kernel is older than 7.3.
fn is_older() -> bool {
    let name = uname();
    let release = name.release().to_string_lossy();
    let mut numbers = release.split('.').map(|number| number.parse::<u32>().ok());
    (numbers.next(), numbers.next()) < (Some(Some(7)), Some(Some(3)))
}

fn usage() -> ! {
    eprintln!("usage: compare [--filtered] [--seed S] [--calls N] | compare [--filtered] --case ENTRY:MODE:SEED");
    exit(2)
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|_| usage())
}

fn replay(name: &str, cgroup: Option<&Cgroup>, is_older: bool) -> io::Result<ExitCode> {
    let words: Vec<_> = name.split(':').collect();
    let [entry, mode, seed] = words[..] else {
        usage()
    };
    let entry = ENTRIES.iter().find(|found| found.name == entry);
    let case = Case {
        entry: entry.unwrap_or_else(|| usage()),
        mode: *MODES
            .iter()
            .find(|known| known.to_string() == mode)
            .unwrap_or_else(|| usage()),
        seed: number(seed),
        cgroup,
        is_older,
    };
    fs::write(MODE, mode)?;
    let report = case.run(true);
    fs::write(MODE, "1")?;
    let report = report?;
    println!(
        "{} calls, on purpose: {:?}",
        report.calls, report.deliberate
    );
    Ok(ExitCode::from(u8::from(report.mismatch.is_some())))
}

fn compare(seed: u64, calls: u64, cgroup: Option<&Cgroup>, is_older: bool) -> io::Result<ExitCode> {
    let mut rng = Rng::with_seed(seed);
    let mut done = BTreeMap::new();
    let mut deliberate = BTreeMap::new();
    let mut decisions = BTreeMap::new();
    let mut mismatches = 0;
    let (modes, option) = match cgroup {
        Some(_) => (STRICT, " --filtered"),
        None => (MODES, ""),
    };
    for (index, mode) in modes.iter().enumerate() {
        fs::write(MODE, mode.to_string())?;
        let until = calls * (index as u64 + 1) / modes.len() as u64;
        while done.values().sum::<u64>() < until && mismatches < ENOUGH {
            for entry in ENTRIES {
                if mismatches == ENOUGH {
                    break;
                }
                let case = Case {
                    entry,
                    mode: *mode,
                    seed: rng.u64(..),
                    cgroup,
                    is_older,
                };
                let report = case.run(false)?;
                *done.entry(entry.name).or_insert(0) += report.calls;
                if let Some(difference) = report.deliberate {
                    *deliberate.entry(difference).or_insert(0u64) += 1;
                }
                if let Some(decision) = report.decision {
                    *decisions.entry(decision.name()).or_insert(0u64) += report.calls;
                }
                if let Some(mismatch) = report.mismatch {
                    mismatches += 1;
                    println!(
                        "{mismatch}\ncompare{option} --case {}:{mode}:{}",
                        entry.name, case.seed
                    );
                }
            }
        }
    }
    println!("calls: {done:?}\non purpose: {deliberate:?}");
    if cgroup.is_some() {
        println!("decisions: {decisions:?}");
    }
    println!(
        "{} calls, {mismatches} different",
        done.values().sum::<u64>()
    );
    Ok(ExitCode::from(u8::from(mismatches != 0)))
}
