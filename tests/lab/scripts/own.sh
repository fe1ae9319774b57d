#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# own.sh: makes a root what most machines are: apt knows main and no other archive, and Debian's own kernel is
# installed without its headers. Writes its release to /usr/local/share/releases.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
rm /etc/apt/sources.list.d/backports.list
update
install initramfs-tools linux-image-amd64 lz4
releases amd64 6.12 > /usr/local/share/releases
