#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# enter.sh ROOT OPTIONS COUNT [OUTSIDE INSIDE]... COMMAND [ARGUMENT...]: mounts an overlay with these
# OPTIONS at ROOT, COUNT bind mounts in it, and runs the command there. To be run in a mount namespace
# of its own, with the tree's top as the working directory.
#
# Exit codes: the command's; others: a mount failed.

set -eu

root=$1
options=$2
binds=$3
shift 3
# util-linux from 2.39 on uses mount calls that take 255 characters of an option's value. The layers'
# paths together are longer.
LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "$options" overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
# Roots share what apt has downloaded: its lock there would keep them from each other. Roots are made
# again after a crash, so dpkg need not wait for the disk.
cat > "$root/run/apt.conf" <<'END'
Debug::NoLocking "true";
DPkg::Options { "--force-unsafe-io"; };
END
mkdir -p "$root/mnt/tree"
mount --bind . "$root/mnt/tree"
mount -o remount,bind,ro "$root/mnt/tree"
while [ "$binds" -gt 0 ]; do
	if [ -d "$1" ]; then
		mkdir -p "$root$2"
	elif [ ! -e "$root$2" ]; then
		mkdir -p "$(dirname "$root$2")"
		: > "$root$2"
	fi
	mount --bind "$1" "$root$2"
	shift 2
	binds=$((binds - 1))
done
exec chroot "$root" "$@"
