#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# status-and-clean.sh: in a root with two kernels, changes the headers of the newest and moves those of the
# other one away. Prints what status and clean say of that.
#
# Exit codes: 0 nothing was removed before, and everything afterwards; others: something else was found.

set -eu

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

other=$(tail -n 1 /usr/local/share/releases)
[ "$(rust-kheaders status | wc -l)" = 2 ]
[ "$(rust-kheaders status | cut -f 2 | sort -u)" = usable ]
[ -z "$(rust-kheaders clean)" ]
[ "$(rust-kheaders status | wc -l)" = 2 ]

echo >>"$headers/Module.symvers"
mv "/usr/src/linux-headers-$other" /usr/src/away
rust-kheaders status | cut -f 1-4
rust-kheaders clean
[ -z "$(rust-kheaders status)" ]
[ -z "$(find /var/cache/rust-kheaders -mindepth 2 -type d)" ]
[ ! -e "/var/cache/rust-kheaders/$other" ]
