#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# upgrade.sh SUITE LOG: upgrades a root to this release of Debian, as its release notes say. What apt and DKMS say goes
# to LOG. The newest kernel's release is put before those in /usr/local/share/releases.
#
# Exit codes: 0 upgraded; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
log=$2
releases=/usr/local/share/releases
old=$(cat $releases)
sed -i "s/ [a-z]* main/ $1 main/" /etc/apt/sources.list
if ! { update && apt-get upgrade -y --without-new-pkgs && apt-get full-upgrade -y; } > "$log" 2>&1; then
	tail -n 20 "$log"
	exit 1
fi
sed -i 's/\r//g' "$log"
apt-get check
new=$(find /boot -name 'vmlinuz-*' | sed 's/^.*vmlinuz-//' | sort -V | tail -n 1)
printf '%s\n' "$new" "$old" > $releases
forget_lists
