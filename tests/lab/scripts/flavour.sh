#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# flavour.sh FLAVOUR SERIES: installs the newest stock kernel of this series in this flavour, with its headers, where
# forge.sh has installed the rest. Makes its release the only one in /usr/local/share/releases.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
release=$(releases "$1" "$2")
echo "$release" > /usr/local/share/releases
# Nobody boots this root.
export INITRD=No
install "linux-headers-$release" "linux-image-$release"
forget_lists
