#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# missing-symbol.sh: runs rust-kheaders with headers of a kernel that does not export one of the symbols, in
# a directory that looks like sources. Lists the build directories that it leaves.
#
# Exit codes: those of rust-kheaders; 9: its log does not name the symbol.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

# The patterns that tar gets would match here.
mkdir -p /tmp/here/source
touch /tmp/here/source/Makefile
cd /tmp/here || exit

cp -r "$headers" /tmp/headers
for link in scripts tools; do
	ln -sfn "$(readlink -f "$headers/$link")" /tmp/headers/$link
done
symbol=$(grep -m 1 6kernel "$entry/symbols")
sed -i "/\t$symbol\t/d" /tmp/headers/Module.symvers

rust-kheaders build --headers /tmp/headers --cache /tmp/cache "$release"
code=$?
grep -qx "$symbol" "/tmp/cache/$release"/*.log || exit 9
find /tmp/cache -name build
exit $code
