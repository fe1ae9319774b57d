// SPDX-License-Identifier: GPL-2.0

//! Kernels: which there are, and as QEMU boots them fastest.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cache, root::said, Result};

/// Which kernel a user asks for.
#[derive(Clone, Copy)]
pub enum Kernel {
    /// Debian's own, without Rust support.
    Own,
    /// The newest of trixie-backports.
    Backports,
}

impl Kernel {
    /// The kernel that is called so on the command line.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "own" => Ok(Self::Own),
            "backports" => Ok(Self::Backports),
            _ => Err(
                format!("no such kernel: {name}; to fix: KERNEL=own or KERNEL=backports").into(),
            ),
        }
    }
}

pub(crate) const EXTRACT: &str = "tests/lab/scripts/vmlinux.sh";

/// Unpacks `vmlinuz-RELEASE` as `vmlinux-RELEASE` into `dir`: QEMU then boots it directly (by its PVH
/// note), instead of having the guest unpack it, which takes TCG some seconds.
pub fn extract(vmlinuz: &Path, dir: &Path) -> Result<PathBuf> {
    let name = vmlinuz.file_name().ok_or("no name")?.to_string_lossy();
    let vmlinux = dir.join(name.replace("vmlinuz", "vmlinux"));
    let output = Command::new("sh")
        .arg(cache::tree().join(EXTRACT))
        .arg(vmlinuz)
        .arg(&vmlinux)
        .output()?;
    said(&output).ok()?;
    fs::remove_file(vmlinuz)?;
    Ok(vmlinux)
}
