#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kmod-akmods.sh RELEASE: does what akmods does with the files of akmod-oximod, for the kernel RELEASE, and prints what comes
# of it: the names of the RPMs; whether akmods' key has signed the module; and the last line where no metadata can be had.
#
# Exit codes: 0 done; others: a command failed.

set -eu

release=$1
useradd --system akmods
cd /
rpm2cpio /mnt/modules/akmod-oximod-*.noarch.rpm | cpio -id --quiet
rm -rf /var/cache/rust-kheaders

keys=/etc/pki/akmods
mkdir -p $keys/private $keys/certs
openssl req -new -x509 -newkey rsa:2048 -nodes -subj "/CN=akmods' key" -outform DER -out $keys/certs/public_key.der \
	-keyout $keys/private/private_key.priv 2>/dev/null
chgrp akmods $keys/private/private_key.priv
chmod 640 $keys/private/private_key.priv

# build DIR: runs akmodsbuild's command in DIR, as the user akmods.
build() {
	mkdir -p "$1/RPMS/x86_64"
	chown -R akmods "$1"
	setpriv --reuid akmods --regid akmods --clear-groups rpmbuild --define "_topdir $1/" --define "_buildtree $1/BUILD" \
		--define "_specdir $1/SPECS" --define "_sourcedir $1/SOURCES" --define "_srcrpmdir $1/SRPMS" \
		--define "_rpmdir $1/RPMS" --define '_smp_mflags -j2' --define "kernels $release" --target x86_64 \
		--rebuild /usr/src/akmods/oximod-kmod.latest >"$1/log" 2>&1
}

build /tmp/one || {
	cat /tmp/one/log
	exit 1
}
cd /tmp/one/RPMS/x86_64
ls
rpm2cpio ./*.rpm | cpio -id --quiet
echo "signed by $(modinfo -F signer usr/lib/modules/"$release"/extra/oximod/oximod.ko.xz)"

rm -r "/usr/src/kernels/$release/rust"
if build /tmp/two; then
	exit 1
fi
grep '^rust-kheaders: ' /tmp/two/log
