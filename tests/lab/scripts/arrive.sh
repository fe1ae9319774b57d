#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# arrive.sh FLAVOUR NTH LOG: installs a second stock kernel, the newest of the NTH newest series of backports, with
# its headers and sources, where oximod-dkms is installed already. What apt and DKMS say goes to LOG. The release is
# added to /usr/local/share/releases.
#
# Exit codes: 0 installed; others: a command failed.

set -euo pipefail

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
sed -n 's/ trixie main.*/ trixie-backports main/p' /etc/apt/sources.list > /etc/apt/sources.list.d/backports.list
update
release=$(releases "$1" | sed -n "$2p")
install -t trixie-backports "linux-image-$release" "linux-headers-$release" "linux-source-$(series "$release")" 2>&1 |
	tr -d '\r' | tee "$3"
echo "$release" >> /usr/local/share/releases
forget_lists
