// SPDX-License-Identifier: GPL-2.0

//! Disks that boot a root with systemd, and the agent as one of its services.

use std::{fs, path::PathBuf, thread};

use crate::{
    arch::{Arch, AMD64},
    cache, debian, fedora, kernel, programs,
    progress::step,
    root::Root,
    setup::Setup,
    system::System,
    Result,
};

/// A disk with a root, and the kernels that boot it.
pub struct Disk {
    dir: PathBuf,
    arch: &'static Arch,
    releases: Vec<String>,
}

const AGENT: &str = "tests/lab/scripts/agent.sh";
const INITRD: &str = "tests/lab/scripts/initrd.sh";

impl Disk {
    /// The disk of [`debian::installed`].
    pub fn installed() -> Result<Self> {
        let root = thread::scope(|scope| {
            scope.spawn(|| programs::built(&AMD64));
            debian::installed()
        });
        Self::of(&root?, "")
    }

    /// The disk of [`debian::arrived`].
    pub fn arrived() -> Result<Self> {
        Self::of(&debian::arrived()?, "-arrived")
    }

    /// The disk of [`debian::own`].
    pub fn own() -> Result<Self> {
        Self::of(&debian::own()?, "-own")
    }

    /// The disk of [`debian::own_and_newest`].
    pub fn own_and_newest() -> Result<Self> {
        Self::of(&debian::own_and_newest()?, "-own-and-newest")
    }

    /// The disk of [`fedora::installed`].
    pub fn fedora() -> Result<Self> {
        Self::of(&fedora::installed()?, "-fedora")
    }

    /// The disk of a system with our packages.
    pub fn with(system: &System) -> Result<Self> {
        let suffix = format!("-{}", system.name());
        Self::for_arch(system.arch, &system.installed()?, &suffix)
    }

    /// The disk of a root, kept under a name of its own.
    pub fn of(root: &Root, suffix: &str) -> Result<Self> {
        Self::for_arch(&AMD64, root, suffix)
    }

    fn for_arch(arch: &'static Arch, root: &Root, suffix: &str) -> Result<Self> {
        let programs = programs::built(arch)?;
        let busybox = debian::userland(arch)?.join("usr/bin/busybox");
        let releases = debian::releases(root)?;
        let key = cache::key([
            root.key(),
            &programs.to_string_lossy(),
            &busybox.to_string_lossy(),
            &cache::key_of_files(&["tests/lab/src/arch.rs", AGENT, INITRD, kernel::EXTRACT])?,
        ]);
        let dir = cache::once(&format!("disk{suffix}"), &key, |path| {
            fs::create_dir_all(path)?;
            step("the disk", || {
                let mut root = root.scratch()?;
                root.bind(&programs, "/mnt/programs");
                let machine = arch.machine();
                root.script(AGENT, &["/mnt/programs", machine.console, machine.agent])?
                    .ok()?;
                let mut outside = root.scratch()?;
                outside.bind(path, "/mnt/disk");
                outside.bind(&busybox, "/mnt/busybox");
                let copy = "find /boot -name 'initrd*' -exec cp -t /mnt/disk {} +";
                outside.sh(copy)?.ok()?;
                for release in &releases {
                    let copy = format!("cp /boot/vmlinuz-{release} /mnt/disk");
                    outside.sh(&copy)?.ok()?;
                    kernel::extract(&path.join(format!("vmlinuz-{release}")), path)?;
                    let initrd = format!("/mnt/disk/initrd-{release}");
                    outside.script(INITRD, &[release, &initrd])?.ok()?;
                }
                root.image(&path.join("image"), 8192)
            })
        })?;
        Ok(Self {
            dir,
            arch,
            releases,
        })
    }

    /// Removes it from the cache: a disk takes gigabytes.
    pub fn forget(self) -> Result<()> {
        cache::remove(&self.dir)
    }

    /// The kernels' releases, the newest first.
    pub fn releases(&self) -> &[String] {
        &self.releases
    }

    /// A machine with the kernel `release`, which is yet to boot. Its files are called `name`.
    pub fn machine(&self, release: &str, name: &str) -> Setup {
        self.machine_with(release, &format!("initrd-{release}"), name)
    }

    /// The same with `initrd` as its initramfs, one of those that the root has in `/boot`.
    pub fn machine_with(&self, release: &str, initrd: &str, name: &str) -> Setup {
        Setup::new(
            self.dir.join(format!("vmlinux-{release}")),
            self.dir.join(initrd),
            "quiet root=/dev/vda rw",
            name,
        )
        .arch(self.arch)
        .disk(self.dir.join("image"))
    }
}
