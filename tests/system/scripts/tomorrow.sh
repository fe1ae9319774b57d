#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# tomorrow.sh: makes the metadata and a module where sources, headers and the module are from tomorrow, the
# sources are a directory, and the compiler has a versioned name. Prints what rust-kheaders and make say, then
# the module's version.
#
# Exit codes: 0 made, with the symbols of the installed entry; others: a command failed.

set -eu

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

mv /usr/bin/rustc /usr/bin/rustc-1.85
unpack_sources /tmp/source
cp -r /usr/src/oximod-* /tmp/module
find /tmp/source /tmp/module "$headers/include" "$headers/Module.symvers" "$headers/.config" \
	-exec touch -h -d tomorrow {} +

made=$(rust-kheaders build --cache /tmp/cache --source /tmp/source "$release")
cmp "$entry/symbols" "$made/../symbols"
make -C "$made" M=/tmp/module modules
modinfo -F version /tmp/module/oximod.ko
