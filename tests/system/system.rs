// SPDX-License-Identifier: GPL-2.0

//! The installed packages on booted stock kernels with real systemd.

use std::{thread, time::Duration};

use lab::{bare::Bare, debian, disk::Disk, machine::Machine, Result};

/// From the first boot to the removal.
#[test]
fn from_the_first_boot_to_the_removal() -> Result<()> {
    lives(&Disk::installed()?, "newest")
}

/// The same with Debian's own kernel, which has no Rust support.
#[test]
fn from_the_first_boot_to_the_removal_with_debians_own_kernel() -> Result<()> {
    lives(&Disk::own()?, "own")
}

pub(crate) fn lives(disk: &Disk, name: &str) -> Result<()> {
    let release = &disk.releases()[0];
    let mut machine = disk.machine(release, name).boot()?;

    assert_eq!(machine.ok("uname -r")?.trim(), release);
    loaded_at_boot(&mut machine)?;
    contract(&mut machine)?;
    shell_commands(&mut machine)?;
    loaded_and_unloaded(&mut machine)?;
    replayed_events_leave_what_is_set(&mut machine)?;
    administrator_wins_after_reboot(&mut machine)?;
    removed(&mut machine)?;
    machine.require_health()
}

fn loaded_at_boot(machine: &mut Machine) -> Result<()> {
    assert_eq!(
        machine.ok("sysctl example.atom")?,
        "example.atom = 1\n",
        "by sysctl.d"
    );
    assert_eq!(
        machine.ok("systemctl is-system-running --wait")?,
        "running\n"
    );
    let version = debian::version()?;
    assert_eq!(
        machine.ok("cat /sys/module/oximod/version")?.trim(),
        version
    );
    assert_eq!(machine.ok("modinfo -F version oximod")?.trim(), version);
    for (field, expected) in [
        ("author", "The Man from Ox"),
        ("description", "Oxidize the Kernel"),
        ("license", "GPL"),
    ] {
        assert_eq!(
            machine.ok(&format!("modinfo -F {field} oximod"))?.trim(),
            expected
        );
    }
    Ok(())
}

fn contract(machine: &mut Machine) -> Result<()> {
    let said = machine.ok("entry contract")?;
    assert!(said.ends_with(" tried, 0 different\n"), "{said}");
    Ok(())
}

fn shell_commands(machine: &mut Machine) -> Result<()> {
    for (command, expected) in [
        ("sysctl -w example.atom=0", "example.atom = 0\n"),
        (
            "printf 1 > /proc/sys/example/atom; cat /proc/sys/example/atom",
            "1\n",
        ),
        (
            "echo flip > /proc/sys/example/atom; sysctl -n example.atom",
            "0\n",
        ),
        (
            "printf '1\\n' | dd bs=1 of=/proc/sys/example/atom status=none; sysctl -n example.atom",
            "1\n",
        ),
        // One byte, then the end of the file: reads at an offset show nothing.
        ("dd bs=1 if=/proc/sys/example/atom status=none", "1"),
        (
            "stat -c '%A %U:%G %s' /proc/sys/example/atom",
            "-rw-r--r-- root:root 0\n",
        ),
    ] {
        assert_eq!(machine.ok(command)?, expected, "{command}");
    }
    let refused = machine.sh("sysctl -w example.atom=2")?;
    assert_ne!(refused.code, 0);
    assert!(refused.text.contains("Invalid argument"), "{refused}");
    assert_eq!(
        machine.ok("sysctl -n example.atom")?,
        "1\n",
        "after a refused value"
    );
    Ok(())
}

fn loaded_and_unloaded(machine: &mut Machine) -> Result<()> {
    // Who has the entry open does not keep the module, and finds nothing behind it any more.
    let said = machine.sh("exec 3< /proc/sys/example/atom && rmmod oximod && cat <&3")?;
    assert!(said.text.contains("No such file or directory"), "{said}");
    machine.ok("test ! -e /proc/sys/example")?;
    assert_eq!(messages(machine)?, [HELLO, BYE]);
    // A module that is missing fails no service.
    let command =
        "echo none > /run/none.conf && /usr/lib/systemd/systemd-modules-load /run/none.conf";
    assert_eq!(machine.ok(command)?, "Failed to find module 'none'\n");
    // Nobody misses the entry.
    let applied = "sysctl -p /usr/lib/sysctl.d/10-oximod.conf";
    for command in [
        applied,
        "sysctl --quiet --system",
        "/usr/lib/systemd/systemd-sysctl --strict",
    ] {
        assert_eq!(machine.ok(command)?, "", "{command}");
    }

    machine.ok("modprobe oximod")?;
    wait_for(machine, "sysctl -n example.atom", "1\n")?;
    assert_eq!(messages(machine)?, [HELLO, BYE, HELLO]);
    machine.ok("sysctl -q -w example.atom=0")?;
    assert_eq!(machine.ok(applied)?, "example.atom = 1\n");
    Ok(())
}

/// udev applies sysctl.d when the module is loaded, and not when it only hears of that again.
fn replayed_events_leave_what_is_set(machine: &mut Machine) -> Result<()> {
    machine.ok("sysctl -q -w example.atom=0")?;
    for command in [
        "systemctl restart systemd-udevd systemd-udev-trigger",
        "udevadm trigger --type=subsystems --action=add",
        "echo add > /sys/module/oximod/uevent",
    ] {
        machine.ok(&format!("{command} && udevadm settle"))?;
        assert_eq!(machine.ok("sysctl -n example.atom")?, "0\n", "{command}");
    }
    Ok(())
}

const HELLO: &str = "oximod: Hello world, I am oximod!";
const BYE: &str = "oximod: Bye!";

/// What the module has logged at level info.
fn messages(machine: &mut Machine) -> Result<Vec<String>> {
    let log = machine.ok("dmesg --level=info | sed -n 's/^.*\\] \\(oximod: .*\\)$/\\1/p'")?;
    Ok(log.lines().map(str::to_owned).collect())
}

pub(crate) fn wait_for(machine: &mut Machine, command: &str, expected: &str) -> Result<()> {
    let mut found = String::new();
    for _ in 0..60 {
        found = machine.sh(command)?.text;
        if found == expected {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(500));
    }
    panic!("{command}: {found:?}, not {expected:?}");
}

fn administrator_wins_after_reboot(machine: &mut Machine) -> Result<()> {
    machine.ok("echo 'example.atom = 0' > /etc/sysctl.d/60-local.conf")?;
    let boot = machine.ok("cat /proc/sys/kernel/random/boot_id")?;
    machine.reboot()?;
    assert_ne!(machine.ok("cat /proc/sys/kernel/random/boot_id")?, boot);
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 0\n");
    assert_eq!(messages(machine)?, [HELLO]);
    // Also for a module that is loaded later.
    machine.ok("rmmod oximod && echo 'example.atom = 1' > /etc/sysctl.d/60-local.conf")?;
    machine.ok("modprobe oximod")?;
    wait_for(machine, "sysctl -n example.atom", "1\n")
}

/// Nothing is left but DKMS's own key pair, and what is loaded.
fn removed(machine: &mut Machine) -> Result<()> {
    machine.ok("sysctl -q -w example.atom=0")?;
    machine.ok("apt-get purge -y oximod-dkms oximod-common rust-kheaders")?;
    // systemd applies sysctl.d again when it changes.
    wait_for(machine, "sysctl -n example.atom", "1\n")?;
    assert_eq!(machine.ok("dkms status")?, "");
    let left = "find / -xdev \\( -name '*oximod*' -o -name '*rust-kheaders*' \\)";
    assert_eq!(machine.ok(left)?, "");
    assert_eq!(machine.ok("ls -A /var/lib/dkms")?, "mok.key\nmok.pub\n");
    machine.ok("rmmod oximod")?;
    machine.ok("test ! -e /proc/sys/example").map(drop)
}

/// A name that is taken is refused, and what has it is not harmed.
#[test]
fn a_name_that_is_taken_is_refused() -> Result<()> {
    // Newer module loaders keep EEXIST for modules that are loaded already.
    for (bare, error) in [
        (Bare::newest()?, "Device or resource busy"),
        (Bare::own()?, "File exists"),
    ] {
        let mut machine = bare.machine("taken").boot()?;
        machine.ok("insmod /modules/taken.ko")?;
        let refused = machine.sh("insmod /modules/oximod.ko")?;
        assert!(refused.text.contains(error), "{refused}");
        machine.ok("grep -q '^0$' /proc/sys/example/atom && ! grep -q '^oximod ' /proc/modules")?;
        machine.ok("rmmod taken && insmod /modules/oximod.ko && test -e /proc/sys/example/atom")?;
        machine.require_health()?;
    }
    Ok(())
}

/// With two processors, processes that flip the bit at the same time lose none of their flips.
#[test]
fn no_flip_is_lost() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("flip").cpus(2).boot()?;
        assert_eq!(machine.ok("nproc")?, "2\n");
        machine.ok("insmod /modules/oximod.ko")?;
        // A load and a store instead of the one step are odd in 6 of these rounds on two busy processors.
        for round in 0..20 {
            machine.ok("sysctl -q -w example.atom=0")?;
            machine.ok("entry flip 100000 & entry flip 100001 & wait %1 && wait %2")?;
            assert_eq!(
                machine.ok("sysctl -n example.atom")?,
                "1\n",
                "round {round}"
            );
        }
        machine.require_health()?;
    }
    Ok(())
}

/// What must fail a run is made to happen.
#[test]
fn a_guest_in_trouble_fails_its_test() -> Result<()> {
    let mut machine = Bare::newest()?.machine("trouble").boot()?;
    machine.require_health()?;
    machine.ok("echo 'WARNING: made up' > /dev/kmsg")?;
    let error = machine.require_health().unwrap_err().to_string();
    assert!(
        error.contains("the kernel reports:") && error.contains("log is kept: "),
        "{error}"
    );
    machine.set_patience(Duration::from_secs(1));
    let error = machine.sh("sleep 60").unwrap_err().to_string();
    assert!(
        error.contains("nothing in 1 s") && error.contains("load average"),
        "{error}"
    );
    Ok(())
}
