#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet-repositories.sh DIR OWN NEWEST: makes the packages of the module for the kernel releases OWN and NEWEST, and of them
# the repositories DIR/first and DIR/second for apt: see tests/lab/src/fleet.rs. /mnt/packages has the other packages.
#
# Exit codes: 0 made; others: a command failed.

set -eu

dir=$1
cp -r /mnt/tree /tmp/tree
# repository NAME RELEASE: has all that was made before, and the module for RELEASE.
repository() {
	mkdir -p "$dir/$1"
	cp /mnt/packages/*.deb "$dir/$1"
	make -C /tmp/tree modules-deb KVER="$2"
	cp /tmp/tree/out/*.deb "$dir/$1"
	(cd "$dir/$1" && dpkg-scanpackages --multiversion . >Packages)
}
repository first "$2"
repository second "$3"
