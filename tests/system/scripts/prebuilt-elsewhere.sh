#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# prebuilt-elsewhere.sh RELEASE: packages the finished module for this kernel and compares the packages with those in
# /mnt/fleet/unsigned, which were built at another time, at another place and with another umask, time zone and locale, after
# the module for another kernel. Then it packages the module with a signature that was made of that one.
#
# Exit codes: 0 the same bytes, and signed; others: they differ, or a command failed.

set -euo pipefail

umask 077
export TZ=Asia/Tokyo LC_ALL=C
mkdir -p /tmp/another/place
cd /tmp/another/place
cp -r /mnt/tree/src /mnt/tree/debian .
find . -exec touch {} +
cd src
/mnt/tree/kheaders/rust-kheaders package --module --no-panic --output /tmp/out "$1" | tee /tmp/made
[ "$(wc -l </tmp/made)" = 2 ]
while read -r file; do
	cmp "$file" "/mnt/fleet/unsigned/${file##*/}"
done </tmp/made

# module PACKAGE FILE: unpacks the module in PACKAGE to FILE.
module() {
	dpkg-deb --fsys-tarfile "$1" | tar -x -O --wildcards '*/oximod.ko.xz' | xz -dc >"$2"
}

export PATH=/mnt/tree/signing:$PATH
mkdir -p /srv/keys
cd /srv/keys
echo secret >passphrase
module-signing ca ca 'A fleet' --passphrase-file passphrase
module-signing request release 'A release'
module-signing issue ca release/request.csr --passphrase-file passphrase >release/certificate.pem
package=$(head -n 1 /tmp/made)
module "$package" unsigned.ko
module-signing sign release <unsigned.ko >signature

cd /tmp/another/place/src
sign="cat /srv/keys/signature"
/mnt/tree/kheaders/rust-kheaders package --module --no-panic --sign "$sign" --output /tmp/signed "$1"
module "/tmp/signed/${package##*/}" signed.ko
module-signing verify signed.ko /srv/keys/ca/ca.pem
cmp -n "$(stat -c %s /srv/keys/unsigned.ko)" signed.ko /srv/keys/unsigned.ko

# One of something else.
echo >>oximod.rs
sed -i 's/Oxidize/Rust/' oximod.rs
if /mnt/tree/kheaders/rust-kheaders package --module --no-panic --sign "$sign" --output /tmp/wrong "$1" 2>/tmp/said; then
	exit 1
fi
cat /tmp/said
grep -q '^module-signing: .*oximod.ko.p7s does not belong to these bytes' /tmp/said
[ ! -e /tmp/wrong ]
