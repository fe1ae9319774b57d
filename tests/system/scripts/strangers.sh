#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# strangers.sh RELEASE: builds modules that know nothing of rust-kheaders by plain make for a kernel, before it is
# enabled, while it is, and afterwards. Prints what make says before.
#
# Exit codes: 0 they build while it is enabled, and the kernel would load them; 1 not so, and what was found is printed.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

PATH=/mnt/tree/kheaders:$PATH
release=$1
link=/lib/modules/$release/build
stock=$(readlink "$link")

# make_as USER ARGUMENT...: runs make as USER in a fresh copy of the module.
make_as() {
	rm -rf /tmp/stranger
	cp -r "/mnt/tree/tests/strangers/$stranger" /tmp/stranger
	chown -R "$1" /tmp/stranger
	cd /tmp/stranger || exit
	user=$1
	shift
	setpriv --reuid="$user" --clear-groups make KDIR="$link" "$@" >/tmp/said 2>&1
}

# builds MODULE USER ARGUMENT...
builds() {
	module=$1
	shift
	make_as "$@" || fail "make $*:" "$(cat /tmp/said)"
	rust-kheaders check "/tmp/stranger/$module" "$release" >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
}

stranger=template
! make_as root || fail "it builds without"
cat /tmp/said

rust-kheaders enable "$release" >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
for user in root nobody; do
	builds rust_out_of_tree.ko "$user"
	# As it is in directories that others have made.
	make modules_install KDIR="$link" INSTALL_MOD_PATH=/tmp/to >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
	builds rust_out_of_tree.ko "$user" -f Makefile.include
	make -f Makefile.include KDIR="$link" clean >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
	[ ! -e rust_out_of_tree.ko ] || fail "clean leaves it"
done
[ -e "$(find /tmp/to -name 'rust_out_of_tree.ko*')" ] || fail "modules_install has not installed it"
[ "$(make -s -C "$link" kernelrelease)" = "$release" ] || fail "make kernelrelease: $(make -s -C "$link" kernelrelease 2>&1)"
stranger=bcachefs
builds src/fs/bcachefs/bcachefs.ko nobody

rust-kheaders disable "$release" >/tmp/said 2>&1 || fail "$(cat /tmp/said)"
[ "$(readlink "$link")" = "$stock" ] || fail "$(ls -l "$link")"
[ ! -e /var/lib/rust-kheaders ] || fail "$(find /var/lib/rust-kheaders)"
[ -z "$(dpkg --verify "linux-headers-$release")" ] || fail "the headers have changed"
stranger=template
! make_as root || fail "it builds without, afterwards"
