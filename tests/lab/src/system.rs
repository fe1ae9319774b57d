// SPDX-License-Identifier: GPL-2.0

//! The Debian systems that people have, as data, and their roots.

use std::thread;

use crate::{
    arch::{Arch, AMD64, ARM64},
    cache, debian,
    progress::step,
    root::{Root, APT},
    Result,
};

/// A release of Debian.
#[derive(Debug, PartialEq, Eq)]
pub struct Suite {
    /// What people call it.
    pub title: &'static str,
    /// What apt calls it.
    pub name: &'static str,
    /// Whether kernels come to it from backports.
    pub has_backports: bool,
}

/// The stable release.
pub const TRIXIE: Suite = Suite {
    title: "Debian 13",
    name: "trixie",
    has_backports: true,
};

/// The next one.
pub const FORKY: Suite = Suite {
    title: "Debian forky",
    name: "forky",
    has_backports: false,
};

/// The one that never is released.
pub const SID: Suite = Suite {
    title: "Debian sid",
    name: "sid",
    has_backports: false,
};

/// A Debian and a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    pub suite: &'static Suite,
    /// What the kernel's release ends with, behind a dash.
    pub flavour: &'static str,
    /// The series of the kernel; none: the newest that apt knows.
    pub series: Option<&'static str>,
    /// The architecture of the kernel.
    pub arch: &'static Arch,
    /// That of the programs around it. Where it is another one, the headers are there to build modules for other machines.
    pub userland: &'static Arch,
}

/// Debian 13 with the newest stock kernel in the cloud flavour. It has a quarter of the modules that the other one has,
/// so that what depmod does after each build takes a fifth of the time.
pub const CLOUD: System = System {
    suite: &TRIXIE,
    flavour: "cloud-amd64",
    series: None,
    arch: &AMD64,
    userland: &AMD64,
};

/// Debian 13 with its own kernel, in this flavour.
pub const fn own(flavour: &'static str) -> System {
    System {
        flavour,
        series: Some("6.12"),
        ..CLOUD
    }
}

/// Debian 13 with the newest stock kernel, in this flavour.
pub const fn backports(flavour: &'static str) -> System {
    System { flavour, ..CLOUD }
}

/// A kernel of another architecture in the next release.
pub const fn next_cross(flavour: &'static str, arch: &'static Arch) -> System {
    System {
        flavour,
        arch,
        ..NEXT
    }
}

/// Debian 13 with its own kernel, which is real-time.
pub const RT: System = own("rt-amd64");

/// Debian 13 on 64-bit ARM. Its programs are run by QEMU, too.
pub const ARM64_EMULATED: System = System {
    userland: &ARM64,
    ..ARM64_CROSS
};

/// 64-bit ARM with pages of 4 KiB.
pub const ARM64_CROSS: System = System {
    flavour: "arm64",
    arch: &ARM64,
    ..CLOUD
};

/// 64-bit ARM with pages of 16 KiB.
pub const ARM64_16K_CROSS: System = System {
    flavour: "arm64-16k",
    ..ARM64_CROSS
};

/// Where packages come first.
pub const UNSTABLE: System = System {
    suite: &SID,
    flavour: "amd64",
    ..CLOUD
};

/// The next release of Debian.
pub const NEXT: System = System {
    suite: &FORKY,
    ..CLOUD
};

impl System {
    /// A name for files and for people: what tells this system from others.
    pub fn name(&self) -> String {
        let series = self.series.unwrap_or("newest");
        let cross = if self.is_cross() { "-cross" } else { "" };
        format!("{}-{series}-{}{cross}", self.suite.name, self.flavour)
    }

    /// A line for people that tells this system from others.
    pub fn title(&self) -> String {
        let kernel = match self.series {
            Some(series) => format!(", {series}"),
            None if self.suite.has_backports => ", backports".into(),
            None => "".into(),
        };
        let cross = if self.is_cross() {
            format!(", built on {}", self.userland.debian)
        } else {
            "".into()
        };
        format!("{}{kernel} {}{cross}", self.suite.title, self.flavour)
    }

    /// Whether the kernel is another machine's.
    pub fn is_cross(&self) -> bool {
        self.arch != self.userland
    }

    /// The smallest Debian that boots, with this kernel and its headers.
    pub fn kernel(&self) -> Result<Root> {
        let foreign = if self.is_cross() {
            self.arch.debian
        } else {
            ""
        };
        debian::base_of(self.suite, self.userland)?.scripted(
            &format!("kernel-{}", self.name()),
            &format!("a stock kernel: {}", self.name()),
            KERNEL,
            &[self.flavour, self.series.unwrap_or(""), foreign],
        )
    }

    /// The same with our packages, as a user installs them. What was said is in [`debian::INSTALL_LOG`].
    pub fn installed(&self) -> Result<Root> {
        let (packages, kernel) = thread::scope(|scope| {
            let packages = scope.spawn(debian::packages);
            let kernel = self.kernel();
            (packages.join().expect("no panic"), kernel)
        });
        let packages = packages?;
        let recipe = cache::key_of_files(&[INSTALL, APT])? + &packages.to_string_lossy();
        let name = format!("installed-{}", self.name());
        kernel?.layer(&name, &recipe, |root| {
            root.bind(&packages, "/mnt/packages");
            step(
                format!(
                    "apt install ./oximod-*_all.deb ./rust-kheaders_*.deb: {}",
                    self.name()
                ),
                || {
                    root.script(INSTALL, &["/mnt/packages", debian::INSTALL_LOG])?
                        .ok()
                        .map(drop)
                },
            )
        })
    }
}

const KERNEL: &str = "tests/lab/scripts/kernel.sh";
const INSTALL: &str = "tests/lab/scripts/install.sh";
