# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Whose files are read and run. Sourced by rust-kheaders.

# require_trust DEPTH PATH: stops if anybody but root, who runs this, and who has called sudo for it
# can change PATH, what is in it down to DEPTH, or what PATH stands for. PATH need not exist yet.
require_trust() {
	path=$(readlink -m "$2")
	not_ours="! -uid 0 ! -uid $(id -u)${SUDO_UID:+ ! -uid $SUDO_UID}"
	# shellcheck disable=SC2086 # a list of words
	found=$(find "$path" -maxdepth "$1" ! -type l \( $not_ours -o -perm /022 \) -print -quit 2>/dev/null)
	[ -z "$found" ] ||
		stop "$failed" "others can write to $found; to fix: chown -R $(id -un): $path && chmod -R go-w $path"
	while [ "$path" != / ]; do
		path=$(dirname "$path")
		# In a sticky directory, such as /tmp, others cannot rename what is not theirs.
		# shellcheck disable=SC2086 # a list of words
		[ -z "$(find "$path" -maxdepth 0 \( $not_ours -o -perm -2 ! -perm -1000 \) 2>/dev/null)" ] ||
			stop "$failed" "others can write to $path, where $2 is"
	done
}

# require_own_cache: stops unless the cache is ours alone, and has no links: none leads out of it then.
require_own_cache() {
	require_trust 2 "$cache"
	link=$(find "$(readlink -m "$cache")" -mindepth 1 -maxdepth 2 -type l -print -quit 2>/dev/null)
	[ -z "$link" ] || stop "$failed" "$link is a link, where none belongs; to fix: rm $link"
}
