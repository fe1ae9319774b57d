#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# full-disk.sh: runs rust-kheaders with a cache on a disk that is too small for the sources, and lists what is
# unfinished there afterwards.
#
# Exit codes: those of rust-kheaders.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

mkdir /tmp/cache
mount -t tmpfs -o size=8m,mode=755 tmpfs /tmp/cache
rust-kheaders build --cache /tmp/cache "$release"
code=$?
find /tmp/cache -mindepth 3
exit $code
