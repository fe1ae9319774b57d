// SPDX-License-Identifier: GPL-2.0

//! The module on kernels that find errors in the use of memory and locks, or data races.
//!
//! The kernel's log must stay free of reports in every test, except for those that the test provokes. To build
//! these kernels takes so long that `make test` leaves these tests out.

use std::{env, time::Duration};

use lab::{
    debug::{self, Kind},
    machine::Machine,
    progress::show,
    Result,
};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The kernels that find errors in the use of memory.
const MEMORY: [Kind; 2] = [Kind::Memory, Kind::OwnMemory];

fn boot(kind: Kind, name: &str, cpus: u32) -> Result<Machine> {
    let mut machine = debug::machine(kind, name)?.cpus(cpus).boot()?;
    machine.set_patience(PATIENCE);
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
#[ignore = "make test-debug"]
fn memory_is_used_rightly_by_every_entry() -> Result<()> {
    for kind in MEMORY {
        let mut machine = boot(kind, "debug-entries", 2)?;
        for module in ["oximod", "reference", "twins", "hooks", "news"] {
            machine.ok(&format!("insmod /modules/{module}.ko"))?;
        }
        machine.ok("cd /proc/sys/hooks && contend 500 bits chain even ms row static word")?;
        machine.ok("rmmod hooks")?;
        machine.ok("cd /proc/sys/news && contend 500 bit bits even pair word set_state")?;
        machine.ok("rmmod news")?;
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
        for module in ["refusals", "settings", "skeleton"] {
            machine.ok(&format!("insmod /modules/{module}.ko && rmmod {module}"))?;
        }
        require_no_leak(&mut machine)?;
        machine.require_health()?;
    }
    Ok(())
}

/// Readers and writers of an entry whose module is loaded and unloaded all the time, and tasks that sleep until an
/// entry changes, in all the system calls that can.
#[test]
#[ignore = "make test-debug"]
fn memory_survives_loading_and_unloading_among_users() -> Result<()> {
    for kind in MEMORY {
        let cycles = env::var("OXIMOD_CYCLES").unwrap_or_else(|_| "100".into());
        let mut machine = boot(kind, "debug-churn", 2)?;
        let said = machine.ok(&format!(
            "churn /modules/oximod.ko oximod /proc/sys/example/atom {cycles}"
        ))?;
        assert!(
            said.starts_with(&format!("{cycles} cycles, ")) && said.ends_with(", 0 wrong\n"),
            "{said}"
        );
        show(&said);
        require_no_leak(&mut machine)?;
        machine.require_health()?;
    }
    Ok(())
}

/// Network namespaces are made and left by the hundred, while the module that has entries in them is loaded and unloaded.
#[test]
#[ignore = "make test-debug"]
fn memory_survives_namespaces_that_come_and_go() -> Result<()> {
    for kind in MEMORY {
        let mut machine = boot(kind, "debug-spaces", 2)?;
        let said = machine.ok("spaces /modules/spaces.ko 300")?;
        assert!(said.ends_with(" 0 left, 0 wrong\n"), "{said}");
        show(&said);
        for module in ["no_spaces", "per_net"] {
            machine.ok(&format!("insmod /modules/{module}.ko && rmmod {module}"))?;
        }
        require_no_leak(&mut machine)?;
        machine.require_health()?;
    }
    Ok(())
}

/// Each allocation of loading a module fails once. There were 89 that matter for oximod with Linux 7.3.4.
#[test]
#[ignore = "make test-debug"]
fn memory_may_run_out_at_every_allocation() -> Result<()> {
    for kind in MEMORY {
        let mut machine = boot(kind, "debug-failures", 1)?;
        machine.ok("for points in failslab fail_page_alloc; do
             echo N > /sys/kernel/debug/$points/ignore-gfp-wait
             echo 0 > /sys/kernel/debug/$points/verbose
         done
         echo 0 > /sys/kernel/debug/fail_page_alloc/min-order")?;
        for what in [
            "oximod.ko oximod /proc/sys/example/atom",
            "spaces.ko spaces /proc/sys/net/spaces/number",
        ] {
            let said = machine.ok(&format!("failures /modules/{what}"))?;
            assert!(said.ends_with(" 0 wrong\n"), "{what}: {said}");
            let refused = said.split(' ').next().unwrap_or_default();
            assert!(refused.parse::<u32>()? > 50, "{what}: {said}");
            show(&said);
        }
        require_no_leak(&mut machine)?;
        // The kernel tells of this one in its own words.
        machine.require_health_but(&["vmalloc error: "])?;
    }
    Ok(())
}

/// Tasks that read and write one entry at the same time. It takes a kernel of its own.
#[test]
#[ignore = "make test-debug"]
fn races_are_not_there() -> Result<()> {
    let mut machine = debug::machine(Kind::Races, "debug-races")?.cpus(2).boot()?;
    machine.set_patience(PATIENCE);
    for module in ["racy", "oximod", "twins", "hooks", "news"] {
        machine.ok(&format!("insmod /modules/{module}.ko"))?;
    }
    // One in Rust is found.
    machine.ok("contend 20000 /proc/sys/racy/value")?;
    let found = races(&machine, "[racy]");
    assert!(!found.is_empty(), "{}", machine.console());

    machine.ok("contend 100000 /proc/sys/example/atom")?;
    machine.ok("contend 5000 $(ls /proc/sys/twins/rust/* | grep -v unwritten)")?;
    machine.ok("torn /proc/sys/twins/rust/string 20000")?;
    machine.ok("cd /proc/sys/hooks && contend 2000 bits chain even ms row static word")?;
    machine.ok("cd /proc/sys/news && contend 2000 bit bits even pair word set_state")?;
    machine.ok("rmmod oximod && rmmod twins && rmmod hooks && rmmod racy && rmmod news")?;
    for module in ["[oximod]", "[twins]", "[hooks]", "[news]"] {
        assert_eq!(races(&machine, module), [""; 0]);
    }
    Ok(())
}

/// KCSAN's reports that name a module.
fn races(machine: &Machine, module: &str) -> Vec<String> {
    let console = machine.console();
    console
        .split("==================================================================")
        .filter(|text| text.contains("BUG: KCSAN: ") && text.contains(module))
        .map(str::to_owned)
        .collect()
}
