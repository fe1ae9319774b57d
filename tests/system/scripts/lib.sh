# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# shellcheck disable=SC3043 # local is in every sh that Debian and Fedora have
#
# Names for what every test of rust-kheaders is about. Sourced by scripts and by commands in kheaders.rs.

# The newest kernel in this root.
release=$(head -n 1 /usr/local/share/releases)
series=$(echo "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')

# Its headers, its sources, and what rust-kheaders made for it when the packages were installed.
headers=/usr/src/linux-headers-$release
tarball=/usr/src/linux-source-$series.tar.xz
entry=$(echo /var/cache/rust-kheaders/"$release"/*/build)
entry=${entry%/build}

# unpack_sources DIR: makes DIR a source tree with the parts that rust-kheaders reads.
unpack_sources() {
	mkdir "$1"
	set -- "$1" "$(basename "$tarball" .tar.xz)"
	tar -x -I 'xz -T0' -f "$tarball" -C "$1" --strip-components=1 \
		"$2/Makefile" "$2/rust" "$2/scripts" "$2/drivers/base" "$2/drivers/android"
}

# fail LINE...: ends the script, with these lines.
fail() {
	printf '%s\n' "$@"
	exit 1
}

# says FILE TEXT COMMAND...: starts the command with its messages in FILE, and waits until it says TEXT. Sets run to its id.
says() {
	local file text
	file=$1 text=$2
	shift 2
	: >"$file"
	"$@" 2>"$file" &
	run=$!
	until grep -q "$text" "$file"; do
		kill -0 "$run" 2>/dev/null || fail "it is over before it says $text:" "$(cat "$file")"
		sleep 0.01
	done
}
