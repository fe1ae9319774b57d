#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kmod-elsewhere.sh: builds the RPMs of the finished module, and the one for akmods, at another time, at another place and
# with another umask than those in /mnt/modules, and compares them.
#
# Exit codes: 0 the same bytes; others: they differ, or a command failed.

set -eu

umask 077
mkdir -p /tmp/another/place
tar -x -f /mnt/packages/oximod-*.tar.gz -C /tmp/another/place --strip-components=1
cd /tmp/another/place
find . -exec touch {} +
release=$(head -n 1 /usr/local/share/releases)
make modules-rpm KVER="$(echo "$release" | sed 's/[-+]/.1&/') $release"
make akmod-rpm

[ "$(find out -maxdepth 1 -name '*.rpm' | wc -l)" = 5 ]
for file in out/*.rpm; do
	cmp "$file" "/mnt/modules/${file#out/}"
done
