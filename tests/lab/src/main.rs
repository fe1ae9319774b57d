// SPDX-License-Identifier: GPL-2.0

//! `make run`, `make shell`, `make bench` and `make autopkgtest`.
//!
//! Usage: `lab run` shows the packages at work on the newest stock kernel; `lab shell` boots the same
//! machine with its console on the terminal; `lab bench` prints what our handlers cost beside C's,
//! `lab bench --record` also keeps it as what later ones are held against; `lab autopkgtest` runs
//! debian/tests. Exit code 1: something failed, and the last line says what.

use std::{env, fs, process::ExitCode};

use lab::{
    autopkgtest,
    bench::{Bench, BASELINE},
    cache, debian,
    progress::step,
    vm::{Disk, Machine},
    Result,
};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let result = match arguments[..] {
        ["run"] => run(),
        ["shell"] => shell(),
        ["bench"] => bench(false),
        ["bench", "--record"] => bench(true),
        ["autopkgtest"] => autopkgtest::run().map(|summary| print!("{summary}")),
        _ => {
            eprintln!("usage: lab run | lab shell | lab bench [--record] | lab autopkgtest");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What is typed in the machine, and whether it must succeed.
const FIRST_BOOT: &[(&str, bool)] = &[
    ("uname -r", true),
    ("dkms status", true),
    ("dmesg | grep oximod:", true),
    ("sysctl example.atom", true),
    ("sysctl -w example.atom=0", true),
    ("echo flip > /proc/sys/example/atom", true),
    ("sysctl example.atom", true),
    ("sysctl -w example.atom=2", false),
    ("sysctl example.atom", true),
    (
        "echo 'example.atom = 0' > /etc/sysctl.d/60-local.conf",
        true,
    ),
    ("reboot", true),
];

const SECOND_BOOT: &[(&str, bool)] = &[
    ("sysctl example.atom", true),
    ("apt-get remove -qq -y oximod-dkms", true),
    ("rmmod oximod", true),
    ("dmesg | grep oximod:", true),
    ("ls /proc/sys/example", false),
];

fn run() -> Result<()> {
    let disk = Disk::installed()?;
    let release = newest()?;
    let mut machine = step(format!("booting {release}"), || {
        disk.machine(&release, "run").boot()
    })?;
    println!();
    type_in(&mut machine, FIRST_BOOT)?;
    step("\nrebooting", || machine.reboot())?;
    println!();
    type_in(&mut machine, SECOND_BOOT)?;
    machine.require_health()?;
    println!("\nTo log in to such a machine: make shell");
    Ok(())
}

fn type_in(machine: &mut Machine, commands: &[(&str, bool)]) -> Result<()> {
    for (command, must_succeed) in commands {
        println!("# {command}");
        // The machine's own reboot follows.
        if *command == "reboot" {
            return Ok(());
        }
        let said = machine.sh(command)?;
        for line in said.text.lines() {
            // Of a line that was written over, what it ended as.
            println!("{}", line.rsplit('\r').next().unwrap_or(line));
        }
        if (said.code == 0) != *must_succeed {
            return Err(format!("{command}: exit code {}", said.code).into());
        }
    }
    Ok(())
}

fn shell() -> Result<()> {
    let disk = Disk::installed()?;
    let release = newest()?;
    println!(
        "Booting {release}. 'poweroff' ends it, and so does Ctrl-A X; what was done is forgotten."
    );
    disk.shell(&release)
}

fn bench(record: bool) -> Result<()> {
    let bench = Bench::run()?;
    println!("Linux {}\n\n{}", bench.costs.release, bench.table()?);
    if record {
        fs::write(cache::tree().join(BASELINE), bench.costs.to_string())?;
    }
    Ok(())
}

fn newest() -> Result<String> {
    Ok(debian::releases(&debian::installed()?)?.remove(0))
}
