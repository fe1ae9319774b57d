# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The answer of the last time, which is found in a tenth of the time. Sourced by rust-kheaders.
#
# $cache/RELEASE/again has, one a line: the question; the answer; the state of the files that say which kernel this is; the
# directories of tools; and the files and directories of the headers and the entry. Nothing of these may have changed since
# it was written. Nobody can set a file's change time, and a directory's tells of new and removed files.

# question: prints what the caller's answer depends on.
question() {
	printf '%s\n' "$release|${headers:-$(readlink -e "/lib/modules/$release/build")}|$try_linked|${RUSTC-}|$(tool_dirs)"
}

# tool_dirs: prints the directories of the caller's PATH that have tools, with colons between them.
tool_dirs() {
	local dir file found=
	# /bin and /usr/bin may be the same.
	IFS=:
	for dir in $callers_path; do
		for file in "$dir"/rustc* "$dir"/bindgen* "$dir"/*clang* "$dir"/*gcc*; do
			[ -e "$file" ] || continue
			[ "$dir" -ef /usr/bin ] && dir=/usr/bin
			case :$found: in
			*":$dir:"*) ;;
			*) found=$found:$dir ;;
			esac
			break
		done
	done
	unset IFS
	printf '%s\n' "$found"
}

# known_state HEADERS: prints the state of the files that say which kernel HEADERS is for.
known_state() {
	stat -Lc '%n %i %s %y %z' "$1/Makefile" "$1/.config" "$1/Module.symvers" "$1/include/generated/utsrelease.h" 2>/dev/null | paste -s -d ' '
}

# answer_again QUESTION: sets what resolve sets, if the last answer holds.
answer_again() {
	local file=$cache/$release/again asked=$1 line tools changed
	# Sources that are named, and a file from the future, need a closer look.
	[ -z "$source" ] && [ -s "$file" ] && ! [ "$file" -nt /proc/self/stat ] || return
	set --
	while read -r line; do
		set -- "$@" "$line"
	done <"$file"
	[ $# -ge 11 ] && [ "$asked" = "$1" ] && [ "$8" = "$(known_state "$2")" ] || return
	tools=$9
	# shellcheck disable=SC2086 # a list of words
	[ -z "$(find -H $tools -maxdepth 0 -cnewer "$file" -print -quit 2>&1)" ] || return
	line=$3
	changed=$(
		shift 9
		find "$line/." -cnewer "$file" -print -quit 2>&1 &
		find "$@" -cnewer "$file" -print -quit 2>&1
		wait
	)
	[ -z "$changed" ] || return
	headers=$2 srctree=$3 kind=$4 rustc=$5 cc=$6 ready=$7
}

# answer_later QUESTION BEGUN: writes down what resolve has set. Changes since the time BEGUN, in seconds since 1970, count
# as later ones.
answer_later() {
	local file=$cache/$release/again
	[ -z "$source" ] && is_writable || return 0
	{
		printf '%s\n' "$1" "$headers" "$srctree" "$kind" "$rustc" "$cc" "$ready"
		known_state "$headers"
		printf '%s %s %s\n' "$rustc" "$cc" "$(ls -d "${rustc%/*}" "${cc%/*}" /usr/local/bin /usr/bin /usr/lib "$packaged" "$packaged/$release" $(tool_dirs | tr : ' ') | paste -s -d ' ')"
		printf '%s\n' "$lib/." "$headers/." "$ready/."
		find "$headers" "$srctree" "$ready/rust" -type l -exec readlink -f {} + | sort -u
		[ "$ready" = "$headers" ] || readlink -f "${ready%/build}/source"
	} >"$file.new.$$" 2>/dev/null && touch -d "@$2" "$file.new.$$" && mv "$file.new.$$" "$file" || rm -f "$file.new.$$"
}
