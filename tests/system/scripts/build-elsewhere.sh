#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# build-elsewhere.sh FILE...: builds the Debian packages of these files of the tree and compares them with
# those in /mnt/packages, which were built at another time, at another place and with another umask, time
# zone and locale.
#
# Exit codes: 0 the same bytes; others: they differ, or a command failed.

set -eu

umask 077
export TZ=Asia/Tokyo LC_ALL=C
mkdir -p /tmp/another/place/oximod
cd /mnt/tree
cp -r --parents "$@" /tmp/another/place/oximod
find /tmp/another -exec touch {} +
cd /tmp/another/place/oximod
dpkg-buildpackage --no-sign
cd ..
[ "$(find . -maxdepth 1 -name '*.deb' | wc -l)" = 5 ]
for file in *.deb; do
	cmp "$file" "/mnt/packages/$file"
done
