# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The cache. $cache/RELEASE/KEY is an entry: the metadata for the headers of RELEASE. KEY is a digest
# of everything that the entry depends on. Sourced by rust-kheaders.
#
#   build/    the build directory for 'make -C': links to the headers, and the metadata
#   symbols   the Rust symbols that the metadata promises
#   headers   the path of the headers
#   about     what 'status' shows
#
# A run makes an entry in $cache/RELEASE/KEY.new, under a lock. A rename completes it.

# The number of this layout. It is part of KEY.
layout=1

# find_entry: sets entry, the cache directory for $headers, $rustc and $bindgen.
find_entry() {
	require_own_cache
	entry=$cache/$release/$(headers_key)-$({
		"$rustc" -vV
		printf '%s\n' "$layout" "$rustc" "$bindgen_text"
	} | digest)
}

# headers_key: prints a digest that changes when the content of $headers does.
headers_key() {
	{
		printf '%s\n' "$headers"
		cat "$headers/include/config/auto.conf" "$headers/Module.symvers" "$srctree/Makefile" \
			"$headers/include/generated/package.h" 2>/dev/null
	} | digest
}

digest() {
	sha256sum | cut -c1-12
}

entry_is_whole() {
	[ -d "$entry" ]
}

# make_entry: makes the entry, unless another run has made it meanwhile. Sets ready.
make_entry() {
	mkdir -p "$cache/$release" 2>/dev/null && [ -w "$cache/$release" ] || unwritable
	require_own_cache
	log=$entry.log
	new=$entry.new
	child=
	lock
	trap 'interrupted 130' INT
	trap 'interrupted 143' TERM
	trap 'interrupted 129' HUP
	ready=$entry/build
	if entry_is_whole; then
		return 0
	fi
	begun=$(date +%s)
	rm -rf "$cache/$release"/*.new
	: >"$log"
	progress "making the Rust metadata from $source with $rustc"
	step "unpacking" mkdir_and_unpack "${source_package:+--reinstall $source_package}"
	cmp -s "$new/source/Makefile" "$srctree/Makefile" ||
		give_up "$source is not what the headers were built from: the top Makefiles differ"
	step "linking to the headers" overlay
	step "compiling" compile
	step "checking the symbols" check_symbols
	step "finishing" finish
	mv -T "$new" "$entry" || give_up "$new cannot be renamed"
	rm -f "$log"
	progress "done in $(($(date +%s) - begun)) s"
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

unwritable() {
	stop "$failed" "cannot write to $cache; to fix: run rust-kheaders as root, or give a writable directory with --cache"
}

# progress TEXT: reports progress on standard error. Standard output is for the directory.
progress() {
	printf '%s\n' "rust-kheaders: ${release:+$release: }$*" >&2
}

# step NAME FUNCTION [DEBIAN-PACKAGE]: runs one step with its output in the log, and reports its duration.
# If it fails, DEBIAN-PACKAGE is what to install.
step() {
	from=$(date +%s%N)
	printf '%s' "rust-kheaders: $release: $1 ..." >&2
	printf '== %s\n' "$1" >>"$log"
	# The step runs in the background, so that the shell handles a signal at once. The subshell ends
	# after its current command. Long commands replace the subshell through setsid, so that their
	# whole process group can be killed.
	(
		trap 'exit 143' TERM
		set -e
		"$2"
	) >>"$log" 2>&1 &
	child=$!
	wait "$child" || {
		echo >&2
		give_up "$1 failed" "${3-}"
	}
	child=
	tenths=$((($(date +%s%N) - from) / 100000000))
	printf ' %d.%d s\n' $((tenths / 10)) $((tenths % 10)) >&2
}

# give_up REASON [DEBIAN-PACKAGE]: ends a failed build.
give_up() {
	free=$(df -Pk "$cache" | awk 'NR == 2 { print $4 }')
	rm -rf "$new"
	if grep -q 'No space left on device' "$log" || [ "$free" -lt 1024 ]; then
		stop "$failed" "no space left in $cache ($1): a build needs 400 MB; to fix: free some space, or run rust-kheaders clean"
	fi
	stop "$failed" "$1; see $log" "${2-}"
}

# interrupted CODE: ends a build after a signal.
interrupted() {
	trap '' INT TERM HUP
	[ -z "$child" ] || kill -- "-$child" 2>/dev/null || kill "$child" 2>/dev/null
	# The build's last process has ended when the lock, which all of them inherited, is free again. If
	# another run takes the lock first, that run cleans up.
	exec 9>"$cache/lock"
	! flock -w 10 9 || rm -rf "$new" "$log"
	echo >&2
	progress "interrupted; to try again: rust-kheaders build $release"
	exit "$1"
}

mkdir_and_unpack() {
	mkdir "$new" "$new/source" "$new/build"
	unpack_source "$new/source"
}

# overlay: completes the unpacked sources with links to the headers' own sources, and makes a build
# directory of links to the headers' build directory.
overlay() {
	# Not one link but a tree of links: bindings_helper.h includes files through include/uapi/../../.
	cp -rs "$srctree/include" "$new/source/"
	link_missing "$srctree" "$new/source"
	cp "$lib/metadata.kbuild" "$new/source/rust/Kbuild"

	mkdir "$new/build/rust" "$new/build/scripts"
	link_missing "$headers/scripts" "$new/build/scripts"
	link_missing "$headers" "$new/build"
	ln -s "$headers/.config" "$new/build/"
	[ ! -e "$headers/.kernelvariables" ] || ln -s "$headers/.kernelvariables" "$new/build/"
	rm -f "$new/build/Makefile"
	build_makefile "$new/build" "$new/source"
}

# link_missing FROM TO: makes links in TO to everything in FROM whose name TO does not have yet.
link_missing() {
	for file in "$1"/*; do
		[ -e "$2/${file##*/}" ] || ln -s "$file" "$2/"
	done
}

# build_makefile BUILD SOURCE: writes the Makefile of the build directory, which will be used at BUILD.
build_makefile() {
	cat >"$new/build/Makefile" <<EOF
# Made by rust-kheaders for $release.
MAKEOVERRIDES += RUSTC=$rustc
KBUILD_OUTPUT = $1
include $2/Makefile
EOF
}

compile() {
	set -- HOSTCC="$cc"
	[ "$(config CC_IS_CLANG)" != y ] || set -- LLVM=1
	# Keep make from regenerating the distribution's configuration and headers. There is no object
	# code, so objtool, objcopy and the linking of helpers do nothing.
	exec setsid make -C "$new/build" -j"$(nproc)" "$@" RUSTC="$rustc" HOSTRUSTC="$rustc" RUST_LIB_SRC="$rust_src" \
		BINDGEN="$bindgen --formatter=none" OBJCOPY=true objtool=true link_helper= PROCMACROLDFLAGS=-s \
		need-config=1 need-compiler=1 may-sync-config= run-command \
		KBUILD_RUN_COMMAND='$(MAKE) $(build)=scripts scripts/target.json && $(MAKE) $(build)=rust'
}

# check_symbols: lists the Rust symbols that the metadata promises. Fails unless the kernel exports all
# of them.
check_symbols() {
	{
		awk '
			BEGIN { local = "^(internal|private|external|available_externally|linkonce|weak)" }
			$1 == "define" && $2 !~ local || $1 ~ /^@/ && $3 !~ local {
				if (match($0, /@"?_R[A-Za-z0-9_.$]+/)) {
					name = substr($0, RSTART + 1, RLENGTH - 1)
					sub(/^"/, "", name)
					print name
				}
			}' "$new/build/rust"/*.o
		[ "$(config RUST_INLINE_HELPERS)" = y ] ||
			sed -n 's/^.*link_name *= *"\(rust_helper_[^"]*\)".*$/\1/p' \
				"$new/build/rust/bindings/bindings_helpers_generated.rs"
	} | sort -u >"$new/symbols"
	cut -f 2 "$headers/Module.symvers" | sort -u >"$new/exported"
	missing=$(comm -23 "$new/symbols" "$new/exported")
	if [ -n "$missing" ]; then
		echo "The kernel does not export these symbols, which the metadata promises:"
		echo "$missing"
		return 1
	fi
	if ! grep -q '^_R' "$new/symbols"; then
		echo "The compiled crates define no Rust symbols."
		return 1
	fi
}

# finish: removes what modules do not need, and everything that names the temporary directory.
finish() {
	rm -rf "$new/source" "$new/exported" "$new/build/rust/host" "$new/build/rust/bindings" \
		"$new/build/rust/uapi" "$new/build/scripts/generate_rust_target"
	find "$new/build/rust" "$new/build/scripts" -type f \
		\( -name '*.o' -o -name '.*.cmd' -o -name '*.rlib' \) -delete
	build_makefile "$entry/build" "$srctree"
	printf '%s\n' "$headers" >"$new/headers"
	printf '%s\t%s\n' "$(headers_package)" "$("$rustc" --version)" >"$new/about"
	# After a crash, a renamed entry must not contain files that were never written to the disk.
	sync -f "$new"
}

# each_entry FUNCTION: calls FUNCTION for each entry, with release, entry, headers and state set.
each_entry() {
	for entry in "$cache"/*/*/build; do
		entry=${entry%/build}
		[ -f "$entry/headers" ] || continue
		release=$(basename "$(dirname "$entry")")
		headers=$(cat "$entry/headers")
		state=gone
		if [ -f "$headers/include/config/auto.conf" ]; then
			find_headers
			case ${entry##*/} in
			"$(headers_key)"-*) state=usable ;;
			*) state=changed ;;
			esac
		fi
		"$1"
	done
}

cmd_status() {
	require_own_cache
	each_entry show_entry
}

show_entry() {
	printf '%s\t%s\t%s\t%s\t%s\n' "$release" "$state" "$(cat "$entry/about")" \
		"$(du -sh "$entry" | cut -f 1)" "$entry"
}

cmd_clean() {
	[ -d "$cache" ] || return 0
	require_own_cache
	lock
	rm -rf "$cache"/*/*.new "$cache"/*/*.log
	each_entry remove_unusable
	find "$cache" -mindepth 1 -maxdepth 1 -type d -empty -delete
}

remove_unusable() {
	[ "$state" != usable ] || return 0
	rm -rf "$entry" && echo "removed $entry (its headers are $state)"
}
