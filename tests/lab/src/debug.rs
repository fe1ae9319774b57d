// SPDX-License-Identifier: GPL-2.0

//! Kernels that find errors, built from the distribution's sources, and the machines that boot them.

use std::{fs, path::PathBuf};

use crate::{
    cache, debian,
    progress::step,
    vm::{self, Setup},
    Result,
};

/// What a kernel is to find.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Errors in the use of memory and of locks; it also has allocations fail.
    Memory,
    /// Data races.
    Races,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Races => "races",
        }
    }
}

/// A machine with a debug kernel, whose files are called `name`. `/modules` has the modules that tests
/// load.
pub fn machine(kind: Kind, name: &str) -> Result<Setup> {
    let kernel = kernel(kind)?;
    let setup = Setup::new(
        kernel.join("vmlinuz"),
        initramfs(kind)?,
        match kind {
            Kind::Memory => "kasan_multi_shot kmemleak=on",
            Kind::Races => "",
        },
        name,
    );
    Ok(setup.megabytes(2048))
}

/// The directory with a debug kernel, see `debug/kernel.sh`.
fn kernel(kind: Kind) -> Result<PathBuf> {
    let mut root = debian::kernel_workshop()?.scratch()?;
    let key = cache::key([
        root.key(),
        &cache::key_of_files(&[
            "tests/lab/debug/base.config",
            &format!("tests/lab/debug/{}.config", kind.name()),
            "tests/lab/scripts/debug-kernel.sh",
        ])?,
    ]);
    cache::once(&format!("debug-{}", kind.name()), &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(cache::tree().canonicalize()?, "/mnt/tree");
        root.bind(path, "/mnt/kernel");
        step(format!("the kernel that looks at {}", kind.name()), || {
            root.sh(&format!(
                "cd /mnt/tree/tests/lab/debug && sh ../scripts/debug-kernel.sh /mnt/kernel base.config {}.config",
                kind.name()
            ))?
            .ok()
            .map(drop)
        })
    })
}

/// The first file system: a shell, the guest's programs and the modules.
fn initramfs(kind: Kind) -> Result<PathBuf> {
    let kernel = kernel(kind)?;
    let guest = vm::guest_programs()?;
    let mut root = debian::kernel_workshop()?.scratch()?;
    let key = cache::key([
        &kernel.to_string_lossy(),
        &guest.to_string_lossy(),
        cache::key_of_files(&[
            "kheaders",
            "samples",
            "src",
            "tests/modules",
            "tests/lab/scripts/debug-initramfs.sh",
            "tests/lab/scripts/debug-instrument.sh",
        ])?
        .as_str(),
    ]);
    let path = cache::once(&format!("initramfs-{}", kind.name()), &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(cache::tree().canonicalize()?, "/mnt/tree");
        root.bind(&kernel, "/mnt/kernel");
        root.bind(&guest, "/mnt/guest");
        root.bind(path, "/mnt/initramfs");
        step(
            format!("modules for the kernel that looks at {}", kind.name()),
            || {
                root.sh(
                "sh /mnt/tree/tests/lab/scripts/debug-initramfs.sh /mnt/tree /mnt/kernel /mnt/guest /mnt/initramfs/cpio",
            )?
            .ok()
            .map(drop)
            },
        )
    })?;
    Ok(path.join("cpio"))
}
