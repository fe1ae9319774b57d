# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's sources. Their version must match the headers exactly. Sourced by rust-kheaders.

# find_source: prints the path of a tarball or a directory: what --source names, or the distribution's.
find_source() {
	local found part
	if [ -z "$source" ]; then
		found=$(find_tarball) || exit
	elif [ -f "$source" ] || [ -f "$source/rust/Makefile" ]; then
		found=$(readlink -f "$source")
	else
		stop "$misused" "$source is neither a tarball nor a kernel source tree (no rust/Makefile)"
	fi
	require_trust 0 "$found"
	[ -f "$found" ] || for part in $(parts_of "$found"); do
		require_trust 99 "$found/$part"
	done
	printf '%s\n' "$found"
}

# find_tarball: prints the path of the tarball in the distribution's package.
find_tarball() {
	local package wanted found tarball
	package=$(source_package)
	wanted=$(headers_package)
	[ -n "$wanted" ] || no_source_package
	for tarball in "/usr/src/$package".tar.*; do
		[ -f "$tarball" ] ||
			stop "$needs" "needs the kernel's sources, $package $wanted" "$(fix_source "$package" "$wanted")"
	done
	found=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
	[ "$found" = "$wanted" ] ||
		stop "$needs" "needs $package $wanted, found ${found:-a tarball that no package owns}" \
			"$(fix_source "$package" "$wanted")"
	printf '%s\n' "$tarball"
}

# source_package: prints the name of Debian's package with the sources of $release.
source_package() {
	printf '%s\n' "linux-source-$(series)"
}

# no_source_package: stops because no known package contains the sources of $headers.
no_source_package() {
	case $release in
	7.0.*.fc[0-9]* | 7.1.[0-5]-*.fc[0-9]*)
		stop "$skipped" "kernel-devel has no Rust metadata before 7.1.6" "$(fix_old_kernel)"
		;;
	*.fc[0-9]*)
		stop "$failed" "the headers are damaged: $headers/rust/libkernel.rmeta is missing" "$(fix_damage "$headers/Makefile")"
		;;
	esac
	stop "$needs" "the headers have no Rust metadata; to fix, with the kernel's own sources in DIR: rust-kheaders build${try_linked:+ --linked} --source DIR $release${then:+ && $then}"
}

# The sources of the metadata, and what tools look for. rust/bindings includes headers of these drivers.
source_parts='Makefile .[cr]*.toml Documentation/images drivers/android drivers/base rust scripts'

# parts_of DIR: prints which of $source_parts are in DIR.
parts_of() {
	# shellcheck disable=SC2086 # a list of patterns
	(cd "$1" && ls -d $source_parts 2>/dev/null) || :
}

# source_digest: prints a digest of what the sources contain.
source_digest() {
	if [ -f "$from" ]; then
		# Debian's tarball is as its package has it. Others are known by their state.
		printf '%s\n' "$from" "$(stat -c '%s %y %z' "$from")"
	else
		# shellcheck disable=SC2046 # a list of words
		(cd "$from" && find -H $(parts_of .) -type f -print0 | sort -z | xargs -0 sha256sum) 2>/dev/null
	fi | digest
}

# unpack_source DIR: unpacks only $source_parts into DIR. Replaces the shell: call it in a subshell.
unpack_source() {
	local parts
	[ -f "$from" ] || parts=$(parts_of "$from")
	# tar expands the patterns, not the shell.
	set -f
	# shellcheck disable=SC2046,SC2086 # lists of words
	case $from in
	*.xz) exec setsid tar -I 'xz -T0' -xf "$from" -C "$1" $(in_tarball) ;;
	*.tar* | *.tgz) exec setsid tar -xf "$from" -C "$1" $(in_tarball) ;;
	*) tar -cf - -C "$from" --exclude '*.o' --exclude '*.cmd' --exclude '*.rmeta' --exclude '*.so' \
		$parts | tar -xf - -C "$1" ;;
	esac
}

# in_tarball: prints tar's options for unpacking $source_parts, which are in the tarball's one top
# directory.
in_tarball() {
	local part
	printf '%s\n' --strip-components=1 --wildcards --no-wildcards-match-slash
	for part in $source_parts; do
		printf '*/%s\n' "$part"
	done
}
