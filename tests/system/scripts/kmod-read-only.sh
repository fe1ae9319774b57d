#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kmod-read-only.sh RELEASE: installs the finished module for the kernel RELEASE where only /usr and the database of RPM can
# be written, as where images are composed, and prints which files have come. Then removes it.
#
# Exit codes: 0 done; others: a command failed, or it succeeded only because it could write.

set -eu

release=$1
dnf -y install bin-sh kernel-core kmod systemd >/dev/null 2>&1
# shellcheck disable=SC2016 # the other shell's
exec unshare --mount sh -euc '
	for dir in /boot /etc /var /var/lib/rpm; do
		mount --bind $dir $dir
	done
	for dir in /boot /etc /var; do
		mount -o remount,bind,ro $dir
		[ ! -w $dir ]
	done
	mount -t tmpfs tmpfs /var/tmp
	touch /tmp/before
	rpm --install /mnt/packages/oximod-kmod-common-*.rpm "/mnt/modules/kmod-oximod-$1"-*.rpm
	find /boot /etc /usr -xdev -type f -cnewer /tmp/before
	modinfo -k "$1" -n oximod >/dev/null
	rpm --erase "kmod-oximod-$1" oximod-kmod-common
	[ -z "$(modinfo -k "$1" -n oximod 2>/dev/null)" ]
' sh "$release"
