#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# programs.sh ARCHITECTURE GNU TARGET DIR VENDORED FLAGS CARGO_ARGUMENT...: builds the guest's programs for the machines
# that dpkg calls ARCHITECTURE, GNU tools GNU and rustc TARGET, with rustc's FLAGS, into DIR. VENDORED has the sources of
# what they use.
#
# Exit codes: 0 built; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
arch=$1
gnu=$2
target=$3
dir=$4
vendored=$5
RUSTFLAGS=$6
shift 6
export RUSTFLAGS
dpkg --add-architecture "$arch"
rm -f /etc/apt/sources.list.d/backports.list
update
install cargo "gcc-$(printf %s "$gnu" | tr _ -)" "libc6-dev-$arch-cross"
# Its library for that machine, without what it depends on there.
cd /tmp
apt-get download "libstd-rust-dev:$arch"
dpkg -x libstd-rust-dev_*.deb /tmp/std
cp -rn "/tmp/std/usr/lib/rustlib/$target" /usr/lib/rustlib/
name=$(printf %s "$target" | tr 'a-z-' 'A-Z_')
export "CARGO_TARGET_${name}_LINKER=$gnu-gcc"
cd /mnt/tree/tests
exec cargo "$@" --offline --target "$target" --target-dir "$dir" \
	--config 'source.crates-io.replace-with="vendored"' --config "source.vendored.directory=\"$vendored\""
