#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# exact.sh: builds oximod and the kernel's samples/rust twice: with the directory that rust-kheaders made, and with a full
# tree of the same sources at the same paths. Prints for each module whether its bytes without debug information, and
# the variables in its debug information, are the same; then each path of a source that a module names and that does
# not exist, and what other tools found.
#
# Exit codes: 0 compared; others: a command failed.

set -eu

release=$(head -n 1 /usr/local/share/releases)
headers=/lib/modules/$release/build
build=$(/mnt/tree/kheaders/rust-kheaders path "$release")
source=$(readlink -f "$build/../source")
tarball=/usr/src/linux-source-$(echo "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/').tar.xz
dir=$(mktemp -d -p /var/tmp)

cp -rL /mnt/tree/src "$dir/oximod"
mkdir "$dir/samples" "$dir/full"
tar -xf "$tarball" -C "$dir/samples" --strip-components=3 --wildcards '*/samples/rust'
tar -xf "$tarball" -C "$dir/full" --strip-components=1
# Its Makefile asks for options. The configuration permits these modules.
mv "$dir/samples/Makefile" "$dir/samples/Kbuild"
options=$(sed -n 's/^obj-.(\(CONFIG_SAMPLE_RUST_[A-Z0-9_]*\)).*/\1=m/p' "$dir/samples/Kbuild" | grep -v 'USB\|SERDEV\|SOC\|HOSTPROGS')

# modules OUT MAKE-ARGUMENT...: builds the modules, and keeps them in OUT.
modules() {
	out=$1
	shift
	mkdir "$out"
	for folder in oximod samples; do
		# shellcheck disable=SC2086 # a list of words
		make -j"$(nproc)" "$@" M="$dir/$folder" $options modules >"$dir/log" 2>&1 || {
			cat "$dir/log"
			exit 1
		}
		mv "$dir/$folder"/*.ko "$out"
		make "$@" M="$dir/$folder" clean >/dev/null
	done
}

modules "$dir/ours" -C "$build"

# Without vmlinux there is no BTF, and without the two files the modules are for another release.
full=$dir/build
mkdir "$full"
mv "${build%/build}" "$dir/entry"
mv "$source" "$dir/source"
mkdir -p "$build"
mv "$dir/full" "$source"
cp "$headers/.config" "$headers/Module.symvers" "$build/"
{
	make -C "$source" O="$build" olddefconfig
	make -C "$source" O="$build" -j"$(nproc)" prepare modules_prepare
} >"$dir/log" 2>&1 || {
	cat "$dir/log"
	exit 1
}
cp "$headers/include/config/kernel.release" "$build/include/config/"
cp "$headers/include/generated/utsrelease.h" "$build/include/generated/"
[ ! -e "$headers/vmlinux" ] || ln -s "$headers/vmlinux" "$build/"
modules "$dir/theirs" -C "$source" O="$build"
rm -rf "${build%/build}" "$source"
mv "$dir/entry" "${build%/build}"
mv "$dir/source" "$source"

# variables MODULE: prints the names of the variables in its debug information.
variables() {
	readelf --debug-dump=info "$1" 2>/dev/null |
		awk '/Abbrev Number/ { variable = /DW_TAG_(variable|formal_parameter)/ } variable && /DW_AT_name/ { print $NF }' | sort
}

for module in "$dir/ours"/*.ko; do
	name=${module##*/}
	variables "$module" >"$dir/variables"
	variables "$dir/theirs/$name" | cmp -s - "$dir/variables" && [ -s "$dir/variables" ] || echo "$name: other variables"
	# Constants follow each other without an end.
	strings "$module" | grep -oP '^/[^ ]*?\.rs\b' | sort -u | while read -r path; do
		[ -e "$path" ] || echo "$name: no $path"
	done
	strip --strip-debug "$module" "$dir/theirs/$name"
	cmp -s "$module" "$dir/theirs/$name" && echo "$name: same" || echo "$name: other bytes"
done
