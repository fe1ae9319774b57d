# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's sources, of exactly the version of the headers. Sourced by rust-kheaders.

# find_source: sets source, a tarball or a directory, unless --source has.
find_source() {
	if [ -n "$source" ]; then
		[ -e "$source" ] || stop "$needs" "there is no $source"
		source=$(readlink -f "$source")
		return 0
	fi
	series=$(printf '%s\n' "$release" | sed 's/^\([0-9]*\.[0-9]*\).*$/\1/')
	package=linux-source-$series
	wanted=$(headers_package)
	[ -n "$wanted" ] ||
		stop "$needs" "the headers have no Rust metadata, and no package is known that has the kernel's sources: give them by --source"
	for source in "/usr/src/$package".tar.*; do
		[ -f "$source" ] ||
			stop "$needs" "needs the kernel's sources, $package $wanted" "$package=$wanted" "$package"
	done
	found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
	[ "$found" = "$wanted" ] ||
		stop "$needs" "needs $package $wanted, found ${found:-a tarball of no package}" \
			"$package=$wanted" "$package"
}

# What the metadata is made from. The drivers have headers that rust/bindings includes.
source_parts='Makefile rust scripts drivers/base drivers/android'

# unpack_source DIR: puts what the metadata is made from, and no more, into DIR. To be called in a subshell.
unpack_source() {
	# The patterns are tar's, not the shell's.
	set -f
	# shellcheck disable=SC2046,SC2086 # lists of words
	case $source in
	*.xz) exec setsid tar -I 'xz -T0' -xf "$source" -C "$1" $(in_tarball) ;;
	*.tar* | *.tgz) exec setsid tar -xf "$source" -C "$1" $(in_tarball) ;;
	*) tar -cf - -C "$source" --exclude '*.o' --exclude '*.cmd' --exclude '*.rmeta' --exclude '*.so' \
		$source_parts | tar -xf - -C "$1" ;;
	esac
}

# in_tarball: prints tar's options for the parts below a tarball's one top directory.
in_tarball() {
	printf '%s\n' --strip-components=1 --wildcards --no-wildcards-match-slash
	for part in $source_parts; do
		printf '*/%s\n' "$part"
	done
}
