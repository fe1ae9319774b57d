// SPDX-License-Identifier: GPL-2.0

//! What a machine is to be like.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    accel::{self, Accel},
    arch::{Arch, AMD64},
    machine::Machine,
    root::{mortal, said},
    secure_boot::Firmware,
    Result,
};

/// How long a guest may take to boot, and a command to answer. With TCG they take about a tenth of it.
const PATIENCE: Duration = Duration::from_secs(240);

/// The same where the guest is another machine than this one.
const PATIENCE_ELSEWHERE: Duration = Duration::from_secs(1200);

/// What a machine is to be like. QEMU makes it, one processor and 1024 MB large unless told otherwise.
pub struct Setup {
    pub(crate) name: String,
    pub(crate) arch: &'static Arch,
    kernel: PathBuf,
    initrd: PathBuf,
    command_line: String,
    disk: Option<PathBuf>,
    firmware: Option<Firmware>,
    cpus: u32,
    megabytes: u32,
    counts: bool,
    accel: Option<Accel>,
}

impl Setup {
    /// A machine without a disk, whose files are called `name`.
    pub fn new(kernel: PathBuf, initrd: PathBuf, command_line: &str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            arch: &AMD64,
            kernel,
            initrd,
            command_line: command_line.to_owned(),
            disk: None,
            firmware: None,
            cpus: 1,
            megabytes: 1024,
            counts: false,
            accel: None,
        }
    }

    /// A machine that shows whether `kernel` boots with KVM.
    pub(crate) fn probe(kernel: &Path) -> Result<Self> {
        let initrd = accel::probe_initrd()?;
        let mut setup = Self::new(kernel.to_owned(), initrd, "quiet", "probe");
        setup.accel = Some(Accel::Kvm);
        Ok(setup)
    }

    /// Of this architecture.
    pub(crate) fn arch(mut self, arch: &'static Arch) -> Self {
        self.arch = arch;
        self
    }

    /// With a disk, whose image it does not change.
    pub(crate) fn disk(mut self, image: PathBuf) -> Self {
        self.disk = Some(image);
        self
    }

    /// Booted by firmware instead of by QEMU, with the command line that is kept there.
    pub fn by(mut self, firmware: Firmware) -> Self {
        self.firmware = Some(firmware);
        self
    }

    /// With this many processors.
    pub fn cpus(mut self, cpus: u32) -> Self {
        self.cpus = cpus;
        self
    }

    /// With this much memory.
    pub fn megabytes(mut self, megabytes: u32) -> Self {
        self.megabytes = megabytes;
        self
    }

    /// With a clock that counts instructions, one a nanosecond, the same in every run: by TCG, and with a
    /// processor model that is the same in all versions of QEMU, as the kernel chooses instructions by it.
    pub fn counting(mut self) -> Self {
        self.counts = true;
        self
    }

    /// Boots it. What the guest changes on the disk is forgotten with the machine.
    pub fn boot(self) -> Result<Machine> {
        let patience = if self.arch.is_here() {
            PATIENCE
        } else {
            PATIENCE_ELSEWHERE
        };
        let mut machine = Machine::start(&self, patience)?;
        machine.come_up("to boot")?;
        Ok(machine)
    }

    /// Boots it once, within `limit`.
    pub(crate) fn boot_within(self, limit: Duration) -> Result<Machine> {
        let mut machine = Machine::start(&self, limit)?;
        machine.hear_up("to boot")?;
        Ok(machine)
    }

    /// Runs it with its console on this terminal until it powers off. Nobody is at the other end of the
    /// agent's line.
    pub fn on_this_terminal(&self) -> Result<()> {
        let disk = self.disk.as_ref();
        let disk = disk.map(|image| format!("file={},format=raw,snapshot=on", image.display()));
        let mut command = self.qemu(disk)?;
        command.args(["-serial", "mon:stdio", "-chardev", "null,id=agent"]);
        command.args(self.arch.machine().line);
        if self.disk.is_none() {
            // What is loaded first would be loaded again, even if it had crashed the kernel.
            command.arg("-no-reboot");
        }
        let status = command.status()?;
        if !status.success() {
            return Err(format!("{}: {status}", self.arch.machine().qemu).into());
        }
        Ok(())
    }

    /// The disk as QEMU's option. Changes go to a file in `dir` and stay there when QEMU ends.
    pub(crate) fn overlay(&self, dir: &Path) -> Result<Option<String>> {
        let Some(image) = &self.disk else {
            return Ok(None);
        };
        let overlay = dir.join(DRIVE);
        let output = Command::new("qemu-img")
            .args(["create", "-q", "-f", "qcow2", "-F", "raw", "-b"])
            .arg(image)
            .arg(&overlay)
            .output()?;
        said(&output).ok()?;
        let overlay = overlay.display();
        Ok(Some(format!("file={overlay},format=qcow2,cache=unsafe")))
    }

    /// QEMU's command, which still lacks two serial lines: the console, and the agent's with the character device `agent`.
    pub(crate) fn qemu(&self, disk: Option<String>) -> Result<Command> {
        let machine = self.arch.machine();
        let mut command = mortal(machine.qemu);
        command
            .args(["-M", machine.name, "-m", &self.megabytes.to_string()])
            .args(["-smp", &self.cpus.to_string()])
            .args(["-nodefaults", "-no-user-config", "-display", "none"]);
        let mut kernel = format!("console={} panic=-1 {}", machine.console, self.command_line);
        if self.counts {
            command.args(COUNTING);
            kernel += " nokaslr";
        } else {
            let accel = match self.accel {
                Some(accel) => accel,
                None => Accel::of(&self.kernel, self.arch)?,
            };
            command.args(accel.arguments(self.arch));
        }
        if let Some(disk) = disk {
            command.args(["-drive", &format!("{disk},if=virtio")]);
        }
        if let Some(firmware) = &self.firmware {
            command.args(["-global", "driver=cfi.pflash01,property=secure,value=on"]);
            for drive in firmware.flash() {
                command.args(["-drive", &drive]);
            }
            command.args(["-drive", &firmware.partition()]);
        } else {
            command
                .arg("-kernel")
                .arg(&self.kernel)
                .arg("-initrd")
                .arg(&self.initrd)
                .args(["-append", &kernel]);
        }
        Ok(command)
    }
}

/// The name of the file with what a machine has changed on its disk.
pub(crate) const DRIVE: &str = "drive";

/// The processor model of [`Setup::counting`].
pub const COUNTING_CPU: &str = "Nehalem-v1";

const COUNTING: [&str; 8] = [
    "-accel",
    "tcg",
    "-cpu",
    COUNTING_CPU,
    "-icount",
    "shift=0,sleep=off",
    "-rtc",
    "base=2026-01-01,clock=vm",
];
