#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kmod-signed.sh: builds the module's RPM with a digest of the module as its signature, and requires that the module in the
# RPM has this digest.
#
# Exit codes: 0 it has; others: it has not, or a command failed.

set -eu

install /mnt/tree/signing/module-signing /usr/local/bin
cp -r /mnt/tree /tmp/oximod
cd /tmp/oximod
release=$(head -n 1 /usr/local/share/releases)
make modules-rpm KVER="$release" SIGN="sha256sum | cut -c 1-64"

mkdir /tmp/unpacked
cd /tmp/unpacked
rpm2cpio /tmp/oximod/out/kmod-oximod-"$release"-*.rpm | cpio -id
module=usr/lib/modules/$release/extra/oximod/oximod.ko
xz --decompress "$module.xz"
# The signature and a line feed, its description, and a line at the end.
size=$(($(stat -c %s "$module") - 65 - 12 - 28))
[ "$(tail -c 28 "$module")" = '~Module signature appended~' ]
[ "$(tail -c 105 "$module" | head -c 64)" = "$(head -c "$size" "$module" | sha256sum | cut -c 1-64)" ]
