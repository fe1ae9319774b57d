#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# install.sh DIR LOG: installs the packages in DIR as a user would, without what other packages recommend: what
# ours depend on is enough. Then it follows the lines in which they say what else is needed. What apt and DKMS
# say goes to LOG, with a line "== followed" between the two.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
log=$2
update
install "$1"/oximod-dkms_*.deb "$1"/rust-kheaders_*.deb 2>&1 | tr -d '\r' | tee "$log"
echo '== followed' >> "$log"
sed -n 's/^oximod: skipped: .*; to fix: apt install/apt-get install -y --no-install-recommends/p' "$log" > /tmp/fix
sh -e /tmp/fix 2>&1 | tr -d '\r' | tee -a "$log"
rm /tmp/fix
forget_lists
