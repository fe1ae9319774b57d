#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# secure-boot.sh DIR RELEASE: makes what boots the kernel RELEASE of the first disk where Secure Boot is on.
# DIR/mok.pem is a key that a machine's owner may have enrolled. Makes in DIR
#
#   code.fd        OVMF
#   variables.fd   its variables, with Microsoft's keys
#   enrolled.fd    the same with mok.pem
#   esp/           the EFI system partition, with shim and GRUB as they are signed for Debian
#
# Exit codes: 0 made; others: a command failed.

set -eu

cd "$1"
cp /usr/share/OVMF/OVMF_CODE_4M.secboot.fd code.fd
cp /usr/share/OVMF/OVMF_VARS_4M.ms.fd variables.fd
virt-fw-vars -i variables.fd -o enrolled.fd --add-mok 605dab50-e046-4300-abb6-3dd810dd8b23 mok.pem
mkdir -p esp/EFI/BOOT esp/EFI/debian
cp /usr/lib/shim/shimx64.efi.signed esp/EFI/BOOT/BOOTX64.EFI
cp /usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed esp/EFI/BOOT/grubx64.efi
cat > esp/EFI/debian/grub.cfg <<END
search --file --set=root /boot/vmlinuz-$2
linux /boot/vmlinuz-$2 root=/dev/vda rw quiet console=ttyS0 panic=-1 module.sig_enforce=1
initrd /boot/initrd.img-$2
boot
END
