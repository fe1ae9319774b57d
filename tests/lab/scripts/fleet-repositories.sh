#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet-repositories.sh DIR OWN NEWEST: makes the packages of the module for the kernel releases OWN and NEWEST, and of them
# the repositories DIR/first and DIR/second for apt: see tests/lab/src/fleet.rs. Each module is signed with a key of its own.
# DIR/ca.pem vouches for both keys. DIR/unsigned has packages of the module for NEWEST that are not signed. /mnt/packages has
# the other packages.
#
# Exit codes: 0 made; others: a command failed.

set -eu

dir=$1
cp -r /mnt/tree /tmp/tree
PATH=/mnt/tree/signing:$PATH
mkdir /srv/keys
cd /srv/keys
(umask 077 && echo passphrase >passphrase)
module-signing ca ca 'A fleet' --passphrase-file passphrase
cp ca/ca.pem "$dir"

# repository NAME RELEASE: has all that was made before, and the module for RELEASE.
repository() {
	module-signing request "$1" "$1"
	module-signing issue ca "$1/request.csr" --passphrase-file passphrase >"$1/certificate.pem"
	mkdir "$dir/$1"
	cp /mnt/packages/*.deb "$dir/$1"
	make -C /tmp/tree modules-deb KVER="$2" SIGN="module-signing sign /srv/keys/$1"
	cp /tmp/tree/out/*.deb "$dir/$1"
	(cd "$dir/$1" && dpkg-scanpackages --multiversion . >Packages)
}
repository first "$2"
repository second "$3"
rm /tmp/tree/out/*.deb
make -C /tmp/tree modules-deb KVER="$3"
cp -r /tmp/tree/out "$dir/unsigned"
