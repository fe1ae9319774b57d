# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's sources. Their version must match the headers exactly. Sourced by rust-kheaders.

# find_source: sets source to a tarball or a directory, unless --source has set it. Sets source_package to
# the package that owns it, if any.
find_source() {
	source_package=
	if [ -z "$source" ]; then
		find_source_package
	elif [ -f "$source" ] || [ -f "$source/rust/Makefile" ]; then
		source=$(readlink -f "$source")
	else
		stop "$needs" "$source is neither a tarball nor a kernel source tree (no rust/Makefile)"
	fi
	require_trust 0 "$source"
	[ -f "$source" ] || for part in $source_parts; do
		require_trust 99 "$source/$part"
	done
}

# find_source_package: sets source, the tarball in the distribution's package, and source_package.
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
		stop "$needs" "needs $package $wanted, found ${found:-a tarball that no package owns}" \
			"$package=$wanted" "$package"
	source_package=$package=$wanted
}

# no_source_package: stops because no known package contains the sources of $headers.
no_source_package() {
	case $release in
	*.fc[0-9]*)
		stop "$skipped" "kernel-devel has no Rust metadata before 7.1.6; to fix: dnf upgrade kernel kernel-devel, and boot that kernel"
		;;
	esac
	stop "$needs" "the headers have no Rust metadata; to fix, with the kernel's own sources in DIR: rust-kheaders build --source DIR $release"
}

# The sources of the metadata. rust/bindings includes headers of these drivers.
source_parts='Makefile rust scripts drivers/base drivers/android'

# unpack_source DIR: unpacks only $source_parts into DIR. Replaces the shell: call it in a subshell.
unpack_source() {
	# tar expands the patterns, not the shell.
	set -f
	# shellcheck disable=SC2046,SC2086 # lists of words
	case $source in
	*.xz) exec setsid tar -I 'xz -T0' -xf "$source" -C "$1" $(in_tarball) ;;
	*.tar* | *.tgz) exec setsid tar -xf "$source" -C "$1" $(in_tarball) ;;
	*) tar -cf - -C "$source" --exclude '*.o' --exclude '*.cmd' --exclude '*.rmeta' --exclude '*.so' \
		$source_parts | tar -xf - -C "$1" ;;
	esac
}

# in_tarball: prints tar's options for unpacking $source_parts, which are in the tarball's one top
# directory.
in_tarball() {
	printf '%s\n' --strip-components=1 --wildcards --no-wildcards-match-slash
	for part in $source_parts; do
		printf '*/%s\n' "$part"
	done
}
