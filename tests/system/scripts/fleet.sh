#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fleet.sh DIR: signs the module that DKMS has built as for a fleet, and puts into DIR what machines get: ca.pem, and
# the module, packed with xz, as
#
#   release-1, release-2   signed with keys that the CA has certified, one after the other
#   stranger               signed with a key that another CA has certified
#   changed                release-1, with one byte changed after it was signed
#
# Exit codes: 0 done; others: a command failed, or nothing was changed.

set -eu
umask 077

PATH=/mnt/tree/signing:$PATH
keys=$(mktemp -d)
cd "$keys"
echo passphrase >passphrase
xz -dc /lib/modules/*/updates/dkms/oximod.ko.xz >module
strip --strip-debug module

# release CA NAME: makes a key for a release, has CA certify it, and signs the module with it.
release() {
	module-signing request "$2" "$2"
	module-signing issue "$1" "$2/request.csr" --passphrase-file passphrase >"$2/certificate.pem"
	module-signing sign "$2" <module >"$2/signature"
	cp module "$2.ko"
	module-signing attach "$2.ko" "$2/signature"
	module-signing verify "$2.ko" "$1/ca.der"
}

for ca in fleet other; do
	module-signing ca "$ca" "$ca" --passphrase-file passphrase
done
release fleet release-1
release fleet release-2
release other stranger
cp release-1.ko changed.ko
printf x | dd of=changed.ko bs=1 seek=3000 conv=notrunc status=none
if cmp -s release-1.ko changed.ko; then
	echo "changed.ko is as before"
	exit 1
fi

cp fleet/ca.pem "$1"
for module in *.ko; do
	xz -c "$module" >"$1/$module.xz"
done
