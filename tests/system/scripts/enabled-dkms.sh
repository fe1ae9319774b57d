#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# enabled-dkms.sh: has DKMS build a module that knows nothing of rust-kheaders. The headers of the newest kernel come
# again while it is enabled, and again where the metadata cannot be made, and then leave. Prints what apt says the second
# time.
#
# Exit codes: 0 it is built when that is possible, and the link is right at each time; 1 not so, and what was found is
# printed.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh
# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh

link=/lib/modules/$release/build
stock=$(readlink "$link")

# leads_to TARGET: requires this of the link.
leads_to() {
	[ "$(readlink "$link")" = "$1" ] || fail "$(ls -l "$link")"
}

is_built() {
	dkms status bcachefs -k "$release" | grep -q ': installed$'
}

cp -r /mnt/tree/tests/strangers/bcachefs /usr/src/bcachefs-1.39.0
dkms add bcachefs/1.39.0 >/dev/null || fail "dkms add"
rust-kheaders enable "$release" >/dev/null || fail "enable"
leads_to "$entry/build"
! is_built || fail "it was built already"

install --reinstall "linux-headers-$release" >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
leads_to "$entry/build"
is_built || fail "it is not built:" "$(cat /tmp/said /var/lib/dkms/bcachefs/1.39.0/build/make.log)"
! grep -q 'rust-kheaders: ' /tmp/said || fail "the hook says something:" "$(cat /tmp/said)"

# The stranger cannot be built, and its package fails as it does without us. Ours says a line.
dkms remove bcachefs/1.39.0 --all >/dev/null
mv /usr/bin/rustc /usr/bin/away
install --reinstall "linux-headers-$release" 2>&1 || fail "apt fails"
leads_to "$stock"
mv /usr/bin/away /usr/bin/rustc
# The trigger of /usr/src.
install --reinstall "linux-headers-$release" >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
leads_to "$entry/build"
rust-kheaders status | grep -q "^$release	.*	enabled\$" || fail "$(rust-kheaders status)"
[ "$(dpkg --audit)" = '' ] || fail "$(dpkg --audit)"

apt-get remove -y "linux-headers-$release" >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
[ -z "$(find "$(dirname "$link")" -name "*build*")" ] || fail "$(ls -l "$link")"
[ ! -e "/var/lib/rust-kheaders/enabled/$release" ] || fail "it is still enabled"
[ ! -e "$entry" ] || fail "the entry is still there"
