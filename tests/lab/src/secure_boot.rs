// SPDX-License-Identifier: GPL-2.0

//! Firmware that enforces Secure Boot, and the way from it to a stock kernel: shim and GRUB, as they are
//! signed for Debian.

use std::{fs, path::PathBuf};

use crate::{cache, debian, progress::step, Result};

/// What a machine boots by.
pub struct Firmware {
    dir: PathBuf,
    is_enrolled: bool,
}

impl Firmware {
    /// What boots the kernel `release` of [`debian::installed`]'s disk. If `is_enrolled`, the key that
    /// DKMS has made there is among the machine owner's, as if MokManager had been told to.
    pub fn new(release: &str, is_enrolled: bool) -> Result<Self> {
        let mut root = debian::firmware()?.scratch()?;
        let installed = debian::installed()?;
        let key = cache::key([root.key(), installed.key(), MAKE, release]);
        let dir = cache::once("secure-boot", &key, |path| {
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
                root.sh(&MAKE.replace("RELEASE", release))?.ok().map(drop)
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
            format!("if=pflash,unit=1,format=raw,file={dir}/{variables}"),
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

const MAKE: &str = r#"
set -e
cd /mnt/firmware
cp /usr/share/OVMF/OVMF_CODE_4M.secboot.fd code.fd
cp /usr/share/OVMF/OVMF_VARS_4M.ms.fd variables.fd
virt-fw-vars -i variables.fd -o enrolled.fd --add-mok 605dab50-e046-4300-abb6-3dd810dd8b23 mok.pem
mkdir -p esp/EFI/BOOT esp/EFI/debian
cp /usr/lib/shim/shimx64.efi.signed esp/EFI/BOOT/BOOTX64.EFI
cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed esp/EFI/BOOT/grubx64.efi
cat > esp/EFI/debian/grub.cfg <<EOF
search --file --set=root /boot/vmlinuz-RELEASE
linux /boot/vmlinuz-RELEASE root=/dev/vda rw quiet console=ttyS0 panic=-1 module.sig_enforce=1
initrd /boot/initrd.img-RELEASE
boot
EOF
"#;
