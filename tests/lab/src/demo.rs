// SPDX-License-Identifier: GPL-2.0

//! `make run`: the packages at work, and `make shell`.

use crate::{
    debian,
    disk::Disk,
    kernel::Kernel,
    progress::step,
    root::{Root, Said},
    Result,
};

/// A command that is typed, and whether it must succeed.
type Line = (&'static str, bool);

/// In the root that apt has installed the packages in, before it is booted.
const INSTALLED: &[Line] = &[("dkms status", true), ("rust-kheaders status", true)];

const FIRST_BOOT: &[Line] = &[
    ("uname -r", true),
    ("modinfo -n oximod", true),
    ("dmesg | grep oximod:", true),
    ("sysctl example.atom", true),
    ("sysctl -w example.atom=0", true),
    ("echo flip > /proc/sys/example/atom", true),
    ("sysctl example.atom", true),
    ("sysctl -w example.atom=2", false),
    ("sysctl example.atom", true),
    // A service that follows the bit.
    (
        "cp /usr/share/doc/oximod-common/examples/maintenance.service /etc/systemd/system",
        true,
    ),
    ("sysctl -w example.atom=0", true),
    ("systemctl enable maintenance", true),
    ("systemctl is-active maintenance", false),
    ("echo flip > /proc/sys/example/atom; sleep 2", true),
    ("systemctl is-active maintenance", true),
    ("sysctl -w example.atom=0; sleep 2", true),
    ("systemctl is-active maintenance", false),
    (
        "echo 'example.atom = 0' > /etc/sysctl.d/60-local.conf",
        true,
    ),
];

const SECOND_BOOT: &[Line] = &[
    ("sysctl example.atom", true),
    ("rmmod oximod", true),
    ("dmesg | grep oximod:", true),
    ("ls /proc/sys/example", false),
];

/// In the root again: with TCG apt takes a minute in the guest.
const REMOVED: &[Line] = &[
    ("apt-get remove -qq -y oximod-dkms", true),
    ("dkms status", true),
    ("find /lib/modules /usr/src -name 'oximod*'", true),
];

/// The disk with a kernel, and what that was made from.
fn installed(kernel: Kernel) -> Result<(Disk, Root)> {
    Ok(match kernel {
        Kernel::Own => (Disk::own()?, debian::own()?),
        Kernel::Backports => (Disk::installed()?, debian::installed()?),
    })
}

/// Shows what apt has installed, boots it, types what shows it at work, and removes it.
pub fn run(kernel: Kernel) -> Result<()> {
    let (disk, root) = installed(kernel)?;
    let root = root.scratch()?;
    println!("\nThe packages are installed in a Debian 13:");
    type_in(INSTALLED, |command| root.sh(command))?;

    let release = &disk.releases()[0];
    let mut machine = step(format!("booting {release}"), || {
        disk.machine(release, "run").boot()
    })?;
    println!("\nIn the machine:");
    type_in(FIRST_BOOT, |command| machine.sh(command))?;
    println!("# reboot");
    step("rebooting", || machine.reboot())?;
    type_in(SECOND_BOOT, |command| machine.sh(command))?;
    machine.require_health()?;
    drop(machine);

    println!("\nThe packages are removed again:");
    type_in(REMOVED, |command| root.sh(command))?;
    println!("\nTo log in to such a machine: make shell");
    Ok(())
}

fn type_in(lines: &[Line], mut sh: impl FnMut(&str) -> Result<Said>) -> Result<()> {
    for (command, must_succeed) in lines {
        println!("# {command}");
        let said = sh(command)?;
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
pub fn shell(kernel: Kernel) -> Result<()> {
    let (disk, _) = installed(kernel)?;
    let release = &disk.releases()[0];
    println!(
        "Booting {release}. 'poweroff' ends it, and so does Ctrl-A X; what was done is forgotten."
    );
    disk.machine(release, "shell").on_this_terminal()
}
