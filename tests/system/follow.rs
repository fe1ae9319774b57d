// SPDX-License-Identifier: GPL-2.0

//! The examples of docs/examples on a booted stock kernel with real systemd: what an administrator hangs on the bit.

use lab::{disk::Disk, machine::Machine, progress::show, Result};

use crate::system::wait_for;

const EXAMPLES: &str = "/usr/share/doc/oximod-common/examples";

/// Whether the device is there, the unit is active, and what that has done.
const STATE: &str = "systemctl -q is-active sys-module-oximod.device && echo there || echo gone
    systemctl -q is-active maintenance && echo on || echo off
    test -e /run/nologin && echo locked || echo open";

const ON: &str = "there\non\nlocked\n";
const OFF: &str = "gone\noff\nopen\n";

/// Waits until the unit is as the bit, and sees it stay so.
fn follows(machine: &mut Machine, bit: u8, when: &str) -> Result<()> {
    let expected = if bit == 1 { ON } else { OFF };
    wait_for(machine, STATE, expected)?;
    let still = machine.sh(&format!("sleep 1; {STATE}"))?.text;
    assert_eq!(still, expected, "{when}, bit {bit}");
    Ok(())
}

#[test]
fn a_unit_follows_the_bit() -> Result<()> {
    let disk = Disk::own()?;
    let mut machine = disk.machine(&disk.releases()[0], "follow").cpus(2).boot()?;
    machine.ok(&format!(
        "cp {EXAMPLES}/maintenance.service /etc/systemd/system
         sysctl -q -w example.atom=0 && systemctl enable maintenance"
    ))?;
    follows(&mut machine, 0, "enabled")?;
    for bit in [1, 0, 1, 0] {
        machine.ok(&format!("sysctl -q -w example.atom={bit}"))?;
        follows(&mut machine, bit, "written")?;
    }
    for bit in [0, 1] {
        machine.ok(&format!("sysctl -q -w example.atom={bit}"))?;
        for command in [
            "udevadm trigger",
            "udevadm trigger --type=subsystems --action=add",
            "systemctl restart systemd-udevd systemd-udev-trigger",
            "systemctl daemon-reload",
            "systemctl daemon-reexec",
            // Changes that udev does not see at once.
            "systemctl stop systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd
             echo flip > /proc/sys/example/atom; sleep 0.5; echo flip > /proc/sys/example/atom; sleep 0.5
             systemctl start systemd-udevd",
        ] {
            machine.ok(&format!("{{ {command}; }} && udevadm settle"))?;
            follows(&mut machine, bit, command)?;
        }
    }
    for (bit, command) in [
        (0, "rmmod oximod"),
        (1, "modprobe oximod"),
        (0, "rmmod oximod"),
        (
            0,
            "echo example.atom=0 > /etc/sysctl.d/60-local.conf; modprobe oximod",
        ),
        (1, "sysctl -q -w example.atom=1"),
    ] {
        machine.ok(command)?;
        follows(&mut machine, bit, command)?;
    }
    machine.reboot()?;
    follows(&mut machine, 0, "booted")?;
    machine.ok("rm /etc/sysctl.d/60-local.conf
         dir=/etc/systemd/system/systemd-user-sessions.service.d && mkdir $dir
         printf '[Service]\nExecStartPre=/bin/sleep 15\n' > $dir/slow.conf")?;
    machine.reboot()?;
    // It removes /run/nologin.
    machine.ok("systemctl start systemd-user-sessions")?;
    follows(&mut machine, 1, "booted")?;

    let watched = machine.ok(&format!(
        "timeout 5 sh {EXAMPLES}/watch-atom > /run/watched 2>&1 & sleep 2
         sysctl -q -w example.atom=0; sleep 0.5; sysctl -q -w example.atom=1; sleep 0.5; cat /run/watched"
    ))?;
    assert_eq!(watched, "0\n1\n");
    survives_a_thousand_flips(&mut machine)?;
    machine.require_health()
}

/// However fast and often the bit flips, and however long the unit takes, it is right in the end.
fn survives_a_thousand_flips(machine: &mut Machine) -> Result<()> {
    let slow = r"[Service]\nExecStartPre=/bin/sleep 0.2\nExecStopPost=/bin/sleep 0.3\n";
    machine.ok(&format!(
        "mkdir /run/systemd/system/maintenance.service.d
         printf '{slow}' > /run/systemd/system/maintenance.service.d/slow.conf
         systemctl daemon-reload"
    ))?;
    for (flips, pause) in [
        (249, 0.0),
        (250, 0.02),
        (200, 0.05),
        (150, 0.1),
        (79, 0.2),
        (40, 0.4),
        (25, 0.7),
    ] {
        let bit = flips % 2;
        machine.ok(&format!(
            "for i in $(seq {flips}); do echo flip > /proc/sys/example/atom; sleep {pause}; done
             sysctl -q -w example.atom={bit}"
        ))?;
        follows(machine, bit, &format!("pauses of {pause} s"))?;
    }
    let starts = machine.ok("journalctl -b -u maintenance -o cat | grep -c Starting")?;
    show(format!(
        "the unit has been started {} times in 1,000 flips",
        starts.trim()
    ));
    Ok(())
}
