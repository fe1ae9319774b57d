#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh FLAVOUR [SERIES [ARCHITECTURE]]: installs the newest stock kernel in this flavour, or the newest of SERIES,
# with its headers, and writes its release to /usr/local/share/releases. A kernel of another ARCHITECTURE, as dpkg calls
# it, comes without what would boot it here.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
[ -z "${3-}" ] || dpkg --add-architecture "$3"
update
release=$(releases "$1" "${2-}" | head -n 1)
echo "$release" > /usr/local/share/releases
if [ -n "${3-}" ]; then
	# Older kernels have no package of the kernel alone.
	kernel=$(apt-cache pkgnames "linux-binary-$release" | grep -x "linux-binary-$release") || :
	install_newest cpio "linux-headers-$release:$3" ${kernel:+"$kernel:$3"}
else
	install_newest cpio initramfs-tools lz4 "linux-image-$release" "linux-headers-$release"
fi
forget_lists
