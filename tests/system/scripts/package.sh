#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# package.sh DIR [again]: has rust-kheaders make the package of the newest kernel's metadata in DIR. With "again", kills a
# run once it has made the metadata, and looks whether two more give the same bytes. Prints what was said.
#
# Exit codes: 0 made, and the same; others: something was left or used that should not be, or a command failed.

set -eu

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

# Nothing of it is configured: what it depends on is there, but for kmod's triggers.
dpkg --install --force-depends /mnt/packages/rust-kheaders_*.deb >/dev/null

packaged=/usr/lib/rust-kheaders
dir=$1
# killed: kills a run. What it leaves is nothing to anybody.
killed() {
	says /tmp/log ': packing' setsid rust-kheaders package --output "$dir" "$release"
	kill -s KILL -- "-$run"
	wait "$run" || :
	[ -e "$packaged/.$release" ] || fail "the run was over before it was killed"
	[ -z "$(rust-kheaders status)" ] || fail "what was killed is shown"
	! rust-kheaders path "$release" || fail "what was killed is used"
	rm -f "$dir"/*
}

[ "${2-}" != again ] || killed
first=$(rust-kheaders package --output "$dir" "$release")
[ "$first" = "$(ls "$dir"/*.deb)" ]
[ -z "$(find $packaged -mindepth 1)" ] || fail "left:" "$(find $packaged | head)"
[ "${2-}" = again ] || exit 0

mkdir /tmp/another
second=$(cd /tmp/another && rust-kheaders package "$release")
[ -z "$(find "$dir" /tmp/another -name '*.new')" ]
cmp "$first" "$second"
