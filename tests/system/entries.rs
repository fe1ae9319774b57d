// SPDX-License-Identifier: GPL-2.0

//! The storage types in booted stock kernels: the kernel's own tests, C's handlers side by side, and
//! what cannot be registered.

use std::{fmt::Write, thread, time::Duration};

use lab::{bare::Bare, progress::show, seed, Result};

/// How long `sysctl.sh` and a million calls may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// `sysctl.sh`, as it is in the kernel's sources, against the kernel's own module and against ours.
#[test]
fn the_kernels_own_tests_pass() -> Result<()> {
    let (c, rust) = thread::scope(|scope| {
        let c = scope.spawn(|| sysctl_sh("test_sysctl"));
        let rust = sysctl_sh("stand_in");
        (c.join().expect("no panic"), rust)
    });
    let (c, rust) = (c?, rust?);

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
    let mut machine = Bare::newest()?.machine(module).boot()?;
    machine.set_patience(PATIENCE);
    machine.ok("dmesg -C")?;
    machine.ok(&format!("insmod /modules/{module}.ko"))?;
    let said = machine.sh("bash /modules/selftests/sysctl.sh")?;
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
    let mut machine = Bare::newest()?.machine("compare").boot()?;
    machine.set_patience(PATIENCE);
    machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
    let said = machine.sh(&format!("compare --seed {} --calls 1000000", seed()))?;
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

/// The same with BPF programs that allow, refuse, replace and move calls. What these see is compared too.
#[test]
fn under_bpf_programs_calls_do_what_c_does() -> Result<()> {
    let mut machine = Bare::newest()?.machine("filtered").boot()?;
    machine.set_patience(PATIENCE);
    machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
    let said = machine.sh(&format!(
        "compare --filtered --seed {} --calls 100000",
        seed()
    ))?;
    show(&said);
    assert_eq!(said.code, 0, "{said}");
    assert!(said.text.ends_with(" calls, 0 different\n"), "{said}");
    for decision in ["allow", "refuse", "replace", "seek"] {
        assert!(said.text.contains(&format!("\"{decision}\": ")), "{said}");
    }
    machine.require_health()
}

/// For a BPF program, the kernel has handlers print into a page that nobody has written.
#[test]
fn storage_never_gets_unwritten_memory() -> Result<()> {
    for bare in [Bare::newest()?, Bare::before()?] {
        let mut machine = bare.with_old_memory("unwritten").boot()?;
        machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
        let said = machine.ok("unwritten /proc/sys/twins/rust/unwritten 100")?;
        assert_eq!(
            said,
            "1300 reads, garbage for the program: 0, for the process: 0\n"
        );
        // C's handlers do get it.
        let said = machine.ok("unwritten /proc/sys/twins/c/unwritten 100")?;
        let found = said
            .strip_prefix("1300 reads, garbage for the program: ")
            .and_then(|rest| rest.split_once(','))
            .and_then(|(found, _)| found.parse().ok());
        assert!(found.is_some_and(|found: u32| found > 1000), "{said}");
        machine.require_health()?;
    }
    Ok(())
}

#[test]
fn every_failure_to_register_has_its_own_error() -> Result<()> {
    for bare in [Bare::newest()?, Bare::before()?] {
        let mut machine = bare.machine("refusals").boot()?;
        let before = machine.ok("ls /proc/sys/kernel")?;
        machine.ok("insmod /modules/refusals.ko")?;
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
    for bare in [Bare::newest()?, Bare::before()?] {
        let mut machine = bare.machine("skeleton").boot()?;
        machine.ok("insmod /modules/skeleton.ko")?;
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
    let mut machine = Bare::newest()?.machine("torn").cpus(2).boot()?;
    machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
    let said = machine.sh("torn /proc/sys/twins/rust/string 200000")?;
    assert_eq!(said.text, "200000 reads, 0 torn\n");
    // It would be seen: C takes no lock. How often depends on the machine.
    let mut tries = 0..20;
    let is_seen = tries.any(|_| {
        let c = machine.sh("torn /proc/sys/twins/c/string 200000");
        c.is_ok_and(|said| said.code == 1)
    });
    assert!(is_seen);
    machine.require_health()
}
