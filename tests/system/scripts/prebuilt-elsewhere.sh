#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# prebuilt-elsewhere.sh RELEASE: packages the finished module for this kernel and compares the packages with those in
# /mnt/fleet/second, which were built at another time, at another place and with another umask, time zone and locale, after
# the module for another kernel.
#
# Exit codes: 0 the same bytes; others: they differ, or a command failed.

set -euo pipefail

umask 077
export TZ=Asia/Tokyo LC_ALL=C
mkdir -p /tmp/another/place
cd /tmp/another/place
cp -r /mnt/tree/src /mnt/tree/debian .
find . -exec touch {} +
cd src
/mnt/tree/kheaders/rust-kheaders package --module --no-panic --output /tmp/out "$1" | tee /tmp/made
[ "$(wc -l </tmp/made)" = 2 ]
while read -r file; do
	cmp "$file" "/mnt/fleet/second/${file##*/}"
done </tmp/made
