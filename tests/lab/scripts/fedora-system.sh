#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fedora-system.sh DIR: makes a root with Debian's kernel one that dnf and dkms take for Fedora, with the
# stock kernel's RPM of DIR in a repository.
#
# Exit codes: 0 done; others: a command failed.

set -eu

dir=$1

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
# kernel-devel takes their place.
apt-get purge -y '~n^linux-headers-' '~n^linux-kbuild-'
update
install -t trixie-backports libelf-dev
install bindgen cargo clang createrepo-c dkms dnf dnf-plugins-core file gcc librust-proptest-dev make rpm rpmlint \
	rust-src rustc xz-utils
forget_lists

rm /etc/os-release
cat > /etc/os-release <<EOF
NAME="Fedora Linux"
ID=fedora
VERSION_ID=44
PRETTY_NAME="Fedora Linux 44, after a fashion"
EOF
# Debian's own choice; Fedora's dkms builds for the running kernel and the newest.
rm /etc/dkms/framework.conf.d/autoinstall_all_kernels.conf

mkdir -p /etc/yum.repos.d /srv/repository /tmp/rpm
cp "$dir"/*.rpm /srv/repository/

# backed CAPABILITY PACKAGE: an RPM that provides what Fedora calls CAPABILITY, as the Debian package is here.
backed() {
	status=$(dpkg-query -W -f '${db:Status-Status} ${Version}' "$2")
	[ "${status% *}" = installed ]
	name=$(echo "$1" | tr -c '[:alnum:]\n' - | sed 's/^-//')
	version=$(echo "${status#* }" | sed 's/^[0-9]*://; s/[-+~].*//')
	case $1 in
	/*) provided=$1 ;;
	*) provided="$1 = $version" ;;
	esac
	cat > "/tmp/rpm/$name.spec" <<EOF
Name: $name
Version: $version
Release: 1
Summary: $1, which is Debian's $2 here
License: GPL-2.0-only
BuildArch: noarch
Provides: $provided
%description
%{summary}.
%files
EOF
	rpmbuild -bb --quiet --define '_rpmdir /srv/repository' --define '_topdir /tmp/rpm' "/tmp/rpm/$name.spec"
}
backed /bin/sh dash
backed bindgen-cli bindgen
backed cargo cargo
backed clang clang
backed 'crate(proptest/std)' librust-proptest-dev
backed dkms dkms
backed elfutils-libelf-devel libelf-dev
backed gcc gcc
backed kmod kmod
backed make make
backed rust rustc
backed rust-src rust-src
backed openssl openssl
backed systemd systemd
backed xz xz-utils

# The kernel itself is Debian's. In a version RPM allows one dash, and Fedora's releases have no more.
release=$(head -n 1 /usr/local/share/releases)
uname=${release%%-*}-$(echo "${release#*-}" | tr - _)
cat > /tmp/rpm/kernel-core.spec <<EOF
Name: kernel-core
Version: ${release%%[-+]*}
Release: 1
Summary: The kernel, which is Debian's here
License: GPL-2.0-only
Provides: installonlypkg(kernel)
Provides: kernel-uname-r = $uname
%description
%{summary}.
%files
EOF
rpmbuild -bb --quiet --define '_rpmdir /srv/repository' --define '_topdir /tmp/rpm' /tmp/rpm/kernel-core.spec
rm -r /tmp/rpm

createrepo_c --quiet /srv/repository
cat > /etc/yum.repos.d/local.repo <<EOF
[local]
name=What a Fedora has, and our packages
baseurl=file:///srv/repository
metadata_expire=0
EOF
sed -i 's/^gpgcheck=.*/gpgcheck=False/' /etc/dnf/dnf.conf
sed -i 's/^enabled =.*/enabled = false/' /etc/dnf/plugins/local.conf
mkdir -p /etc/dnf/vars
echo 44 > /etc/dnf/vars/releasever
