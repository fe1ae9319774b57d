#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# package.sh DIR: has rust-kheaders make the package of the newest kernel's metadata in DIR. Kills the first run once it
# has made the metadata, then looks whether two runs give the same bytes. Prints what was said, and "same".
#
# Exit codes: 0 the same; others: they differ, something was left or used that should not be, or a command failed.

set -eu

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

# Nothing of it is configured: what it depends on is there, but for kmod's triggers.
dpkg --install --force-depends /mnt/packages/rust-kheaders_*.deb >/dev/null

packaged=/usr/lib/rust-kheaders
setsid rust-kheaders package --output "$1" "$release" 2>/tmp/log &
run=$!
until grep -q ': packing' /tmp/log; do
	kill -0 "$run" || {
		cat /tmp/log
		exit 1
	}
	sleep 1
done
kill -s KILL -- "-$run"
wait "$run" || :
[ -e "$packaged/.$release" ] || fail "the run was over before it was killed"
[ -z "$(rust-kheaders status)" ] || fail "what was killed is shown"
! rust-kheaders path "$release" || fail "what was killed is used"
rm -f "$1"/*

mkdir /tmp/another
first=$(rust-kheaders package --output "$1" "$release")
second=$(cd /tmp/another && rust-kheaders package "$release")
[ "$first" = "$(ls "$1"/*.deb)" ]
[ -z "$(find $packaged -mindepth 1)" ] || fail "left:" "$(find $packaged | head)"
[ -z "$(find "$1" /tmp/another -name '*.new')" ]
cmp "$first" "$second"
echo same
