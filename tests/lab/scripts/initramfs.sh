#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh USERLAND PROGRAMS CONSOLE LINE FILE: makes FILE, an initramfs with the commands and libraries of the
# directory USERLAND, and PROGRAMS. Its init mounts the kernel's file systems. Then it runs the agent on LINE; or, where
# the kernel's command line has the word "shell", it loads the modules of /modules/order and gives a shell on CONSOLE.
#
# Exit codes: 0 made; others: a command failed.

set -eu

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/dev" "$root/etc" "$root/modules" "$root/proc" "$root/root" "$root/run" "$root/sys" "$root/tmp" "$root/usr"
cp -a "$1/usr/bin" "$1/usr/sbin" "$1/usr/lib" "$root/usr"
[ ! -d "$1/usr/lib64" ] || cp -a "$1/usr/lib64" "$root/usr"
find "$1" -maxdepth 1 -type l -exec cp -a -t "$root" {} +
# Character sets, and what is for other programs.
rm -rf "$root/usr/lib"/*-linux-gnu*/gconv "$root/usr/lib/systemd" "$root/usr/bin/busybox"
# Debian makes these links when it installs packages.
ln -s mawk "$root/usr/bin/awk"
ln -s which.debianutils "$root/usr/bin/which"
cp "$2"/* "$root/usr/bin"
echo 'root:x:0:0:root:/root:/bin/bash' > "$root/etc/passwd"
echo 'root:x:0:' > "$root/etc/group"
cat > "$root/init" <<END
#!/bin/sh
export PATH=/usr/sbin:/usr/bin HOME=/root
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
mount -t tmpfs tmpfs /run
grep -qw shell /proc/cmdline || exec agent /dev/$4
cd /root
export TERM=vt220 PS1='# '
stty -F /dev/$3 sane
exec </dev/$3 >/dev/$3 2>&1
load
setsid --ctty --wait bash --norc -i
echo o > /proc/sysrq-trigger
sleep 10
END
cat > "$root/usr/bin/load" <<'END'
#!/bin/sh
# Loads the modules of /modules/order, with those that they need.
while read -r name; do
	echo "# modprobe $name"
	modprobe "$name" || exit
done < /modules/order
END
chmod +x "$root/init" "$root/usr/bin/load"
cd "$root"
find . | cpio -o -H newc --quiet > "$5"
