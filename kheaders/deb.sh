# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Making packages for Debian. Sourced by rust-kheaders.

# make_deb TREE OUTPUT_DIR: makes a package of the files in TREE, and prints its path, which is in OUTPUT_DIR. Standard
# input is its control file, without Installed-Size. TREE may have maintainer scripts in DEBIAN. It gets checksums, and a
# copyright and a changelog unless it has them. All files' times are SOURCE_DATE_EPOCH.
make_deb() {
	local package version architecture maintainer deb
	mkdir -p "$1/DEBIAN" "$2" && cat >"$1/DEBIAN/control" || return
	package=$(control_field Package "$1")
	version=$(control_field Version "$1")
	architecture=$(control_field Architecture "$1")
	maintainer=$(control_field Maintainer "$1")
	add_doc "$1/usr/share/doc/$package" || return
	# No matter which umask and owner the files were made with.
	chmod -R u+rwX,go+rX,go-w "$1" || return
	(cd "$1" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0 -r md5sum) \
		>"$1/DEBIAN/md5sums" &&
		chmod 644 "$1/DEBIAN/md5sums" &&
		sed -i "/^Architecture:/a Installed-Size: $(installed_size "$1")" "$1/DEBIAN/control" &&
		find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} + || return
	deb=$2/${package}_${version#*:}_$architecture.deb
	if SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH dpkg-deb --root-owner-group -Zxz --uniform-compression \
		--build "$1" "$deb.new" >/dev/null && mv "$deb.new" "$deb"; then
		printf '%s\n' "$deb"
	else
		rm -f "$deb.new"
		return 1
	fi
}

# control_field NAME TREE: prints the value of this field of the control file.
control_field() {
	sed -n "s/^$1: *//p" "$2/DEBIAN/control"
}

# add_doc DIR: puts the copyright and the changelog of the package into DIR.
add_doc() {
	local changelog="$1/changelog.gz"
	mkdir -p "$1" || return
	[ -e "$1/copyright" ] || kernel_copyright >"$1/copyright" || return
	[ -z "$(find "$1" -name 'changelog*')" ] || return 0
	# A version with a revision is one of a package that Debian has not written itself.
	case $version in *-*) changelog=$1/changelog.Debian.gz ;; esac
	gzip -9n >"$changelog" <<EOF
$package ($version) unstable; urgency=medium

  * Made by rust-kheaders.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
EOF
}

# kernel_copyright: prints what holds for all that is made of the kernel.
kernel_copyright() {
	cat <<EOF
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Linux
Source: https://www.kernel.org/

Files: *
Copyright: 1991-$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y) Linus Torvalds and others, see the sources of the kernel
License: GPL-2
 This program is free software; you can redistribute it and/or modify it under
 the terms of the GNU General Public License as published by the Free Software
 Foundation; version 2 of the License.
 .
 On Debian systems, the full text of the license is in
 /usr/share/common-licenses/GPL-2.
EOF
}

# installed_size TREE: prints the size of the files in TREE in KiB as dpkg-gencontrol counts it.
installed_size() {
	find "$1" -path "$1/DEBIAN" -prune -o -printf '%y %s\n' |
		awk '{ sum += $1 == "f" ? int(($2 + 1023) / 1024) : 1 } END { print sum }'
}
