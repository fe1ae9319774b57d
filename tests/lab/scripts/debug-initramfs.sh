#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh TREE KERNEL PROGRAMS FILE: builds the modules of TREE against the headers of a debug kernel,
# KERNEL/headers, and makes FILE, an initramfs with these in /modules, the PROGRAMS and a shell in /bin.
#
# Exit codes: 0 made; others: a command failed.

set -eu

tree=$1
kernel=$2
programs=$3
file=$4
release=$(cat "$kernel/headers/include/config/kernel.release")

root=/tmp/root
mkdir -p $root/bin $root/dev $root/modules $root/proc $root/sys $root/tmp
for directory in src samples tests/modules; do
	rm -rf /tmp/build
	cp -rL "$tree/$directory" /tmp/build
	arguments=$("$tree/kheaders/rust-kheaders" path --make --headers "$kernel/headers" "$release")
	if grep -q '^CONFIG_KCSAN=y' "$kernel/headers/.config"; then
		build="sh $tree/tests/lab/scripts/debug-instrument.sh /tmp/build"
	else
		build='make M=/tmp/build modules'
	fi
	# shellcheck disable=SC2086 # lists of words
	$build $arguments
	cp /tmp/build/*.ko $root/modules
done
cp "$programs"/* "$kernel/busybox" $root/bin
chroot $root /bin/busybox --install /bin
cat > $root/init <<'EOF'
#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug
mount -t tmpfs tmpfs /tmp
exec /bin/agent /dev/ttyS1
EOF
chmod +x $root/init
cd $root
find . | cpio -o -H newc --quiet > "$file"
