#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# initramfs-asked.sh TOOL NEWER: asks for the module in the initramfs that TOOL makes, initramfs-tools or dracut, as an
# administrator does. Then it installs the packages in NEWER. /boot/initrd-unasked is the initramfs from before
# that; with dracut it was made again after a version of ours had left one with the module.
#
# Exit codes: 0 done; others: a command failed, or an initramfs does not have what it should.

set -eu

# The oldest.
release=$(tail -n 1 /usr/local/share/releases)
image=/boot/initrd.img-$release

# require COUNT: requires that so many files of ours are in the initramfs.
require() {
	found=$(lsinitramfs "$image" | grep -c '/\(10-\)\?oximod\.' || :)
	[ "$found" = "$1" ] || {
		echo "$image has $found files of ours, not $1" >&2
		exit 1
	}
}

require 0
case $1 in
initramfs-tools)
	cp "$image" /boot/initrd-unasked
	echo oximod >> /etc/initramfs-tools/modules
	update-initramfs -u -k all
	require 1
	;;
dracut)
	cd /usr/lib/dracut
	mkdir /tmp/later
	mv dracut.conf.d/50-oximod.conf modules.d/50oximod /tmp/later
	dracut --force --kver "$release"
	require 3
	mv /tmp/later/50-oximod.conf dracut.conf.d
	mv /tmp/later/50oximod modules.d
	/usr/share/rust-kheaders/dkms/refresh-initramfs oximod
	require 0
	cp "$image" /boot/initrd-unasked
	echo 'add_drivers+=" oximod "' > /etc/dracut.conf.d/oximod.conf
	dracut --force --kver "$release"
	require 3
	;;
esac
apt-get install -y "$2"/oximod-*_all.deb "$2"/rust-kheaders_*.deb
