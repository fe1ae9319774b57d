#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# module-digest.sh RELEASE: builds oximod for RELEASE with rust-kheaders. Prints a digest of the module without what
# depends on the paths of its sources: debug information, and the identifier that is made of it.
#
# Exit codes: 0 built; others: a command failed.

set -eu

rm -rf /tmp/oximod
cp -rL /mnt/tree/src /tmp/oximod
cd /tmp/oximod
"$(command -v rust-kheaders || echo /mnt/tree/kheaders/rust-kheaders)" module "$1" >&2
strip --strip-debug oximod.ko
objcopy --remove-section .note.gnu.build-id oximod.ko
sha256sum <oximod.ko | cut -d ' ' -f 1
