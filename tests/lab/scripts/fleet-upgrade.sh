#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet-upgrade.sh DIR RELEASE: upgrades a node of a fleet to the kernel RELEASE of backports, and with it the module,
# which DIR/second has, by one "apt upgrade".
#
# Exit codes: 0 upgraded; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
ln -sfn fleet/second /srv/repository
cat >/etc/apt/preferences.d/kernel <<'END'
Package: src:linux src:linux-base src:linux-signed-amd64
Pin: release n=trixie-backports
Pin-Priority: 500
END
update
# Unlike "apt-get upgrade", it installs what is new.
apt upgrade -y
sed -i "1i $2" /usr/local/share/releases
