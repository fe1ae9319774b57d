#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fedora-kernels.sh DIR RELEASE: makes kernels' RPMs in DIR, in a root with the headers of the stock kernel RELEASE
# and what builds one:
#
#   stock/   kernel-devel of RELEASE, as Fedora's is: one directory, in it the Rust
#            metadata that the kernel's own build makes
#   own/     kernel and kernel-devel of a small kernel, by "make binrpm-pkg": without the metadata
#   source/  what that was built from
#
# Exit codes: 0 made; others: a command failed.

set -eu

dir=$1
release=$2
series=$(echo "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')

mkdir -p /tmp/linux /tmp/rpm/SOURCES
cd /tmp/linux
tar -x -f "/usr/src/linux-source-$series.tar.xz" --strip-components=1

# The metadata.
headers=/usr/src/linux-headers-$release
common=$(sed -n 's/^include[[:blank:]]*\(\/.*\)\/Makefile$/\1/p' "$headers/Makefile")
mkdir /tmp/stock
cp "$headers/.config" "$headers/.kernelvariables" /tmp/stock/
make -j"$(nproc)" O=/tmp/stock olddefconfig prepare

# One directory of what Debian has in three packages.
tree=/tmp/rpm/kernel-devel/usr/src/kernels/$release
mkdir -p "$tree"
cp -rL "$common/." "$tree"
rm "$tree/Makefile"
cp -rL "$headers/." "$tree"
cp "$common/Makefile" "$tree/"
mkdir -p "$tree/rust"
cp /tmp/stock/rust/*.rmeta /tmp/stock/rust/*.so "$tree/rust/"
cp /tmp/stock/scripts/target.json "$tree/scripts/"
# Debian's own, which says what linux-source belongs to it.
rm "$tree/include/generated/package.h"

modules=/tmp/rpm/kernel-devel/lib/modules/$release
mkdir -p "$modules"
ln -s "/usr/src/kernels/$release" "$modules/build"

cat > /tmp/rpm/kernel-devel.spec <<EOF
Name: kernel-devel
Version: ${release%%[-+]*}
Release: 1
Summary: What modules for the kernel are built against
License: GPL-2.0-only
AutoReqProv: no
Provides: installonlypkg(kernel)
%global __os_install_post %{nil}
%description
%{summary}.
%install
cp -r /tmp/rpm/kernel-devel/. %{buildroot}
%files
/usr/src/kernels/$release
/lib/modules/$release/build
EOF
rpmbuild -bb --quiet --define "_rpmdir $dir/stock" --define '_build_name_fmt %%{NAME}-%%{VERSION}.rpm'  --define '_topdir /tmp/rpm' --define '_binary_payload w1.gzdio' \
	/tmp/rpm/kernel-devel.spec

# The small kernel.
make tinyconfig
cat >> .config <<EOF
CONFIG_64BIT=y
CONFIG_LOCALVERSION="-own"
CONFIG_MODULES=y
CONFIG_MODULE_UNLOAD=y
CONFIG_PRINTK=y
CONFIG_PROC_FS=y
CONFIG_RUST=y
CONFIG_SYSCTL=y
CONFIG_SYSFS=y
EOF
make olddefconfig
grep -x CONFIG_RUST=y .config
make -j"$(nproc)" binrpm-pkg
mkdir "$dir/own" "$dir/source"
cp rpmbuild/RPMS/*/kernel-[!h]*.rpm "$dir/own/"

# Of the built tree what the metadata is made from; all of it takes 2 GB.
cp -r --parents Makefile rust scripts drivers/base drivers/android "$dir/source/"
