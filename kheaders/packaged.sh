# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Packaged entries: "rust-kheaders package RELEASE" makes them, and package managers install them. Sourced by rust-kheaders.
#
# $packaged/RELEASE is laid out like a cache, with one entry, and has a shared/ of its own. What a killed run of that
# command leaves lacks the file "package", which has, one a line: the path of the entry; packaged_layout; the path of the
# compiler that made it.

packaged=/usr/lib/rust-kheaders

# packaged_says LINE: prints this line of the file "package" of $release, or nothing.
packaged_says() {
	sed -n "$1p" "$packaged/$release/package" 2>/dev/null
}

# packaged_layout: prints what a packaged entry and the rust-kheaders that uses it must have in common.
packaged_layout() {
	case $kind in
	crates) printf '%s\n' "$layout" ;;
	linked) printf '%s %s\n' "$layout" "$(linked_files | xargs -0 cat | digest)" ;;
	esac
}

# is_packaged ENTRY
is_packaged() {
	case $1 in
	"$packaged"/*) ;;
	*) return 1 ;;
	esac
}

# resolve_packaged: takes the packaged entry if it fits, or else one of the cache, or else says what is wrong with the
# packaged one.
resolve_packaged() {
	if (require_fitting) >/dev/null 2>&1 3>&1; then
		rustc=$(packaged_says 3)
		ready=$(packaged_says 1)/build
	else
		(resolve_entry) >/dev/null 2>&1 3>&1 || require_fitting
		resolve_entry
	fi
}

# require_fitting: stops unless the packaged entry is for these headers, and there are the rust-kheaders and the compiler
# that it is for. The entry's Makefile has the path of that compiler. Call it in a subshell, or to stop.
require_fitting() {
	local found text error
	found=$(packaged_says 1)
	[ "$(packaged_says 2)" = "$(packaged_layout)" ] ||
		stop "$needs" "another version of rust-kheaders made $packaged/$release, which needs to be made anew" "$(fix_packaged)"
	case ${found##*/} in
	"$(contents)"-*) ;;
	*) stop "$needs" "$packaged/$release was made of other headers than $headers, and needs to be made anew" "$(fix_packaged)" ;;
	esac
	rustc=$(packaged_says 3)
	text=$(metadata_rustc "$found/build/rust/libkernel.rmeta")
	[ -n "$text" ] || stop "$failed" "$found is damaged" "$(fix_damage "$packaged/$release/package")"
	[ "$(version_of "$rustc")" = "$text" ] ||
		stop "$needs" "needs $rustc to be '$text', as $packaged/$release does; found $(all_of rustc)" "$(fix_rustc "$text")"
	error=$(works "$found/build") ||
		stop "$failed" "no module can be built with $found$error" "$(fix_damage "$packaged/$release/package")"
}
