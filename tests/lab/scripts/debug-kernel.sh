#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# debug-kernel.sh DIR SERIES CONFIG...: builds a kernel of this series from the distribution's sources, with the
# options of the CONFIG files, by clang: KASAN and Rust go together only then. Makes in DIR
#
#   vmlinuz    the kernel
#   headers/   what modules are built against, with the Rust metadata if the kernel supports Rust
#   release    its release
#
# Exit codes: 0 made; others: a command failed, or an option has not come true.

set -eu

dir=$1
series=$2
shift 2

mkdir -p /tmp/linux /tmp/build
cat "$@" > /tmp/wanted
tar -x -f "/usr/src/linux-source-$series.tar.xz" -C /tmp/linux --strip-components=1
cd /tmp/linux
set -- LLVM=1 O=/tmp/build
make "$@" tinyconfig
cat /tmp/wanted >> /tmp/build/.config
make "$@" olddefconfig
# Kconfig drops what something else excludes without a word.
if grep '^CONFIG_' /tmp/wanted | grep -vxFf /tmp/build/.config; then
	echo "these options have not come true" >&2
	exit 1
fi
make "$@" -j"$(nproc)" bzImage modules
make "$@" run-command KBUILD_RUN_COMMAND="+\$(srctree)/scripts/package/install-extmod-build $dir/headers"
cp /tmp/build/arch/x86/boot/bzImage "$dir/vmlinuz"
cp /tmp/build/.config "$dir/headers/"
cp /tmp/build/include/config/kernel.release "$dir/release"
cd /tmp/build
grep -q '^CONFIG_RUST=y' .config || exit 0
find rust scripts/target.json \( -name '*.rmeta' -o -name '*.so' -o -name 'generated_arch_*.rs' -o -name target.json \) \
	-exec cp --parents -t "$dir/headers" {} +
