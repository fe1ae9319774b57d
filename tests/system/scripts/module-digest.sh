#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# module-digest.sh RELEASE: builds oximod for RELEASE with rust-kheaders, and prints a digest of the finished module.
#
# Exit codes: 0 built; others: a command failed.

set -eu

rm -rf /tmp/oximod
cp -rL /mnt/tree/src /tmp/oximod
cd /tmp/oximod
module=$("$(command -v rust-kheaders || echo /mnt/tree/kheaders/rust-kheaders)" module --install /tmp/finished "$1")
sha256sum <"$module" | cut -d ' ' -f 1
