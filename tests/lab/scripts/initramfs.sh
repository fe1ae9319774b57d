#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh PROGRAMS FILE: makes FILE, an initramfs with the commands that every Debian has, perl, and
# PROGRAMS. Its init mounts the kernel's file systems. Then it runs the agent; or, where the kernel's command
# line has the word "shell", it loads the modules of /modules/order and gives a shell on the console.
#
# Exit codes: 0 made; others: a command failed.

set -eu

root=/tmp/initramfs
mkdir -p $root/dev $root/etc $root/modules $root/proc $root/root $root/run $root/sys $root/tmp
for name in bin lib lib64 sbin; do
	mkdir -p $root/usr/$name
	ln -s usr/$name $root/$name
done
# real: prints the paths that it reads with the links of their folders followed.
real() {
	while read -r file; do
		printf '%s\n' "$(readlink -f "${file%/*}")/${file##*/}"
	done
}

commands=$(dpkg -L bash coreutils dash debianutils diffutils findutils grep kmod libc-bin mawk mount perl-base procps sed \
	util-linux | grep -E '^(/usr)?/s?bin/|/perl-base/' | while read -r file; do
	[ -d "$file" ] || echo "$file"
done | real)
# What the commands are linked with; scripts have nothing of the kind.
libraries=$(echo "$commands" | xargs ldd 2>/dev/null | sed -n 's/^.*[[:blank:]]\(\/[^ ]*\) (0x.*$/\1/p' | sort -u | real)
printf '%s\n' "$commands" "$libraries" | sort -u | xargs cp -P --parents -t $root
# Links of Debian's alternatives, and the libraries behind links.
find $root/usr -type l | while read -r link; do
	file=$(readlink -f "${link#"$root"}")
	[ ! -f "$file" ] || cp --remove-destination "$file" "$link"
done
for name in awk which; do
	[ -e $root/usr/bin/$name ] || cp "$(readlink -f "$(command -v $name)")" $root/usr/bin/$name
done
cp "$1"/* $root/usr/bin
echo 'root:x:0:0:root:/root:/bin/bash' > $root/etc/passwd
echo 'root:x:0:' > $root/etc/group
cat > $root/init <<'END'
#!/bin/sh
export PATH=/usr/sbin:/usr/bin HOME=/root
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
mount -t tmpfs tmpfs /run
grep -qw shell /proc/cmdline || exec agent /dev/ttyS1
cd /root
export TERM=vt220 PS1='# '
stty -F /dev/ttyS0 sane
exec </dev/ttyS0 >/dev/ttyS0 2>&1
load
setsid --ctty --wait bash --norc -i
echo o > /proc/sysrq-trigger
sleep 10
END
cat > $root/usr/bin/load <<'END'
#!/bin/sh
# Loads the modules of /modules/order, with those that they need.
while read -r name; do
	echo "# modprobe $name"
	modprobe "$name" || exit
done < /modules/order
END
chmod +x $root/init $root/usr/bin/load
cd $root
find . | cpio -o -H newc --quiet > "$2"
