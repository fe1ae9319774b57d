#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# modules.sh OUT RELEASE HEADERS DIR...: builds the modules in each DIR, as their author would, for the kernel
# RELEASE whose headers are in HEADERS (empty: where the distribution has them). Makes in OUT
#
#   cpio      an archive to lay over an initramfs: /modules with the modules, their names in the file "order"
#             and a folder "selftests" if a DIR has one, and /lib/modules/RELEASE with the modules, those of the
#             distribution's that a DIR names in a file "stock", and what all of these depend on
#   modules/  the same modules; "sizes" has a line of size(1) for each, behind the file's size
#   vmlinuz   the kernel, where the root has it
#
# Exit codes: 0 made; others: a command failed.

set -euo pipefail

out=$1
release=$2
headers=$3
shift 3

root=/tmp/overlay
modules=$root/modules
library=$root/lib/modules/$release
mkdir -p $modules "$library"
stock=()

# build DIR: builds a copy of DIR and keeps its modules.
build() {
	rm -rf /tmp/build
	cp -rL "$1" /tmp/build
	# shellcheck disable=SC2046 # a list of words
	set -- $(/mnt/tree/kheaders/rust-kheaders path --make ${headers:+--headers "$headers"} "$release")
	if [ -n "$headers" ] && grep -q '^CONFIG_KCSAN=y' "$headers/.config"; then
		sh /mnt/tree/tests/lab/scripts/debug-instrument.sh /tmp/build "$@"
	else
		make "$@" M=/tmp/build -j"$(nproc)" modules
	fi
	sed 's/^.*\///; s/\.[ko]*$//' /tmp/build/modules.order >> $modules/order
	find /tmp/build -name '*.ko' -exec cp -t $modules {} +
	[ ! -d /tmp/build/selftests ] || cp -r /tmp/build/selftests $modules
	[ ! -e /tmp/build/stock ] || mapfile -t -O "${#stock[@]}" stock < /tmp/build/stock
}

# need NAME...: copies these modules of the distribution's kernel, and what they depend on in turn.
need() {
	local name file
	for name; do
		file=$(find "/lib/modules/$release/kernel" -name "$name.ko*" -o -name "${name//_/-}.ko*" | head -n 1)
		[ -z "$file" ] || [ -e "$library/${file##*/}" ] || {
			cp "$file" "$library"
			need_depends "$file"
		}
	done
}

# need_depends MODULE: copies what the file MODULE says that it depends on.
need_depends() {
	local names
	IFS=, read -r -a names < <(modinfo -F depends "$1")
	need "${names[@]}"
}

# prefix: prints what GNU tools for the kernel's machine begin with, where the distribution says it.
prefix() {
	sed -n 's/^override CROSS_COMPILE = //p' "/lib/modules/$release/build/.kernelvariables" 2>/dev/null || :
}

# Modules may include the abstraction from where the package has it.
mkdir -p /usr/share/rust-kheaders
cp /mnt/tree/src/net.rs /usr/share/rust-kheaders
cp -rT /mnt/tree/src/sysctl /usr/share/rust-kheaders/sysctl
cp /mnt/tree/src/sysctl.rs /usr/share/rust-kheaders/sysctl/mod.rs
for directory; do
	build "$directory"
done
for module in "$modules"/*.ko; do
	"$(prefix)strip" --strip-debug "$module"
	printf '%s %s\n' "$(stat -c %s "$module")" "$(cd $modules && "$(prefix)size" "${module##*/}" | tail -n 1)"
done > $modules/sizes
if [ -d "/lib/modules/$release/kernel" ]; then
	for module in "$modules"/*.ko; do
		need_depends "$module"
	done
	need "${stock[@]}"
fi
for file in "/usr/lib/modules/$release/vmlinuz" "/boot/vmlinuz-$release"; do
	[ ! -e "$file" ] || cp "$file" "$out/vmlinuz"
done
cp $modules/*.ko "$library"
depmod -b $root "$release"
mv $root/lib $root/usr-lib && mkdir -p $root/usr && mv $root/usr-lib $root/usr/lib
(cd $root && find . | cpio -o -H newc --quiet) > "$out/cpio"
cp -r $modules "$out/modules"
