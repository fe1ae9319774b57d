#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# packages.sh PACKAGE...: installs these packages.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
install "$@"
forget_lists
