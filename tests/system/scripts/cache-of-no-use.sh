#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# cache-of-no-use.sh VERSION MOUNT-OPTIONS: has DKMS build version VERSION of the module for the newest kernel
# with /var/cache on a file system of its own, with these options. Prints the build's log too, and what is in
# the cache.
#
# Exit codes: those of dkms autoinstall.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

rm -r /var/cache/rust-kheaders
mount -t tmpfs -o "$2" tmpfs /var/cache
dkms unbuild "oximod/$1" -k "$release" --force
dkms autoinstall -k "$release"
code=$?
cat /var/lib/dkms/oximod/*/build/make.log
ls "/var/cache/rust-kheaders/$release"
exit $code
