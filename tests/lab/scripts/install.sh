#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# install.sh DIR LOG: installs the packages in DIR as a user would, without what other packages recommend: what
# ours depend on is enough. Then it installs what rust-kheaders says that the newest kernel needs, and no more: the
# module is built then. What apt and DKMS say goes to LOG, with a line "== followed" between the two.
#
# Exit codes: 0 installed; others: a command failed.

set -euo pipefail

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
log=$2
update
install "$1"/oximod-*_all.deb "$1"/rust-kheaders_*.deb 2>&1 | tr -d '\r' | tee "$log"
echo '== followed' >> "$log"
fix=$(rust-kheaders check --fix "$(head -n 1 /usr/local/share/releases)") || case $? in
3 | 77) ;;
*) exit 1 ;;
esac
# shellcheck disable=SC2086 # a list of words
install ${fix#apt install} 2>&1 | tr -d '\r' | tee -a "$log"
forget_lists
