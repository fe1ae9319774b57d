# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's sources, of exactly the version of the headers. Sourced by rust-kheaders.

# find_source: sets source, a tarball or a directory, unless --source has, and source_package, where it is
# one's.
find_source() {
	source_package=
	if [ -z "$source" ]; then
		find_source_package
	elif [ -f "$source" ] || [ -f "$source/rust/Makefile" ]; then
		source=$(readlink -f "$source")
	else
		stop "$needs" "$source is no tarball and no kernel source tree (no rust/Makefile)"
	fi
	require_trust 0 "$source"
	[ -f "$source" ] || for part in $source_parts; do
		require_trust 99 "$source/$part"
	done
}

# find_source_package: sets source, the tarball of the distribution's package, and source_package.
find_source_package() {
	series=$(printf '%s\n' "$release" | sed 's/^\([0-9]*\.[0-9]*\).*$/\1/')
	package=linux-source-$series
	wanted=$(headers_package)
	[ -n "$wanted" ] || no_source_package
	for source in "/usr/src/$package".tar.*; do
		[ -f "$source" ] ||
			stop "$needs" "needs the kernel's sources, $package $wanted" "$package=$wanted" "$package"
	done
	found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
	[ "$found" = "$wanted" ] ||
		stop "$needs" "needs $package $wanted, found ${found:-a tarball of no package}" \
			"$package=$wanted" "$package"
	source_package=$package=$wanted
}

# no_source_package: stops where no package is known to have the sources of $headers.
no_source_package() {
	case $release in
	*.fc[0-9]*)
		stop "$skipped" "kernel-devel has no Rust metadata before 7.1.6; to fix: dnf upgrade kernel kernel-devel, and boot that kernel"
		;;
	esac
	stop "$needs" "the headers have no Rust metadata; to fix, with DIR the sources that the kernel was built from: rust-kheaders build --source DIR $release"
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
