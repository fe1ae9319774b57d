// SPDX-License-Identifier: GPL-2.0

//! The storage types in booted stock kernels: the kernel's own tests, C's handlers side by side, and
//! what cannot be registered.

use std::{env, fmt::Write, time::Duration};

use lab::{
    debian,
    progress::show,
    vm::{Disk, Machine},
    Result,
};

/// How long `sysctl.sh` and a million calls may take.
const PATIENCE: Duration = Duration::from_secs(900);

fn newest() -> Result<String> {
    Ok(debian::releases(&debian::installed()?)?.remove(0))
}

/// A machine with the modules for the tests, and the directory with them.
fn machine(release: &str, name: &str) -> Result<(Machine, String)> {
    let disk = Disk::installed()?;
    let mut machine = disk.machine(release, name).with_modules().bare().boot()?;
    machine.set_patience(PATIENCE)?;
    let modules = machine.unpack_modules()?;
    Ok((machine, modules))
}

/// `sysctl.sh`, as it is in the kernel's sources, against the kernel's own module and against ours.
#[test]
fn the_kernels_own_tests_pass() -> Result<()> {
    let c = sysctl_sh("test_sysctl")?;
    let rust = sysctl_sh("stand_in")?;

    let mut table = format!(
        "{:<74}{:<10}Rust\n",
        "tools/testing/selftests/sysctl/sysctl.sh", "C"
    );
    let mut differences = 0;
    for index in 0..c.len().max(rust.len()) {
        let (name, c) = c
            .get(index)
            .map_or(("", "-"), |(name, outcome)| (name, outcome));
        let (ours, rust) = rust
            .get(index)
            .map_or(("", "-"), |(name, outcome)| (name, outcome));
        differences += u32::from(name != ours || c != rust);
        writeln!(
            table,
            "{:<74}{c:<10}{rust}",
            if name.is_empty() { ours } else { name }
        )?;
    }
    show(&table);
    assert_eq!(differences, 0, "{table}");
    let count = |outcome| c.iter().filter(|(_, found)| found == outcome).count();
    assert!(count("OK") > 100 && count("FAIL") == 0, "{table}");
    Ok(())
}

/// The names and outcomes of what `sysctl.sh` tries.
fn sysctl_sh(module: &str) -> Result<Vec<(String, String)>> {
    let (mut machine, modules) = machine(&newest()?, module)?;
    machine.ok("dmesg -C")?;
    machine.ok(&format!("insmod {modules}/{module}.ko"))?;
    let said = machine.sh(&format!("bash {modules}/sysctl/sysctl.sh"))?;
    let mut outcomes = Vec::new();
    let mut test = "";
    for line in said.text.lines() {
        if let Some(name) = line.strip_prefix("Running test: ") {
            test = name;
        } else if let Some((what, outcome)) = line.split_once(" ... ") {
            outcomes.push((format!("{test}: {what}"), outcome.to_owned()));
        }
    }
    outcomes.push(("exit code".into(), said.code.to_string()));
    machine.ok(&format!(
        "rmmod {module} && test ! -e /proc/sys/debug/test_sysctl"
    ))?;
    machine.require_health()?;
    Ok(outcomes)
}

/// Makes the same calls to C's handlers and to ours; `OXIMOD_SEED` chooses other ones.
///
/// Ours do what those of Linux 7.3 do; before, those for unsigned integers counted all of a write as
/// written and left the position alone.
#[test]
fn a_million_calls_do_what_c_does() -> Result<()> {
    let (mut machine, modules) = machine(&newest()?, "compare")?;
    machine.ok(&format!(
        "insmod {modules}/reference.ko && insmod {modules}/twins.ko"
    ))?;
    let seed = env::var("OXIMOD_SEED").unwrap_or_else(|_| "1".into());
    let said = machine.sh(&format!("compare --seed {seed} --calls 1000000"))?;
    show(&said);
    assert_eq!(said.code, 0, "{said}");
    assert!(said.text.ends_with(" calls, 0 different\n"), "{said}");
    // Ours do differ where they are to.
    for difference in ["AlwaysStrict", "NothingOfARefusedWrite", "TooLongIsRefused"] {
        assert!(said.text.contains(&format!("{difference}: ")), "{said}");
    }
    machine.ok("rmmod twins reference && test ! -e /proc/sys/twins")?;
    machine.require_health()
}

#[test]
fn every_failure_to_register_has_its_own_error() -> Result<()> {
    for release in debian::releases(&debian::installed()?)? {
        let (mut machine, modules) = machine(&release, "refusals")?;
        let before = machine.ok("ls /proc/sys/kernel")?;
        machine.ok(&format!("insmod {modules}/refusals.ko"))?;
        let log =
            machine.ok("dmesg | sed -n 's/.*refusals: \\([a-z ]*: -\\?[0-9]*\\)$/\\1/p' | uniq")?;
        assert_eq!(log, REFUSALS);
        // What was there is not harmed.
        assert_eq!(machine.ok("ls /proc/sys/kernel")?, before);
        machine.ok("test ! -e /proc/sys/refusals")?;
        machine.ok("rmmod refusals")?;
        machine.require_health()?;
    }
    Ok(())
}

const REFUSALS: &str = "\
name: -22
path: -22
long: -22
mode: -13
view: -13
bounds: -34
outside: -34
string: -34
line: -34
bitmap: -34
no bits: -34
taken: -17
file: -20
twice: -17
good: 0
";

/// What an author would start from, with a type of its own.
#[test]
fn the_skeleton_works() -> Result<()> {
    for release in debian::releases(&debian::installed()?)? {
        let (mut machine, modules) = machine(&release, "skeleton")?;
        machine.ok(&format!(
            "insmod {modules}/skeleton.ko && cd /proc/sys/skeleton"
        ))?;
        for (command, expected) in [
            ("cat colour", "red\n"),
            ("echo blue > colour; cat colour", "blue\n"),
            ("printf ' green ' > colour; cat colour", "green\n"),
            ("dd if=colour bs=2 count=1 status=none", "gr"),
            ("dd if=colour bs=2 status=none", "gr"),
            (
                "echo blue | dd of=colour bs=1 seek=1 status=none; cat colour",
                "green\n",
            ),
        ] {
            let said = machine.ok(&format!("cd /proc/sys/skeleton && {command}"))?;
            assert_eq!(said, expected, "{command}");
        }
        let refused = machine.sh("sysctl -w skeleton.colour=pink")?;
        assert!(refused.text.contains("Invalid argument"), "{refused}");
        assert_eq!(machine.ok("cat /proc/sys/skeleton/colour")?, "green\n");
        machine.ok("rmmod skeleton && test ! -e /proc/sys/skeleton")?;
        machine.require_health()?;
    }
    Ok(())
}

/// Reads while others write: a string is never half of one value and half of another.
#[test]
fn a_string_is_never_torn() -> Result<()> {
    let disk = Disk::installed()?;
    let release = newest()?;
    let mut machine = disk
        .machine(&release, "torn")
        .cpus(2)
        .with_modules()
        .bare()
        .boot()?;
    let modules = machine.unpack_modules()?;
    machine.ok(&format!(
        "insmod {modules}/reference.ko && insmod {modules}/twins.ko"
    ))?;
    let said = machine.sh("torn /proc/sys/twins/rust/string 200000")?;
    assert_eq!(said.text, "200000 reads, 0 torn\n");
    // It would be seen: C takes no lock.
    let c = machine.sh("torn /proc/sys/twins/c/string 200000")?;
    assert_eq!(c.code, 1, "{c}");
    machine.require_health()
}
