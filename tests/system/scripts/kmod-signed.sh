#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kmod-signed.sh: builds the module's RPM with a command that signs the module, for a kernel whose modules are not
# compressed, and requires that the signature is one of the module in the RPM.
#
# Exit codes: 0 it has; others: it has not, or a command failed.

set -eu

cp -r /mnt/tree /tmp/oximod
cd /tmp/oximod
openssl req -new -x509 -newkey rsa:2048 -nodes -subj '/CN=a key' -keyout /tmp/key -out /tmp/certificate
release=$(head -n 1 /usr/local/share/releases)
sed -i '/^CONFIG_MODULE_COMPRESS/d' "/usr/src/kernels/$release/include/config/auto.conf"
make modules-rpm KVER="$release" \
	SIGN="openssl cms -sign -binary -noattr -md 'sha256' -outform DER -signer /tmp/certificate -inkey /tmp/key"

mkdir /tmp/unpacked
cd /tmp/unpacked
rpm2cpio /tmp/oximod/out/kmod-oximod-"$release"-*.rpm | cpio -id
mv "usr/lib/modules/$release/extra/oximod/oximod.ko" whole
# At the end are the signature, 12 bytes that end with its length, and a line.
[ "$(tail -c 28 whole)" = '~Module signature appended~' ]
length=$(tail -c 32 whole | head -c 4 | od -An -t u4 --endian=big | tr -d ' ')
head -c -40 whole | tail -c "$length" >signature
head -c "-$((40 + length))" whole >module
openssl cms -verify -binary -inform DER -in signature -content module -noverify -out verified
cmp module verified
