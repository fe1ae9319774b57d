// SPDX-License-Identifier: GPL-2.0

//! The installed packages on booted stock kernels with real systemd.

use std::{thread, time::Duration};

use lab::{
    debian,
    vm::{Disk, Machine},
    Result,
};

#[test]
fn on_the_newest_kernel() -> Result<()> {
    life(0, "newest")
}

#[test]
fn on_a_kernel_of_the_series_before() -> Result<()> {
    life(1, "before")
}

/// From the first boot to the removal.
fn life(which: usize, name: &str) -> Result<()> {
    let release = &debian::releases(&debian::installed()?)?[which];
    let disk = Disk::installed()?;
    let mut machine = disk.machine(release, name).with_modules().boot()?;

    assert_eq!(machine.ok("uname -r")?.trim(), release);
    loaded_at_boot(&mut machine)?;
    contract(&mut machine)?;
    shell_commands(&mut machine)?;
    others_may_only_read(&mut machine)?;
    loaded_and_unloaded(&mut machine)?;
    name_is_taken(&mut machine)?;
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

fn others_may_only_read(machine: &mut Machine) -> Result<()> {
    let nobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups";
    assert_eq!(
        machine.ok(&format!("{nobody} cat /proc/sys/example/atom"))?,
        "1\n"
    );
    let refused = machine.sh(&format!("{nobody} sh -c 'echo 0 > /proc/sys/example/atom'"))?;
    assert!(refused.text.contains("Permission denied"), "{refused}");
    assert_eq!(machine.ok("sysctl -n example.atom")?, "1\n");
    Ok(())
}

fn loaded_and_unloaded(machine: &mut Machine) -> Result<()> {
    // Who has the entry open does not keep the module, and finds nothing behind it any more.
    let said = machine.sh("exec 3< /proc/sys/example/atom && rmmod oximod && cat <&3")?;
    assert!(said.text.contains("No such file or directory"), "{said}");
    machine.ok("test ! -e /proc/sys/example")?;
    assert_eq!(messages(machine)?, [HELLO, BYE]);

    machine.ok("modprobe oximod")?;
    wait_for(machine, "sysctl -n example.atom", "1\n")?;
    assert_eq!(messages(machine)?, [HELLO, BYE, HELLO]);
    Ok(())
}

const HELLO: &str = "oximod: Hello world, I am oximod!";
const BYE: &str = "oximod: Bye!";

/// What the module has logged at level info.
fn messages(machine: &mut Machine) -> Result<Vec<String>> {
    let log = machine.ok("dmesg --level=info | sed -n 's/^.*\\] \\(oximod: .*\\)$/\\1/p'")?;
    Ok(log.lines().map(str::to_owned).collect())
}

fn wait_for(machine: &mut Machine, command: &str, expected: &str) -> Result<()> {
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

fn name_is_taken(machine: &mut Machine) -> Result<()> {
    let modules = machine.unpack_modules()?;
    machine.ok("rmmod oximod")?;
    machine.ok(&format!("insmod {modules}/taken.ko"))?;
    // The module loader keeps EEXIST for modules that are loaded already.
    let refused = machine.sh("modprobe oximod")?;
    assert!(
        refused.text.contains("Device or resource busy"),
        "{refused}"
    );
    // What is there is not harmed.
    machine.ok("grep -q '^0$' /proc/sys/example/atom && ! grep -q '^oximod ' /proc/modules")?;
    machine.ok("rmmod taken && modprobe oximod")?;
    wait_for(machine, "sysctl -n example.atom", "1\n")
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
    machine.ok("apt-get purge -y oximod-dkms rust-kheaders")?;
    assert_eq!(machine.ok("dkms status")?, "");
    let left = "find / -xdev \\( -name '*oximod*' -o -name '*rust-kheaders*' \\)";
    assert_eq!(machine.ok(left)?, "");
    assert_eq!(machine.ok("ls -A /var/lib/dkms")?, "mok.key\nmok.pub\n");
    machine.ok("rmmod oximod")?;
    machine.ok("test ! -e /proc/sys/example").map(drop)
}

/// With two processors, processes that flip the bit at the same time lose none of their flips.
///
/// Then what must fail a run is made to happen.
#[test]
fn no_flip_is_lost() -> Result<()> {
    let release = &debian::releases(&debian::installed()?)?[0];
    let disk = Disk::installed()?;
    let mut machine = disk.machine(release, "flip").cpus(2).boot()?;
    assert_eq!(machine.ok("nproc")?, "2\n");
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

    for (script, expected) in [
        (
            "echo 1024 > /proc/sys/kernel/tainted",
            "the kernel is tainted: 0x3400",
        ),
        ("echo 'WARNING: made up' > /dev/kmsg", "the kernel reports:"),
    ] {
        machine.ok(script)?;
        let error = machine.require_health().unwrap_err().to_string();
        assert!(
            error.contains(expected) && error.contains("log is kept: "),
            "{error}"
        );
    }
    machine.set_patience(Duration::from_secs(1))?;
    let error = machine.sh("sleep 60").unwrap_err().to_string();
    assert!(error.contains("no answer"), "{error}");
    Ok(())
}
