# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Making an entry of the cache. Sourced by rust-kheaders.

# make_entry: makes the entry that $entry names, unless another run has made it meanwhile. The compiler records paths, so
# all is made where it stays. The file "done" comes last: without it, there is no entry.
make_entry() {
	local begun
	require_writable
	require_own_cache
	require_memory "$metadata_memory"
	log=${log:-$entry.log}
	lock
	if is_done "$entry" && works "$entry/build" >/dev/null; then
		return 0
	fi
	handle_signals
	begun=$(date +%s)
	retreat
	remove_unfinished
	remove_entry "$entry"
	remove_unshared
	rm -f "$cache/$release"/????????????-????????????-????????????.log
	: >"$log"
	progress "making the Rust metadata, $(describe_kind), from $from with $rustc"
	step "unpacking" make_directories
	cmp -s "$entry/source/Makefile" "$srctree/Makefile" ||
		give_up "$from is not what the headers were built from: the top Makefiles differ"
	step "linking to the headers" overlay
	step "compiling" compile
	step "checking" "check_$kind"
	step "finishing" finish
	step "trying it" try_entry
	date >"$entry/done" || give_up "$entry/done cannot be written"
	follow "$entry/build"
	remove_superseded
	remember "$cache/$release/$(works_name "$entry/build")" yes
	rm -f "$log"
	trap - INT TERM HUP
	progress "done in $(($(date +%s) - begun)) s"
}

# remove_unfinished: removes what killed runs for $release have left. Call it with the lock.
remove_unfinished() {
	local dir
	for dir in "$cache/$release"/????????????-????????????-????????????; do
		[ ! -d "$dir" ] || is_done "$dir" || rm -rf "$dir"
	done
}

# remove_entry ENTRY: a half entry must not look whole if this is killed.
remove_entry() {
	rm -f "$1/done"
	rm -rf "$1"
}

# remove_superseded: removes the entries that other tools have made of the same headers.
remove_superseded() {
	local same=${entry%-*-*} other
	for other in "$same"-*-*/build; do
		other=${other%/build}
		case $other in
		"${entry%-*}"-*) ;;
		*) remove_entry "$other" ;;
		esac
	done
}

# step NAME FUNCTION: runs one step with its output in the log, and reports its duration.
step() {
	local from_ns tenths
	from_ns=$(date +%s%N)
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
		give_up "$1 failed"
	}
	child=
	tenths=$((($(date +%s%N) - from_ns) / 100000000))
	printf ' %d.%d s\n' $((tenths / 10)) $((tenths % 10)) >&2
}

# give_up REASON: ends a failed build.
give_up() {
	rm -rf "$entry"
	remove_unshared
	if no_space "$log" "$cache"; then
		stop "$failed" "no space left in $cache ($1): a build needs 400 MB; to fix: free some space, or run rust-kheaders clean"
	fi
	case $1$(first_error "$log") in
	*"$killed") stop "$failed" "$1$killed; see $log" "rust-kheaders $command --jobs 1 $release" ;;
	'unpacking failed'*) stop "$failed" "$1; see $log" "$(fix_damage "$from")" ;;
	'trying it failed'* | 'compiling failed'*) stop "$failed" "$1$(first_error "$log"); see $log" "$(fix_damage "$headers/Makefile")" ;;
	*) stop "$failed" "$1$(first_error "$log"); see $log" ;;
	esac
}

# no_space LOG DIR: succeeds if LOG says that a disk was full, or the one of DIR is.
no_space() {
	grep -q 'No space left on device' "$1" || [ "$(free_space "$2")" -lt 1 ]
}

# require_room DIR MEGABYTES: stops unless there is so much room where DIR is.
require_room() {
	[ "$(free_space "$1")" -ge "$2" ] ||
		stop "$failed" "no space left in $1: $2 MB are needed; to fix: free some space${then:+, then run $then}"
}

# require_rooms DIR: stops unless there is room for a module in DIR and where DKMS puts it afterwards.
require_rooms() {
	local dir
	for dir in "$1" /tmp "/lib/modules/$release"; do
		[ ! -d "$dir" ] || require_room "$dir" 50
	done
}

# free_space DIR: prints how many MB are free where DIR is.
free_space() {
	df -Pm "$1" | awk 'NR == 2 { print $4 }'
}

# What first_error prints after the kernel has run out of memory, say.
killed=' (a compiler was killed)'

# first_error LOG: prints the first error in LOG, in brackets.
first_error() {
	if grep -q 'Killed\( signal\|$\)\|signal: 9\|Error 137$' "$1"; then
		printf '%s\n' "$killed"
		return
	fi
	sed -n '/^error\|: error: \|^ERROR: \|: \*\*\* \|^make.*Error/{s/^[^ ]*: \(error: .*\)/\1/;s/.*/ (&)/p;q}' "$1"
}

# handle_signals: has signals end the steps that follow, and what these have made.
handle_signals() {
	child=
	trap 'interrupted 130' INT
	trap 'interrupted 143' TERM
	trap 'interrupted 129' HUP
}

# interrupted CODE: ends a build after a signal.
interrupted() {
	trap '' INT TERM HUP
	[ -z "$child" ] || kill -- "-$child" 2>/dev/null || kill "$child" 2>/dev/null
	# The build's last process has ended when the lock, which all of them inherited, is free again. If
	# another run takes the lock first, that run cleans up.
	exec 9>"$cache/lock"
	! flock -w 10 9 || {
		is_done "$entry" || rm -rf "$entry" "$log"
		remove_unshared
	}
	echo >&2
	progress "interrupted; to try again: rust-kheaders $command $release"
	exit "$1"
}

# make_directories: makes the two directories of the entry. If another entry has the same sources, it shares them.
make_directories() {
	local shared
	shared=$cache/shared/source-$(source_state)
	mkdir "$entry" "$entry/build"
	if [ -d "$shared" ] && [ "$(tree_digest "$shared")" = "$(cat "$shared/.digest")" ]; then
		ln -s "$shared" "$entry/source"
	else
		mkdir "$entry/source"
		unpack_source "$entry/source"
	fi
}

# source_state: prints a digest of what the directory source is made from.
source_state() {
	{
		printf '%s\n' "${entry##*-}" "$kind" "$layout" "$srctree" "$srctree"/* "$srctree"/include/* "$srctree"/include/uapi/*
		[ "$kind" != linked ] || linked_files | xargs -0 cat
	} | digest
}

# tree_digest DIR: prints a digest of the contents of the files in DIR.
tree_digest() {
	(cd "$1" && find . -type f ! -name .digest -print0 | sort -z | xargs -0 sha256sum) | digest
}

# share_source: others may use the finished sources from now on.
share_source() {
	local shared
	shared=$cache/shared/source-$(source_state)
	mkdir -p "$cache/shared"
	tree_digest "$entry/source" >"$entry/tree"
	mv "$entry/tree" "$entry/source/.digest"
	rm -rf "$shared"
	mv -T "$entry/source" "$shared"
	ln -s "$shared" "$entry/source"
}

# overlay: completes the unpacked sources with links to the headers' own sources, and makes a build
# directory of links to the headers' build directory. What a linked entry has of its own comes first.
overlay() {
	local dir
	if [ ! -L "$entry/source" ]; then
		[ "$kind" != linked ] || add_facade
		# bindings_helper.h includes files through include/uapi/../../, so these two are directories.
		mkdir -p "$entry/source/include/uapi"
		for dir in include/uapi include .; do
			link_missing "$srctree/$dir" "$entry/source/$dir"
		done
		share_source
	fi

	[ "$kind" != linked ] || prepare_linked
	mkdir -p "$entry/build/rust" "$entry/build/scripts" "$entry/tmp"
	for dir in include/generated include scripts; do
		[ ! -d "$entry/build/$dir" ] || link_missing "$headers/$dir" "$entry/build/$dir"
	done
	link_missing "$headers" "$entry/build"
	ln -s "$headers/.config" "$entry/build/"
	[ ! -e "$headers/.kernelvariables" ] || ln -s "$headers/.kernelvariables" "$entry/build/"
	rm -f "$entry/build/Makefile"
	build_makefile
}

# link_missing FROM TO: makes links in TO to everything in FROM whose name TO does not have yet.
link_missing() {
	local file
	for file in "$1"/*; do
		[ -e "$2/${file##*/}" ] || printf '%s\n' "$file"
	done | xargs -r -d '\n' ln -s -t "$2"
}

# build_makefile: writes the Makefile of the build directory. Without M, make would change the headers themselves, through
# the links. Others ask for the release.
build_makefile() {
	cat >"$entry/build/Makefile" <<EOF
# Made by rust-kheaders for $release.
ifneq (\$(filter-out kernelrelease kernelversion,\$(or \$(MAKECMDGOALS),all)),)
ifeq (\$(M)\$(KBUILD_EXTMOD)\$(KHEADERS),)
\$(error builds modules only; to fix: make -C $entry/build M=DIR)
endif
endif
MAKEOVERRIDES += $(make_tools | paste -s -d ' ')
KBUILD_OUTPUT = $entry/build
include $entry/source/Makefile
EOF
}

# make_tools: prints make's variables for the tools that belong to $rustc, one a line.
make_tools() {
	printf '%s\n' "RUSTC=$(rustc_of "$entry/build")" "RUSTDOC=$(tool_of_rustc rustdoc)" "RUSTFMT=$(tool_of_rustc rustfmt)" \
		"CLIPPY_DRIVER=$(clippy_of "$entry/build")" "HOSTRUSTC=$rustc" "RUST_LIB_SRC=$rust_src" "BINDGEN=$bindgen"
	[ "$kind" != linked ] || printf '%s\n' "objtool=$entry/build/rust/objtool"
}

compile() {
	set -- HOSTCC="$host_cc"
	[ "$(config CC_IS_CLANG)" != y ] || set -- "$(llvm_argument)"
	[ -z "$libclang" ] || export LIBCLANG_PATH="$libclang"
	export TMPDIR="$entry/tmp"
	# Metadata has no object code, so objcopy and the linking of helpers do nothing.
	[ "$kind" != crates ] || set -- "$@" OBJCOPY=true link_helper= KHEADERS_SHARE="$lib/share-crate $cache/shared"
	# objtool looks at modules only. Some architectures have a target specification of their own, and others one that
	# rustc knows.
	make_rust "$entry/build" "$@" objtool=true HOSTLDFLAGS=-s PROCMACROLDFLAGS=-s \
		KBUILD_RUN_COMMAND='$(if $(findstring scripts/target.json,$(KBUILD_RUSTFLAGS)),$(MAKE) $(build)=scripts scripts/target.json &&) $(MAKE) $(build)=rust$(if $(KHEADERS_SHARE), kbuild-file='"$lib/metadata.kbuild"')'
}

# make_rust DIR ARGUMENT...: has make run KBUILD_RUN_COMMAND, one of its ARGUMENTs, in the build directory DIR. Keeps it from
# regenerating the distribution's configuration and headers. Replaces the shell: call it in a subshell.
make_rust() {
	local dir=$1
	shift
	PATH=$PATH:${cc%/*}
	exec setsid make -C "$dir" -j"$(jobs "$metadata_memory")" KHEADERS="$lib" RUSTC="$rustc" \
		need-config=1 need-compiler=1 may-sync-config= run-command "$@"
}

# check_crates: lists the symbols that the metadata promises: what the kernel crate defines and uses of the core crate, and
# C's helpers. Fails unless the kernel exports all of them.
check_crates() {
	local missing
	{
		awk '
			BEGIN { local = "^(internal|private|external|available_externally|linkonce|weak)" }
			$1 == "define" && $2 !~ local || $1 == "declare" && /Cs[0-9A-Za-z]*_4core/ || $1 ~ /^@/ && $3 !~ local {
				if (match($0, /@"?_R[A-Za-z0-9_.$]+/)) {
					name = substr($0, RSTART + 1, RLENGTH - 1)
					sub(/^"/, "", name)
					print name
				}
			}' "$entry/build/rust/kernel.o"
		[ "$(config RUST_INLINE_HELPERS)" = y ] ||
			sed -n 's/^.*link_name *= *"\(rust_helper_[^"]*\)".*$/\1/p' \
				"$entry/build/rust/bindings/bindings_helpers_generated.rs"
	} | sort -u >"$entry/symbols"
	cut -f 2 "$headers/Module.symvers" | sort -u >"$entry/exported"
	missing=$(comm -23 "$entry/symbols" "$entry/exported")
	if [ -n "$missing" ]; then
		echo "error: the kernel does not export symbols that the metadata promises:"
		echo "$missing"
		return 1
	fi
	if ! grep -q '^_R' "$entry/symbols"; then
		echo "error: the compiled crates define no Rust symbols"
		return 1
	fi
}

# finish_crates: the object has told which symbols there are.
finish_crates() {
	rm "$entry/build/rust"/*.o
}

# finish: removes what neither modules nor tools need.
finish() {
	rm -rf "$entry/exported" "$entry/tmp" "$entry/build/scripts/generate_rust_target"
	"finish_$kind"
	find "$entry/build/rust" "$entry/build/scripts" -type f \( -name '.*.cmd' -o -name '*.rlib' \) -delete
	# A third of the metadata are zeros.
	find "$entry/build/rust"/ -name '*.rmeta' -exec fallocate --dig-holes {} \;
	printf '%s\n' "$headers" >"$entry/headers"
	printf '%s\t%s\t%s\n' "$(headers_package)" "$("$rustc" --version)" "$(describe_kind)" >"$entry/about"
}

# try_entry: after a crash, an entry must not contain files that were never written to the disk.
try_entry() {
	local written
	sync -f "$entry" &
	written=$!
	try_directory "$entry/build" "$log" && wait "$written"
}
