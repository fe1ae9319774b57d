#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# own-kernel.sh DIR: builds a small kernel with Rust by "make binrpm-pkg", as somebody with a kernel of their own
# does, of the series of the first of /usr/local/share/releases. Makes in DIR
#
#   rpms/     kernel and kernel-devel, without the Rust metadata
#   source/   of the tree that they were built from what the metadata is made from
#
# Exit codes: 0 made; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
dir=$1
mkdir -p /tmp/linux
cd /tmp/linux
tar -x -I 'xz -T0' -f "/usr/src/linux-source-$(series "$(head -n 1 /usr/local/share/releases)").tar.xz" --strip-components=1

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
mkdir "$dir/rpms" "$dir/source"
cp rpmbuild/RPMS/*/kernel-[!h]*.rpm "$dir/rpms/"

# Of the built tree what the metadata is made from; all of it takes 2 GB.
cp -r --parents Makefile rust scripts drivers/base drivers/android "$dir/source/"
