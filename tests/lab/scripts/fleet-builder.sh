#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet-builder.sh: makes a root with headers and metadata one that packages finished modules, for Debian 13's cloud
# kernels.
#
# Exit codes: 0 done; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
install dpkg-dev
for modules in /lib/modules/*-cloud-amd64; do
	/mnt/tree/kheaders/rust-kheaders build "${modules##*/}"
done
forget_lists
