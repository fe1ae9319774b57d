#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# dracut.sh: installs dracut in the place of initramfs-tools. It makes the initramfs of each kernel, with what QEMU's
# machine needs: with the drivers of all machines a boot takes half a minute more.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
mkdir -p /etc/dracut.conf.d
cat > /etc/dracut.conf.d/qemu.conf <<END
drivers+=" virtio_pci virtio_blk ext4 "
compress="lz4"
early_microcode="no"
END
update
install dracut
forget_lists
