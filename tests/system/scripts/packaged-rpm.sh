#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# packaged-rpm.sh: in a root that dnf takes for Fedora, has kernel-devel come without metadata, makes a package of that
# from the kernel's sources, twice, and has dnf install it with oximod-dkms. Removes kernel-devel.
#
# Exit codes: 0 all was as it should be; others: something was not, and the last lines say what.

set -eu

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh
# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh

packaged=/usr/lib/rust-kheaders/$release
update
install -t trixie-backports "linux-source-$series" patch

# rpm NAME VERSION FILE...: makes a package of these files, which are here already.
rpm_of() {
	name=$1 version=$2
	shift 2
	mkdir -p /tmp/tree
	cp -a --parents "$@" /tmp/tree
	cat >/tmp/spec <<END
Name: $name
Version: $version
Release: 2
Summary: $name with files
License: GPL-2.0-only
AutoReqProv: no
%global __os_install_post %{nil}
%description
%{summary}.
%install
mv /tmp/tree/* %{buildroot}/
%files
$(printf '%s\n' "$@")
END
	rpmbuild -bb --quiet --define '_rpmdir /srv/repository' --define '_topdir /tmp/rpm' --define '_binary_payload w1.gzdio' /tmp/spec
	rm -r /tmp/tree
}

rpm -i --nodeps /srv/repository/kernel-devel-*.rpm
headers=/usr/src/kernels/$release
rm -r "$headers/rust" "$headers/scripts/target.json"
rm /srv/repository/kernel-devel-*.rpm
rpm_of kernel-devel "${release%%[-+]*}" "$headers" "/lib/modules/$release/build"
rpm_of rust "$(rustc --version | cut -d ' ' -f 2)" /usr/bin/rustc
cp /mnt/packages/*.rpm /srv/repository
rm -r /srv/repository/repodata
createrepo_c --quiet /srv/repository
dnf install -y kernel-devel rust rust-kheaders

mkdir /tmp/one /tmp/another
first=$(rust-kheaders package --source "$tarball" --output /tmp/one "$release")
second=$(rust-kheaders package --source "$tarball" --output /tmp/another "$release")
cmp "$first" "$second"
[ -z "$(find "${packaged%/*}" -mindepth 1)" ] || fail "left:" "$(find "${packaged%/*}" | head)"

dnf remove -y rust-src bindgen-cli
mv /usr/bin/bindgen /usr/bin/bindgen.away
dnf install -y oximod-dkms
[ -z "$(find /var/lib/dkms/oximod -name module)" ] || fail "DKMS has built without metadata"
dnf install -y "$first"
[ -n "$(find /var/lib/dkms/oximod -name module)" ] || fail "DKMS has not built when the metadata came"
[ "$(rust-kheaders status | cut -f 1,2)" = "$release	packaged" ] || fail "$(rust-kheaders status)"
rpm -V "rust-kheaders-$release" || fail "something has written into the package"

dnf remove -y kernel-devel
[ ! -e "$packaged" ] || fail "the metadata has stayed without its headers"
