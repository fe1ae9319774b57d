#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# author.sh: installs what the author of a module has: the add-on of /mnt/packages, and what builds, checks and boots.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
install /mnt/packages/dh-rust-kheaders_*.deb build-essential busybox-static lintian qemu-system-x86 virtiofsd virtme-ng
forget_lists
