#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh FLAVOUR: installs the newest stock kernel of trixie-backports in this flavour, with its headers,
# and writes its release to /usr/local/share/releases.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
release=$(releases "$1" | head -n 1)
echo "$release" > /usr/local/share/releases
install -t trixie-backports initramfs-tools lz4 "linux-image-$release" "linux-headers-$release"
forget_lists
