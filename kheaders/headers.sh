# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the installed headers of a kernel release are. Sourced by rust-kheaders.

# config NAME: prints the value of CONFIG_NAME, without quotes; nothing if it is not set.
config() {
	sed -n "s/^CONFIG_$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$headers/include/config/auto.conf"
}

# find_headers: sets headers, the build directory of $release, and srctree, the sources that
# belong to it (the same directory where the headers are not split).
find_headers() {
	if [ -z "$headers" ]; then
		headers=$(readlink -f "/lib/modules/$release/build") ||
			stop "$needs" "no headers in /lib/modules/$release/build" \
				"linux-headers-$release" "kernel-devel-$release"
	fi
	[ -f "$headers/include/config/auto.conf" ] ||
		stop "$needs" "$headers is no kernel build directory (no include/config/auto.conf)" \
			"linux-headers-$release" "kernel-devel-$release"
	srctree=$(sed -n 's/^include[[:blank:]]*\(\/.*\)\/Makefile$/\1/p' "$headers/Makefile" 2>/dev/null)
	srctree=${srctree:-$headers}
}

# require_rust: stops unless modules in Rust can exist for this kernel.
require_rust() {
	case ${release%%[!0-9]*} in
	'' | [0-6]) stop "$skipped" "kernels before 7.0 are not supported" ;;
	esac
	[ "$(config RUST)" = y ] ||
		stop "$skipped" "this kernel has no Rust support (CONFIG_RUST is off)"
}

# ships_metadata: whether the headers have the Rust metadata themselves.
ships_metadata() {
	if [ -L "$headers/rust" ] && [ ! -e "$headers/rust" ]; then
		missing=$(readlink "$headers/rust")
		missing=$(basename "$(dirname "$missing")")
		stop "$needs" "$headers/rust is a link to a directory that is not installed" "$missing" "$missing"
	fi
	[ -e "$headers/rust/libkernel.rmeta" ]
}

# metadata_rustc FILE: prints the version string of the rustc that wrote FILE, an .rmeta.
metadata_rustc() {
	head -c 256 "$1" | LC_ALL=C tr -c '[:print:]' '\n' | sed -n 's/^.*\(rustc [0-9].*\)$/\1/p' | head -n 1
}

# headers_package: prints the version of the package that the headers are from, as the kernel
# reports it (Debian's LINUX_PACKAGE_ID); nothing where it has none.
headers_package() {
	sed -n 's/^#define LINUX_PACKAGE_ID " [^ ]* \(.*\)"$/\1/p' \
		"$headers/include/generated/package.h" 2>/dev/null
}
