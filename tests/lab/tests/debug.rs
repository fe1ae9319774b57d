// SPDX-License-Identifier: GPL-2.0

//! The module on kernels that find errors in the use of memory and locks.
//!
//! The kernel's log must stay free of reports, in every test.

use std::{env, time::Duration};

use lab::{
    debug::{self, Kind},
    progress::show,
    vm::Machine,
    Result,
};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(3600);

fn boot(name: &str, cpus: u32) -> Result<Machine> {
    let mut machine = debug::machine(Kind::Memory, name)?.cpus(cpus).boot()?;
    machine.set_patience(PATIENCE)?;
    machine.ok("echo clear > /sys/kernel/debug/kmemleak")?;
    Ok(machine)
}

/// Looks for leaks. An allocation counts as leaked when two scans find no pointer to it.
fn require_no_leak(machine: &mut Machine) -> Result<()> {
    machine.ok("sleep 6
         echo scan > /sys/kernel/debug/kmemleak
         sleep 1
         echo scan > /sys/kernel/debug/kmemleak")?;
    assert_eq!(machine.ok("cat /sys/kernel/debug/kmemleak")?, "");
    Ok(())
}

#[test]
fn every_entry() -> Result<()> {
    let mut machine = boot("debug-entries", 2)?;
    for module in ["oximod", "reference", "twins"] {
        machine.ok(&format!("insmod /modules/{module}.ko"))?;
    }
    for (command, end) in [
        ("entry contract", " tried, 0 different\n"),
        ("hostile 1 5000", " 0 wrong\n"),
        ("compare --calls 50000", " calls, 0 different\n"),
        ("torn /proc/sys/twins/rust/string 5000", " reads, 0 torn\n"),
    ] {
        let said = machine.ok(command)?;
        assert!(said.ends_with(end), "{command}: {said}");
    }
    machine.ok("rmmod oximod && rmmod twins && rmmod reference")?;
    for module in ["refusals", "skeleton"] {
        machine.ok(&format!("insmod /modules/{module}.ko && rmmod {module}"))?;
    }
    require_no_leak(&mut machine)?;
    machine.require_health()
}

/// Readers and writers of an entry whose module is loaded and unloaded all the time.
#[test]
fn load_and_unload() -> Result<()> {
    let cycles = env::var("OXIMOD_CYCLES").unwrap_or_else(|_| "100".into());
    let mut machine = boot("debug-churn", 2)?;
    let said = machine.ok(&format!(
        "churn /modules/oximod.ko oximod /proc/sys/example/atom {cycles}"
    ))?;
    assert!(
        said.starts_with(&format!("{cycles} cycles, ")) && said.ends_with(", 0 wrong\n"),
        "{said}"
    );
    show(&said);
    require_no_leak(&mut machine)?;
    machine.require_health()
}

/// Each allocation of loading the module fails once. There were 89 that matter with Linux 7.3.4.
#[test]
fn allocations_that_fail() -> Result<()> {
    let mut machine = boot("debug-failures", 1)?;
    machine.ok("for points in failslab fail_page_alloc; do
             echo N > /sys/kernel/debug/$points/ignore-gfp-wait
             echo 0 > /sys/kernel/debug/$points/verbose
         done
         echo 0 > /sys/kernel/debug/fail_page_alloc/min-order")?;
    let said = machine.ok("failures /modules/oximod.ko oximod /proc/sys/example/atom")?;
    assert!(said.ends_with(" 0 wrong\n"), "{said}");
    let refused = said.split(' ').next().unwrap_or_default();
    assert!(refused.parse::<u32>()? > 50, "{said}");
    show(&said);
    require_no_leak(&mut machine)?;
    // The kernel tells of this one in its own words.
    machine.require_health_but(&["vmalloc error: "])
}
