#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# skipped.sh HOW: has apt install the headers of the newest kernel anew where the module is not built and something
# is wrong:
#
#   compile  the module does not compile
#   damaged  the metadata has lost a part, and the kernel's sources are gone
#   full     the cache has room for the sources, but not for what is compiled
#   ro       nothing can be written to the cache
#   room     DKMS itself has no room
#
# Prints what apt and DKMS say, and then which files are half made.
#
# Exit codes: 0 the packages are configured, and the module is not installed; others: not so.

set -eu

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh
# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh

source=$(echo /usr/src/oximod-*)
dkms unbuild "oximod/${source#*-}" -k "$release" --force >/dev/null
cache=/var/cache/rust-kheaders
# empty_cache OPTIONS: lays an empty file system over the cache.
empty_cache() {
	mount -t tmpfs -o "mode=755,$1" tmpfs $cache
}
case $1 in
compile) echo 'compile_error!("on purpose");' >>"$source/oximod.rs" ;;
damaged)
	truncate -s 1000 "$entry/build/rust/libcore.rmeta"
	rm "$tarball"
	;;
full) empty_cache size=34m ;;
ro) empty_cache ro ;;
room) mount -t tmpfs -o size=40m,mode=1777 tmpfs /tmp ;;
esac
install --reinstall "linux-headers-$release" 2>&1 | tr -d '\r'
dpkg --audit
[ "$1" != full ] || find $cache -mindepth 3
case $(dkms status oximod -k "$release") in
*installed*) exit 1 ;;
esac
