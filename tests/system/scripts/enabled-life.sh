#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# enabled-life.sh: in a root with two kernels, enables both, and lets happen to it what may: another compiler, a lost
# cache, a lost state, damage that cannot be mended, a package that is installed anew, and the purge.
#
# Exit codes: 0 the links are right at each time, and nothing is left in the end; 1 not so, and what was found is printed.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

other=$(tail -n 1 /usr/local/share/releases)
link=/lib/modules/$release/build
cache=/var/cache/rust-kheaders
stock=$(readlink "$link")

links() {
	find /usr/lib/modules -maxdepth 2 -name '*build*' -printf '%p %l\n' | sort
}

# is_linked: requires that the link leads to an entry that is there.
is_linked() {
	case $(readlink "$link") in
	$cache/"$release"/*/build) [ -f "$link/Makefile" ] || fail "the link dangles" ;;
	*) fail "$1: $(ls -l "$link")" ;;
	esac
}

is_stock() {
	[ "$(readlink "$link")" = "$stock" ] || fail "$1: $(ls -l "$link")"
}

# ok COMMAND...
ok() {
	"$@" >/tmp/said 2>&1 || fail "$*:" "$(cat /tmp/said)"
}

links >/tmp/before
ok rust-kheaders enable --all
is_linked 'enable --all'
[ "$(rust-kheaders status | grep -c '	enabled$')" = 3 ] || fail "$(rust-kheaders status)"
ok rust-kheaders disable "$other"
ok rust-kheaders enable --kept
links | grep -q "$other/build \.\./" || fail "disabled, and enabled again: $(links)"
ok rust-kheaders enable --all
# Twice is as good as once, and the entry is that of the headers.
ok rust-kheaders enable "$release"
[ "$(cat "$link/../headers")" = "$headers" ] || fail "an entry of an entry"
ok rust-kheaders build --headers "$link" "$release"
[ "$(rust-kheaders status --cache $cache | grep -c "^$release	")" = 1 ] || fail "$(rust-kheaders status)"

# Another compiler: the entry is superseded, and the link goes with it.
mv /usr/bin/rustc /usr/bin/rustc-1.85
before=$(readlink "$link")
ok rust-kheaders build "$release"
is_linked 'superseded'
[ "$(readlink "$link")" != "$before" ] || fail "the link has not moved"
mv /usr/bin/rustc-1.85 /usr/bin/rustc
ok rust-kheaders build "$release"
is_linked 'superseded again'

# Damage that can be mended, and then damage that cannot be.
truncate -s 1000 "$link/rust/libcore.rmeta"
ok rust-kheaders enable --kept
is_linked 'damaged'
[ "$(stat -Lc %s "$link/rust/libcore.rmeta")" -gt 1000 ] || fail "still damaged:" "$(cat /tmp/said)" "$(ls -A "$cache/$release")"
truncate -s 1000 "$link/rust/libcore.rmeta"
mv "$tarball" /tmp/tarball
truncate -s 20M "$tarball"
! rust-kheaders build "$release" >/tmp/said 2>&1 || fail "made from a damaged tarball"
is_stock 'a failed build'
mv /tmp/tarball "$tarball"
ok rust-kheaders enable --kept "$release"
is_linked 'mended'

# The headers change: what is of no use leaves, and the link before it.
echo >>"$headers/Module.symvers"
ok rust-kheaders clean
is_stock 'changed headers'
truncate -s -1 "$headers/Module.symvers"
ok rust-kheaders enable --kept
is_linked 'as before'

mv $cache/"$release" /tmp/kept
ok rust-kheaders check "$release"
ok rust-kheaders clean
is_stock 'a lost cache'
mv /tmp/kept $cache/"$release"
ok rust-kheaders build "$release"
is_linked 'a found cache'
rm "/var/lib/rust-kheaders/enabled/$release"
ok rust-kheaders disable "$release"
[ "$(readlink -e "$link")" = "$(readlink -e "$headers")" ] || fail "a lost state: $(ls -l "$link")"
ln -sfn "$stock" "$link"

ok rust-kheaders enable --all
ok dpkg -i /mnt/packages/rust-kheaders_*.deb
is_linked 'reinstalled'
ok apt-get purge -y oximod-dkms oximod-common rust-kheaders
links | cmp -s /tmp/before - || fail "$(links)"
left=$(find / -xdev -name '*rust-kheaders*' -not -path '/proc/*' -not -path '/tmp/*' -not -path '/mnt/*' -not -path '/var/cache/apt/*')
[ -z "$left" ] || fail "$left"
changed=$(dpkg --verify "linux-headers-$release" "linux-headers-$other")
[ -z "$changed" ] || fail "$changed"
