#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fedora-devel.sh DIR RELEASE: makes kernel-devel of the stock kernel RELEASE as an RPM in DIR, as Fedora's is: one
# directory, in it the Rust metadata. To be run in a root with Debian's headers and the kernel's sources.
#
# Exit codes: 0 made; others: a command failed.

set -eu

dir=$1
release=$2
headers=/usr/src/linux-headers-$release
common=$(sed -n 's/^include[[:blank:]]*\(\/.*\)\/Makefile$/\1/p' "$headers/Makefile")
build=$(/mnt/tree/kheaders/rust-kheaders build "$release")

# One directory of what Debian has in three packages.
tree=/tmp/rpm/kernel-devel/usr/src/kernels/$release
mkdir -p "$tree"
cp -rL "$common/." "$tree"
rm "$tree/Makefile"
cp -rL "$headers/." "$tree"
cp "$common/Makefile" "$tree/"
mkdir -p "$tree/rust"
cp "$build"/rust/*.rmeta "$build"/rust/*.so "$tree/rust/"
cp "$build/scripts/target.json" "$tree/scripts/"
# Debian's own, which says what linux-source belongs to it.
rm "$tree/include/generated/package.h"

modules=/tmp/rpm/kernel-devel/lib/modules/$release
mkdir -p "$modules"
ln -s "/usr/src/kernels/$release" "$modules/build"

# RPM allows one dash, and Fedora's releases have no more.
uname=${release%%-*}-$(echo "${release#*-}" | tr - _)
cat > /tmp/rpm/kernel-devel.spec <<EOF
Name: kernel-devel
Version: ${release%%[-+]*}
Release: 1
Summary: What modules for the kernel are built against
License: GPL-2.0-only
AutoReqProv: no
Provides: installonlypkg(kernel)
Provides: kernel-devel-uname-r = $uname
%global __os_install_post %{nil}
%description
%{summary}.
%install
cp -r /tmp/rpm/kernel-devel/. %{buildroot}
%files
/usr/src/kernels/$release
/lib/modules/$release/build
EOF
rpmbuild -bb --quiet --define "_rpmdir $dir" --define '_build_name_fmt %%{NAME}-%%{VERSION}.rpm' \
	--define '_topdir /tmp/rpm' --define '_binary_payload w1.gzdio' /tmp/rpm/kernel-devel.spec
