# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Whether files are safe to read and execute. Sourced by rust-kheaders.

# require_trust DEPTH PATH: stops if PATH, anything in it down to DEPTH, or a directory above it can be
# changed by anyone except root, the user who runs this, and the user who invoked sudo(8). PATH need not
# exist yet.
require_trust() {
	local path not_ours found
	path=$(readlink -m "$2")
	not_ours="! -uid 0 ! -uid $(id -u)${SUDO_UID:+ ! -uid $SUDO_UID}"
	# shellcheck disable=SC2086 # a list of words
	found=$(find "$path" -maxdepth "$1" ! -type l \( $not_ours -o -perm /022 \) -print -quit 2>/dev/null)
	[ -z "$found" ] ||
		stop "$failed" "others can write to $found" "chown -R $(id -un): $path && chmod -R go-w $path"
	set -- "$2"
	while [ "$path" != / ]; do
		path=${path%/*}
		path=${path:-/}
		set -- "$@" "$path"
	done
	path=$1
	shift
	# In a sticky directory such as /tmp, others cannot rename files that they do not own.
	# shellcheck disable=SC2086 # a list of words
	found=$(find "$@" -maxdepth 0 \( $not_ours -o -perm -2 ! -perm -1000 \) -print -quit 2>/dev/null)
	[ -z "$found" ] || stop "$failed" "others can write to $found, where $path is"
}

# require_own_cache: stops unless only trusted users can change the cache, and it contains no symbolic
# links, which could lead out of it.
require_own_cache() {
	local link
	require_trust 2 "$cache"
	link=$(find "$(readlink -m "$cache")" -mindepth 1 -maxdepth 2 -type l -print -quit 2>/dev/null)
	[ -z "$link" ] || stop "$failed" "$link must not be a symbolic link" "rm $link"
}
