#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet-node.sh DIR RELEASE: makes a root a node of a fleet: Debian's own kernel RELEASE in the flavour that is in DIR/first,
# and from there the module, as an administrator installs it.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
flavour=${2#*-}
cp -r "$1" /srv/fleet
ln -s fleet/first /srv/repository
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list.d/fleet.list
update
install initramfs-tools lz4 xz-utils "linux-image-$flavour"
apt-get install -y --no-install-recommends "oximod-modules-$flavour"
echo "$2" >/usr/local/share/releases
forget_lists
