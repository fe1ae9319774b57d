// SPDX-License-Identifier: GPL-2.0

//! Kernels as QEMU boots them fastest.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cache, root::said, Result};

/// Unpacks `vmlinuz-RELEASE` as `vmlinux-RELEASE` into `dir`: QEMU then boots it directly (by its PVH
/// note), instead of having the guest unpack it, which takes TCG some seconds.
pub fn extract(vmlinuz: &Path, dir: &Path) -> Result<PathBuf> {
    let name = vmlinuz.file_name().ok_or("no name")?.to_string_lossy();
    let vmlinux = dir.join(name.replace("vmlinuz", "vmlinux"));
    let output = Command::new("sh")
        .arg(cache::tree().join("tests/lab/scripts/vmlinux.sh"))
        .arg(vmlinuz)
        .arg(&vmlinux)
        .output()?;
    said(&output).ok()?;
    fs::remove_file(vmlinuz)?;
    Ok(vmlinux)
}
