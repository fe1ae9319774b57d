// SPDX-License-Identifier: GPL-2.0

//! Firmware that enforces Secure Boot, and the way from it to a stock kernel: shim and GRUB, as they are
//! signed for Debian.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{cache, debian, progress::step, root::Root, Result};

/// What a machine boots by.
pub struct Firmware {
    dir: PathBuf,
    variables: &'static str,
}

/// What is among the machine owner's keys, as if MokManager had been told to.
pub enum Enrolled<'a> {
    Nothing,
    /// The key that DKMS has made.
    Dkms,
    /// A certificate, in PEM.
    Certificate(&'a str),
}

impl Firmware {
    /// What boots the kernel `release` of the disk of `installed` in the machine `name`, where this is enrolled.
    pub fn new(installed: &Root, release: &str, name: &str, enrolled: Enrolled) -> Result<Self> {
        let (variables, certificate) = match enrolled {
            Enrolled::Nothing => ("variables.fd", None),
            Enrolled::Dkms => ("enrolled.fd", None),
            Enrolled::Certificate(pem) => ("enrolled.fd", Some(pem)),
        };
        let mut root = debian::firmware()?.scratch()?;
        let made_by = cache::key_of_files(&[MAKE])? + certificate.unwrap_or_default();
        let key = cache::key([root.key(), installed.key(), &made_by, release]);
        let dir = cache::once(&format!("secure-boot-{name}"), &key, |path| {
            fs::create_dir_all(path)?;
            match certificate {
                Some(pem) => fs::write(path.join("mok.pem"), pem)?,
                None => put_dkms_certificate(installed, path)?,
            }
            root.bind(path, "/mnt/firmware");
            step("firmware with Secure Boot", || {
                root.script(MAKE, &["/mnt/firmware", release])?
                    .ok()
                    .map(drop)
            })
        })?;
        Ok(Self { dir, variables })
    }

    /// QEMU's drives with the firmware and its variables.
    pub(crate) fn flash(&self) -> [String; 2] {
        let dir = self.dir.display();
        let variables = self.variables;
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

/// Puts the certificate that DKMS has made in `installed` into `dir`.
fn put_dkms_certificate(installed: &Root, dir: &Path) -> Result<()> {
    let mut installed = installed.scratch()?;
    installed.bind(dir, "/mnt/firmware");
    installed
        .sh("openssl x509 -inform DER -in /var/lib/dkms/mok.pub -out /mnt/firmware/mok.pem")?
        .ok()
        .map(drop)
}

const MAKE: &str = "tests/lab/scripts/secure-boot.sh";
