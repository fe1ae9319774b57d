// SPDX-License-Identifier: GPL-2.0

//! Firmware that enforces Secure Boot, and the way from it to a stock kernel: shim and GRUB, as they are
//! signed for Debian.

use std::{fs, path::PathBuf};

use crate::{cache, debian, progress::step, root::Root, Result};

/// What a machine boots by.
pub struct Firmware {
    dir: PathBuf,
    is_enrolled: bool,
}

impl Firmware {
    /// What boots the kernel `release` of the disk of `installed`. If `is_enrolled`, the key that DKMS has made
    /// there is among the machine owner's, as if MokManager had been told to.
    pub fn new(installed: &Root, release: &str, is_enrolled: bool) -> Result<Self> {
        let mut root = debian::firmware()?.scratch()?;
        let made_by = cache::key_of_files(&[MAKE])?;
        let key = cache::key([root.key(), installed.key(), &made_by, release]);
        let dir = cache::once(&format!("secure-boot-{release}"), &key, |path| {
            fs::create_dir_all(path)?;
            let mut installed = installed.scratch()?;
            installed.bind(path, "/mnt/firmware");
            installed
                .sh(
                    "openssl x509 -inform DER -in /var/lib/dkms/mok.pub -out /mnt/firmware/mok.pem",
                )?
                .ok()?;
            root.bind(path, "/mnt/firmware");
            step("firmware with Secure Boot", || {
                root.script(MAKE, &["/mnt/firmware", release])?
                    .ok()
                    .map(drop)
            })
        })?;
        Ok(Self { dir, is_enrolled })
    }

    /// QEMU's drives with the firmware and its variables.
    pub(crate) fn flash(&self) -> [String; 2] {
        let variables = if self.is_enrolled {
            "enrolled.fd"
        } else {
            "variables.fd"
        };
        let dir = self.dir.display();
        [
            format!("if=pflash,unit=0,format=raw,readonly=on,file={dir}/code.fd"),
            format!("if=pflash,unit=1,format=raw,snapshot=on,file={dir}/{variables}"),
        ]
    }

    /// QEMU's drive with the EFI system partition.
    pub(crate) fn partition(&self) -> String {
        format!(
            "if=virtio,format=raw,readonly=on,file=fat:{}/esp",
            self.dir.display()
        )
    }
}

const MAKE: &str = "tests/lab/scripts/secure-boot.sh";
