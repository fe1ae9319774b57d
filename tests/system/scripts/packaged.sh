#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# packaged.sh RELEASE: in a root without bindgen and the sources of Rust's library and of the kernel, has apt install the
# package of metadata in /mnt/metadata from a repository, with oximod-dkms. Builds modules with it, has it not fit, and
# removes its headers. Prints what was said, and "digest" with what module-digest.sh prints.
#
# Exit codes: 0 all was as it should be; others: something was not, and the last lines say what.

set -eu

echo "$1" >/usr/local/share/releases
# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh
# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh

packaged=/usr/lib/rust-kheaders/$release

update
install -t trixie-backports "linux-headers-$release"
install gcc make rustc dpkg-dev
mkdir /srv/repository
cp /mnt/packages/*.deb /mnt/metadata/*.deb /srv/repository
(cd /srv/repository && dpkg-scanpackages . >Packages)
echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list.d/local.list
apt-get update >/dev/null

# The module comes first: what was missing arrives with the package.
apt-get install -y --no-install-recommends "rust-kheaders-$release" oximod-dkms
for package in bindgen rust-src "linux-source-$series"; do
	! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -x installed || fail "apt has installed $package"
done
dkms status | grep -q "$release.*: installed" || fail "DKMS has not built the module"
dkms unbuild "$(dkms status | sed -n 's/^\(oximod.[^,]*\),.*/\1/p')" -k "$release"
! dkms status | grep -q "$release.*: installed" || fail "DKMS has still built the module"
apt-get install -y --reinstall "rust-kheaders-$release"
dkms status | grep -q "$release.*: installed" || fail "DKMS has not built the module when the package came"

[ "$(rust-kheaders status | cut -f 1,2)" = "$release	packaged" ] || fail "$(rust-kheaders status)"
build=$(rust-kheaders path "$release")
case $build in
"$packaged"/*) ;;
*) fail "used is $build" ;;
esac
echo "digest $(sh /mnt/tree/tests/system/scripts/module-digest.sh "$release")"

rust-kheaders enable "$release"
[ "$(readlink "/lib/modules/$release/build")" = "$build" ]
cp -rL /mnt/tree/src /tmp/plain
make -C "/lib/modules/$release/build" M=/tmp/plain modules
[ -e /tmp/plain/oximod.ko ]
[ -z "$(rust-kheaders clean)" ]
[ -z "$(find /var/cache/rust-kheaders -name 'done')" ] || fail "there is an entry in the cache"
dpkg --verify "rust-kheaders-$release" >/tmp/said
[ ! -s /tmp/said ] || fail "something has written into the package:" "$(cat /tmp/said)"

# refused TEXT: requires that the package is not used, and that one line with TEXT says why and what to do.
refused() {
	! rust-kheaders path "$release" >/tmp/said 2>&1 || fail "it is used, although: $1"
	[ "$(wc -l </tmp/said)" = 1 ] || fail "$(cat /tmp/said)"
	grep -F "$1" /tmp/said | grep -q '; to fix: apt install ' || fail "$(cat /tmp/said)"
}

# used: requires that the package is used again.
used() {
	[ "$(rust-kheaders path "$release")" = "$build" ] || fail "it is not used again"
}

cp -p "$headers/Module.symvers" /tmp/
echo >>"$headers/Module.symvers"
refused "was made of other headers than $headers"
rust-kheaders status | grep -q "^$release	changed	" || fail "$(rust-kheaders status)"
rust-kheaders clean
[ -e "$packaged/package" ] || fail "clean has removed a package's files"
cp -p /tmp/Module.symvers "$headers/"
used

mv /usr/bin/rustc /usr/bin/rustc.away
printf '%s\n' '#!/bin/sh' 'echo "rustc 1.99.0"' >/usr/bin/rustc
chmod 755 /usr/bin/rustc
refused "needs /usr/bin/rustc to be 'rustc "
mv /usr/bin/rustc.away /usr/bin/rustc
used

cp -p "$packaged/package" /tmp/
sed -i '2s/.*/0/' "$packaged/package"
refused "another version of rust-kheaders made $packaged"
cp -p /tmp/package "$packaged/"
used

! rust-kheaders package "$release" 2>/tmp/said || fail "a package was made over an installed one"
grep -q "to fix: apt remove rust-kheaders-$release && " /tmp/said || fail "$(cat /tmp/said)"

apt-get remove -y "linux-headers-$release"
[ ! -e "$packaged" ] || fail "the metadata has stayed without its headers"
[ -z "$(rust-kheaders status)" ] || fail "$(rust-kheaders status)"
