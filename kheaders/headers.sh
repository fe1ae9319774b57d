# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The installed headers of a kernel release. Sourced by rust-kheaders.

# config NAME: prints the value of CONFIG_NAME without quotes, or nothing if it is not set.
config() {
	sed -n "s/^CONFIG_$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$headers/include/config/auto.conf"
}

# find_headers: sets headers, the build directory of $release, and srctree, its sources. Both are the
# same directory unless the distribution splits the headers.
find_headers() {
	if [ -z "$headers" ]; then
		headers=$(readlink -f "/lib/modules/$release/build") ||
			stop "$needs" "no headers in /lib/modules/$release/build" \
				"linux-headers-$release" "kernel-devel-$release"
	fi
	[ -f "$headers/include/config/auto.conf" ] ||
		stop "$needs" "$headers is not a kernel build directory (no include/config/auto.conf)" \
			"linux-headers-$release" "kernel-devel-$release"
	srctree=$(sed -n 's/^include[[:blank:]]*\(\/.*\)\/Makefile$/\1/p' "$headers/Makefile" 2>/dev/null)
	srctree=${srctree:-$headers}
}

# require_rust: stops unless this kernel can load Rust modules.
require_rust() {
	case ${release%%[!0-9]*} in
	'' | [0-6]) stop "$skipped" "kernels before 7.0 are not supported" ;;
	esac
	[ "$(config RUST)" = y ] ||
		stop "$skipped" "this kernel has no Rust support (CONFIG_RUST is off)"
}

# ships_metadata: succeeds if the headers contain the Rust metadata themselves.
ships_metadata() {
	if [ -L "$headers/rust" ] && [ ! -e "$headers/rust" ]; then
		missing=$(readlink "$headers/rust")
		missing=$(basename "$(dirname "$missing")")
		stop "$needs" "$headers/rust is a link to a directory that is not installed" "$missing" "$missing"
	fi
	[ -e "$headers/rust/libkernel.rmeta" ]
}

# metadata_rustc FILE: prints the version string of the rustc that wrote FILE, an .rmeta file.
metadata_rustc() {
	head -c 256 "$1" | LC_ALL=C tr -c '[:print:]' '\n' | sed -n 's/^.*\(rustc [0-9].*\)$/\1/p' | head -n 1
}

# headers_package: prints the version of the headers' package, which Debian's kernels record in
# LINUX_PACKAGE_ID; nothing for other kernels.
headers_package() {
	sed -n 's/^#define LINUX_PACKAGE_ID " [^ ]* \(.*\)"$/\1/p' \
		"$headers/include/generated/package.h" 2>/dev/null
}
