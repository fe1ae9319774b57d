# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The cache. $cache/RELEASE/KEY is an entry: the metadata for the headers of RELEASE. KEY has three digests with
# a dash between them: of the headers' contents, of the tools, and of the sources. Sourced by rust-kheaders.
#
#   build/    the build directory for 'make -C': links to the headers, the metadata, and what bindgen has made
#   source    the sources that all was made from, and links to those of the headers: a link to shared/
#   symbols   the symbols that the metadata promises
#   headers   the path of the headers
#   about     what 'status' shows
#   done      written last; without it, this is what a killed run has left
#
# A run makes an entry under a lock. Entries have links to $cache/shared, where their sources are, and crates that hardly
# depend on the kernel: see share-crate. Beside the entries are
#
#   again           the answer of the last time: see again.sh
#   contents-STATE  the digest of the headers' contents, when their files were in this state
#   works-STATE     says that a module was built in a directory whose files were in this state
#   NAME.log        what the build of the module NAME said
#   NAME.failed     the state in which it failed

# The number of this layout. It is part of KEY.
layout=4

# tools_digest: prints a digest of the tools that make the metadata.
tools_digest() {
	{
		[ "$kind" != linked ] || linked_files | xargs -0 cat
		"$rustc" -vV
		version_of "$bindgen"
		version_of "$cc"
		[ -z "$libclang" ] || stat -Lc '%n %s %y' "$libclang"/libclang[-.]*so*
		printf '%s\n' "$kind" "$layout" "$rustc" "$bindgen" "$cc"
	} | digest
}

# entries: prints the paths of the entries for the headers and tools: only the one from what --source names, if it
# names something.
entries() {
	local found
	for found in "$cache/$release/$(contents)-$(tools_digest)-${source:+$(source_digest)}"*; do
		! is_done "$found" || printf '%s\n' "$found"
	done
}

# is_done ENTRY: succeeds if ENTRY is whole.
is_done() {
	[ -s "$1/done" ]
}

# remembered NAME COMMAND...: prints what the file NAME in the cache says, or else what COMMAND prints, and keeps it
# there if possible.
remembered() {
	local file=$cache/$release/$1 said
	shift
	if [ -s "$file" ]; then
		cat "$file"
		return
	fi
	said=$("$@") || return
	printf '%s\n' "$said"
	remember "$file" "$said"
}

# remember FILE TEXT: writes TEXT to FILE in the cache if that is possible. Files of other states are of no use.
remember() {
	local name=${1##*/}
	is_writable || return 0
	rm -f "${1%/*}/${name%%-*}"-*
	{ printf '%s\n' "$2" >"$1.new.$$" && mv "$1.new.$$" "$1"; } 2>/dev/null || rm -f "$1.new.$$"
}

# lock: waits until no other run changes the cache. Processes that a killed run left behind also hold
# the lock, through the descriptor that they inherited.
lock() {
	[ -w "$cache" ] || unwritable
	exec 9>"$cache/lock"
	flock -n 9 || {
		progress "waiting for another rust-kheaders to finish"
		flock 9
	}
}

is_writable() {
	mkdir -p "$cache/$release" 2>/dev/null && [ -w "$cache/$release" ]
}

# require_writable: makes the directory of $release in the cache.
require_writable() {
	is_writable || unwritable
}

unwritable() {
	stop "$failed" "cannot write to $cache; to fix: run rust-kheaders as root, or give a writable directory with --cache"
}

# each_entry FUNCTION: calls FUNCTION for each entry, with release, entry, headers, srctree and
# state_of_headers assigned. For the commands status and clean.
each_entry() {
	for entry in "$cache"/*/*/done "$packaged"/*/*/*/done; do
		entry=${entry%/done}
		release=$(basename "$(dirname "$entry")")
		is_done "$entry" && { ! is_packaged "$entry" || [ "$(packaged_says 1)" = "$entry" ]; } || continue
		headers=$(cat "$entry/headers")
		srctree=$(find_srctree)
		state_of_headers=gone
		if [ -f "$headers/include/config/auto.conf" ]; then
			case ${entry##*/} in
			"$(contents)"-*) state_of_headers=usable ;;
			*) state_of_headers=changed ;;
			esac
		fi
		"$1"
	done
}

show_entry() {
	local enabled_too= shown=$state_of_headers whole=$entry
	[ "$(readlink "$(build_link)")" != "$entry/build" ] || enabled_too='	enabled'
	! is_packaged "$entry" || {
		whole=$packaged/$release
		[ "$shown" != usable ] || shown=packaged
	}
	printf '%s\t%s\t%s\t%s\t%s%s\n' "$release" "$shown" "$(cat "$entry/about")" \
		"$(du -sh "$whole" | cut -f 1)" "$entry" "$enabled_too"
}

remove_unusable() {
	[ "$state_of_headers" != usable ] && ! is_packaged "$entry" || return 0
	leave "$entry"
	remove_entry "$entry" && echo "removed $entry (its headers are $state_of_headers)"
}

# remove_rest: removes what is beside the entries, for kernels that are gone, and what killed runs have left.
remove_rest() {
	local dir
	for dir in "$cache"/*/; do
		release=$(basename "$dir")
		[ -d "$dir" ] && [ "$release" != shared ] || continue
		remove_unfinished
		[ -e "/lib/modules/$release/build" ] || has_entry "$dir" || rm -rf "$dir"
	done
	remove_unshared
}

# remove_unshared: removes what no entry uses any more. Call it with the lock.
remove_unshared() {
	local used dir
	used=$(find "$cache/" -mindepth 3 -maxdepth 6 -type l -lname '*/shared/*' -printf '%l/\n' | sed 's|.*/shared/|/|')
	rm -rf "$cache"/shared/.[!.]*
	for dir in "$cache"/shared/*; do
		case $used in
		*"/${dir##*/}/"*) ;;
		*) rm -rf "$dir" ;;
		esac
	done
}

# has_entry DIR
has_entry() {
	local entry
	for entry in "$1"/*/done; do
		[ ! -e "$entry" ] || return 0
	done
	return 1
}
