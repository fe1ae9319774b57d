#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fedora-kernels.sh DIR: makes two kernels that come after the stock kernel, and differ from it by their names: its version
# has ".1" and ".2" at the end. DIR gets kernel-core of both. The headers of the first, and our packages in /mnt/packages
# that build modules, are installed.
#
# Exit codes: 0 done; others: a command failed.

set -eu

dir=$1
release=$(head -n 1 /usr/local/share/releases)
version=${release%%[-+]*}

mkdir -p "$dir" /tmp/rpm
dnf install -y kernel-devel /mnt/packages/rust-kheaders-*.noarch.rpm /mnt/packages/module-signing-*.noarch.rpm

# kernel NUMBER: makes kernel-core and, without files, kernel-devel. In a version RPM allows one dash.
kernel() {
	name=$version.$1${release#"$version"}
	uname=${name%%-*}-$(echo "${name#*-}" | tr - _)
	cat > /tmp/rpm/kernel.spec <<EOF
Name: kernel
Version: $version.$1
Release: 1
Summary: A kernel that does not run
License: GPL-2.0-only
%global debug_package %{nil}
%description
%{summary}.
%package core
Summary: %{summary}
Provides: installonlypkg(kernel)
Provides: kernel-uname-r = $uname
%description core
%{summary}.
%package devel
Summary: %{summary}
Provides: installonlypkg(kernel)
Provides: kernel-devel-uname-r = $uname
%description devel
%{summary}.
%install
mkdir -p %{buildroot}/usr/lib/modules/$name/kernel
cd %{buildroot}/usr/lib/modules/$name
touch modules.order modules.builtin modules.builtin.modinfo
%files core
/usr/lib/modules/$name
%files devel
EOF
	rpmbuild -bb --quiet --define "_rpmdir $dir" --define '_build_name_fmt %%{NAME}-%%{VERSION}-1.rpm' \
		--define '_topdir /tmp/rpm' /tmp/rpm/kernel.spec
}
kernel 1
kernel 2
dnf install -y "$dir/kernel-devel-$version.1-1.rpm"
rm -r "$dir"/kernel-devel-*.rpm /tmp/rpm

name=$version.1${release#"$version"}
cp -r "/usr/src/kernels/$release" "/usr/src/kernels/$name"
sed -i "s/UTS_RELEASE .*/UTS_RELEASE \"$name\"/" "/usr/src/kernels/$name/include/generated/utsrelease.h"
mkdir -p "/usr/lib/modules/$name"
ln -s "/usr/src/kernels/$name" "/usr/lib/modules/$name/build"
