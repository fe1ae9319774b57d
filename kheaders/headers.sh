# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The installed headers of a kernel release. Sourced by rust-kheaders.

# config NAME: prints the value of CONFIG_NAME without quotes, or nothing if it is not set.
config() {
	sed -n "s/^CONFIG_$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$headers/include/config/auto.conf"
}

# find_headers: prints the build directory of $release, as its package has it: /lib/modules/RELEASE/build may lead to an
# entry, or to where one was.
find_headers() {
	local found=$headers
	if [ -z "$found" ] || [ "$found" = "$(readlink -m "/lib/modules/$release/build")" ]; then
		found=$(stock_headers) ||
			stop "$needs" "no headers in /lib/modules/$release/build" "$(fix_headers)"
	fi
	found=$(behind_entry "$found")
	[ -d "$found/include" ] ||
		stop "$misused" "$found is not a kernel build directory"
	printf '%s\n' "$found"
}

# find_srctree: prints the sources of $headers: the same directory unless the distribution splits the headers.
find_srctree() {
	local found
	# The kernel's own Makefile includes others by variables.
	found=$(sed -n 's/^include[[:blank:]]*\([^$]*\)\/Makefile$/\1/p' "$headers/Makefile" 2>/dev/null)
	case $found in
	'') found=$headers ;;
	/*) ;;
	*) found=$(readlink -m "$headers/$found") ;;
	esac
	printf '%s\n' "$found"
}

# require_supported: stops if the release alone says that this kernel can load no Rust modules.
require_supported() {
	is_new || can_be_linked || stop "$skipped" "kernels before 7.0 are not supported"
}

# find_kind: prints what kind of entry this kernel takes: crates, if modules use the kernel's own, or linked, if what
# they use of them is linked into them. Stops if it can load no Rust modules.
find_kind() {
	require_configured
	if [ "$(config RUST)" = y ] && is_new; then
		echo crates
	elif can_be_linked; then
		require_linkable
		echo linked
	else
		stop "$skipped" "this kernel has no Rust support (CONFIG_RUST is off)"
	fi
}

require_configured() {
	[ -s "$headers/include/config/auto.conf" ] ||
		stop "$failed" "the headers are damaged: $headers/include/config/auto.conf is missing or empty" \
			"$(fix_damage "$headers/Makefile")"
}

# is_new: succeeds if the kernel crate has the API that modules are written for.
is_new() {
	case ${release%%[!0-9]*} in
	'' | [0-6]) return 1 ;;
	esac
}

# series: prints what the release begins with, such as 6.12.
series() {
	printf '%s\n' "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/'
}

# describe_kind: prints what $kind is for people.
describe_kind() {
	case $kind in
	crates) echo "with the kernel's crates" ;;
	linked) if is_booted; then echo linked; else echo 'linked, untested'; fi ;;
	esac
}

# require_whole: stops if a part of the headers is missing or empty, or if they are of another kernel.
require_whole() {
	local file found
	for file in "$headers/Makefile" "$headers/.config" "$headers/Module.symvers" "$headers/scripts/mod/modpost" "$srctree/Makefile" \
		"$srctree/scripts/Makefile.build" "$srctree/include/linux/module.h" \
		"$headers/include/generated/autoconf.h" "$headers/include/generated/utsrelease.h"; do
		[ -s "$file" ] ||
			stop "$failed" "the headers are damaged: $file is missing or empty" "$(fix_damage "$headers/Makefile")"
	done
	found=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$headers/include/generated/utsrelease.h")
	[ "$found" = "$release" ] ||
		stop "$failed" "$headers has the headers of another kernel, $found" "$(fix_headers)"
}

# ships_metadata: succeeds if the headers contain the Rust metadata themselves.
ships_metadata() {
	if [ -z "$source" ] && [ -L "$headers/rust" ] && [ ! -e "$headers/rust" ]; then
		stop "$needs" "$headers/rust is a link to a directory that is not installed" "$(fix_link "$headers/rust")"
	fi
	[ -e "$headers/rust/libkernel.rmeta" ]
}

# metadata_rustc FILE: prints the version string of the rustc that wrote FILE, an .rmeta file.
metadata_rustc() {
	head -c 256 "$1" | tr -c '[:print:]' '\n' | sed -n 's/^.*\(rustc [0-9].*\)$/\1/p' | head -n 1
}

# headers_package: prints the version of the headers' package, which Debian's kernels record in
# LINUX_PACKAGE_ID; nothing for other kernels.
headers_package() {
	sed -n 's/^#define LINUX_PACKAGE_ID " [^ ]* \(.*\)"$/\1/p' \
		"$headers/include/generated/package.h" 2>/dev/null
}

# compiled_parts: prints the paths of all that bindings are made from.
compiled_parts() {
	local part
	for part in "$headers" "$srctree"; do
		printf '%s\n' "$part/include" "$part"/arch/*/include "$part/Makefile" "$part"/arch/*/Makefile
		[ "$part" != "$srctree" ] || break
	done
	printf '%s\n' "$headers/Module.symvers" "$headers/.config"
}

# contents: prints a digest of the contents of the headers.
contents() {
	remembered "contents-$(state)" digest_contents
}

digest_contents() {
	{
		printf '%s\n' "$headers"
		compiled_parts | while read -r part; do
			[ ! -e "$part" ] || find -L "$part" -type f -print0
		done | sort -uz | xargs -0 sha256sum
	} | digest
}

# state [FILE...]: prints a digest of the names, sizes and times of the headers' files, behind links too, and of each FILE:
# it changes whenever any of them is written to.
state() {
	{
		find -L "$headers" "$srctree" -printf '%p %y %s %T@ %C@\n'
		[ $# = 0 ] || find -H "$@" -printf '%p %y %l %s %T@ %C@\n'
	} 2>/dev/null | digest
}

digest() {
	sha256sum | cut -c 1-12
}
