# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What rust-kheaders tells its caller. Sourced by rust-kheaders.

# stop CODE REASON [FIX]: ends with one line on standard error: the reason, and the command that fixes it. With
# --fix, prints the command alone, on standard output.
stop() {
	local fix=${3-}
	[ -z "$fix" ] || [ -z "$then" ] || fix="$fix && $then"
	if [ -z "$fix_only" ] || [ "$1" = "$misused" ]; then
		printf '%s\n' "rust-kheaders: ${release:+$release: }$2${fix:+; to fix: $fix}" >&2
	elif [ -n "$fix" ]; then
		printf '%s\n' "$fix" >&3
	fi
	exit "$1"
}

# progress TEXT: reports progress on standard error. Standard output is for results.
progress() {
	printf '%s\n' "rust-kheaders: ${release:+$release: }$*" >&2
}
