#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# rpm-elsewhere.sh: makes the tarball of /tmp/oximod, then the tarball and the RPMs of a copy of it, at
# another time, at another place and with another umask. Compares the tarballs with each other, and the RPMs
# with those in /mnt/packages.
#
# Exit codes: 0 the same bytes; others: they differ, or a command failed.

set -eu

cp -r /tmp/oximod /tmp/one
make -C /tmp/one dist

umask 077
find /tmp/oximod -exec touch {} +
mkdir /tmp/another
cp -r /tmp/oximod /tmp/another/place
make -C /tmp/another/place rpm RPMFLAGS='--without check'

cd /tmp/another/place/out
[ "$(find . -maxdepth 1 -type f | wc -l)" = 6 ]
cmp ./*.tar.gz /tmp/one/out/*.tar.gz
for file in *.noarch.rpm; do
	cmp "$file" "/mnt/packages/$file"
done
