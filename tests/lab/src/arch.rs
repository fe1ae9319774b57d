// SPDX-License-Identifier: GPL-2.0

//! Architectures, and the machine of QEMU's for each.

use std::{env, fs, path::Path, process::Command};

use crate::{root::said, Result};

/// An architecture of Debian's. Each [`System`](crate::system::System) has one.
#[derive(Debug, PartialEq, Eq)]
pub struct Arch {
    /// What dpkg calls it.
    pub debian: &'static str,
    /// What GNU tools for it begin with.
    pub gnu: &'static str,
    /// What boots its kernels; none: they are not booted.
    machine: Option<Machine>,
}

/// A machine of QEMU's.
#[derive(Debug, PartialEq, Eq)]
pub struct Machine {
    /// What rustc calls programs for it.
    pub rust: &'static str,
    /// The program.
    pub qemu: &'static str,
    /// QEMU's name for the machine.
    pub name: &'static str,
    /// QEMU's name for its processor where TCG is one, with options.
    pub processor: &'static str,
    /// QEMU's arguments for the agent's serial line, which is the character device `agent`.
    pub line: &'static [&'static str],
    /// The console's name in the guest.
    pub console: &'static str,
    /// The name of the agent's line in the guest.
    pub agent: &'static str,
}

/// That of most machines. The processor can do all but 5-level paging: with that a kernel with KASAN can report accesses
/// that are none while it boots.
pub const AMD64: Arch = Arch {
    debian: "amd64",
    gnu: "x86_64-linux-gnu",
    machine: Some(Machine {
        rust: "x86_64-unknown-linux-gnu",
        qemu: "qemu-system-x86_64",
        name: "q35",
        processor: "max,la57=off",
        line: &["-serial", "chardev:agent"],
        console: "ttyS0",
        agent: "ttyS1",
    }),
};

/// 64-bit ARM. The processor has all sizes of pages, and a quick stand-in for the signing of pointers.
pub const ARM64: Arch = Arch {
    debian: "arm64",
    gnu: "aarch64-linux-gnu",
    machine: Some(Machine {
        rust: "aarch64-unknown-linux-gnu",
        qemu: "qemu-system-aarch64",
        processor: "max,pauth-impdef=on",
        ..ARM
    }),
};

/// 32-bit ARM with a unit for floating point.
pub const ARMHF: Arch = Arch {
    debian: "armhf",
    gnu: "arm-linux-gnueabihf",
    machine: Some(ARM),
};

/// The machine for guests alone that QEMU has for ARM. It has one serial line of its own.
const ARM: Machine = Machine {
    rust: "armv7-unknown-linux-gnueabihf",
    qemu: "qemu-system-arm",
    name: "virt",
    processor: "max",
    line: &["-device", "pci-serial,chardev=agent"],
    console: "ttyAMA0",
    agent: "ttyS0",
};

/// LoongArch.
pub const LOONG64: Arch = Arch {
    debian: "loong64",
    gnu: "loongarch64-linux-gnu",
    machine: None,
};

/// 64-bit RISC-V.
pub const RISCV64: Arch = Arch {
    debian: "riscv64",
    gnu: "riscv64-linux-gnu",
    machine: None,
};

impl Arch {
    /// What boots its kernels.
    pub fn machine(&self) -> &Machine {
        let machine = self.machine.as_ref();
        machine.expect("what is booted has a machine")
    }

    /// Whether this machine is one.
    pub fn is_here(&self) -> bool {
        self.processor() == env::consts::ARCH
    }

    /// What GNU tools and QEMU call the processor.
    fn processor(&self) -> &str {
        self.gnu.split('-').next().unwrap_or_default()
    }

    /// Has this machine's kernel run programs for this architecture by QEMU, until it is booted again.
    pub(crate) fn emulate(&self) -> Result<()> {
        let formats = Path::new("/proc/sys/fs/binfmt_misc");
        let name = format!("qemu-{}", self.processor());
        if !formats.join("register").exists() {
            let output = Command::new("mount")
                .args(["-t", "binfmt_misc", "binfmt_misc"])
                .arg(formats)
                .output()?;
            said(&output).ok()?;
        }
        if !formats.join(&name).exists() {
            let how = fs::read(format!("/usr/lib/binfmt.d/{name}.conf")).map_err(|error| {
                format!(
                    "cannot run programs for {}: {error}; to fix: apt install qemu-user-static",
                    self.debian
                )
            })?;
            fs::write(formats.join("register"), how)?;
        }
        Ok(())
    }
}
