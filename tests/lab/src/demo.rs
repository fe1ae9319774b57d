// SPDX-License-Identifier: GPL-2.0

//! `make run`: the packages at work, and `make shell`.

use crate::{disk::Disk, machine::Machine, progress::step, Result};

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

/// Boots the disk with the packages, and types what shows them at work.
pub fn run() -> Result<()> {
    let disk = Disk::installed()?;
    let release = &disk.releases()[0];
    let mut machine = step(format!("booting {release}"), || {
        disk.machine(release, "run").boot()
    })?;
    println!();
    type_in(&mut machine, FIRST_BOOT)?;
    step("rebooting", || machine.reboot())?;
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

/// Boots the same machine with its console on this terminal.
pub fn shell() -> Result<()> {
    let disk = Disk::installed()?;
    let release = &disk.releases()[0];
    println!(
        "Booting {release}. 'poweroff' ends it, and so does Ctrl-A X; what was done is forgotten."
    );
    disk.machine(release, "shell").on_this_terminal()
}
