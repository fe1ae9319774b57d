# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Making an entry of the cache. Sourced by rust-kheaders.

# make_entry: makes the entry that $entry names, unless another run has made it meanwhile.
make_entry() {
	local begun
	require_writable
	require_own_cache
	require_memory "$metadata_memory"
	log=$entry.log
	new=$entry.new
	child=
	lock
	trap 'interrupted 130' INT
	trap 'interrupted 143' TERM
	trap 'interrupted 129' HUP
	if [ -d "$entry/build" ] && works "$entry/build" >/dev/null; then
		return 0
	fi
	begun=$(date +%s)
	# What killed runs have left.
	rm -rf "$cache/$release"/*.new "$cache/$release"/????????????-????????????-????????????.log "$entry"
	: >"$log"
	progress "making the Rust metadata, $(describe_kind), from $from with $rustc"
	step "unpacking" mkdir_and_unpack
	cmp -s "$new/source/Makefile" "$srctree/Makefile" ||
		give_up "$from is not what the headers were built from: the top Makefiles differ"
	step "linking to the headers" overlay
	step "compiling" compile
	step "checking" "check_$kind"
	step "finishing" finish
	mv -T "$new" "$entry" || give_up "$new cannot be renamed"
	step "trying it" try_entry
	remove_superseded
	remember "$cache/$release/$(works_name "$entry/build")" yes
	rm -f "$log"
	progress "done in $(($(date +%s) - begun)) s"
}

# remove_superseded: removes the entries that other tools have made of the same headers.
remove_superseded() {
	local same=${entry%-*-*} other
	for other in "$same"-*-*/build; do
		other=${other%/build}
		case $other in
		"${entry%-*}"-*) ;;
		*) rm -rf "$other" ;;
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
	rm -rf "$new" "$entry"
	if no_space "$log" "$cache"; then
		stop "$failed" "no space left in $cache ($1): a build needs 400 MB; to fix: free some space, or run rust-kheaders clean"
	fi
	case $1 in
	'unpacking failed') stop "$failed" "$1; see $log" "$(fix_damage "$from")" ;;
	'trying it failed' | 'compiling failed') stop "$failed" "$1$(first_error "$log"); see $log" "$(fix_damage "$headers/Makefile")" ;;
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

try_entry() {
	try_directory "$entry/build" "$log"
}

mkdir_and_unpack() {
	mkdir "$new" "$new/source" "$new/build"
	unpack_source "$new/source"
}

# overlay: completes the unpacked sources with links to the headers' own sources, and makes a build
# directory of links to the headers' build directory. What the kind of entry has of its own comes first.
overlay() {
	local dir
	"prepare_$kind"
	# Not one link but a tree of links: bindings_helper.h includes files through include/uapi/../../.
	cp -rs "$srctree/include" "$new/source/"
	link_missing "$srctree" "$new/source"

	mkdir -p "$new/build/rust" "$new/build/scripts" "$new/tmp"
	for dir in include/generated include scripts; do
		[ ! -d "$new/build/$dir" ] || link_missing "$headers/$dir" "$new/build/$dir"
	done
	link_missing "$headers" "$new/build"
	ln -s "$headers/.config" "$new/build/"
	[ ! -e "$headers/.kernelvariables" ] || ln -s "$headers/.kernelvariables" "$new/build/"
	rm -f "$new/build/Makefile"
	build_makefile "$new/build" "$new/source"
}

# prepare_crates: has the kernel's rust/Makefile make metadata.
prepare_crates() {
	cp "$lib/metadata.kbuild" "$new/source/rust/Kbuild"
}

# link_missing FROM TO: makes links in TO to everything in FROM whose name TO does not have yet.
link_missing() {
	local file
	for file in "$1"/*; do
		[ -e "$2/${file##*/}" ] || printf '%s\n' "$file"
	done | xargs -r -d '\n' ln -s -t "$2"
}

# build_makefile BUILD SOURCE: writes the Makefile of the build directory, which will be used at BUILD.
build_makefile() {
	local tools="RUSTC=$(rustc_of "$1")"
	[ "$kind" != linked ] || tools="$tools CLIPPY_DRIVER=$1/rust/clippy-driver objtool=$1/rust/objtool"
	cat >"$new/build/Makefile" <<EOF
# Made by rust-kheaders for $release.
MAKEOVERRIDES += $tools
KBUILD_OUTPUT = $1
include $2/Makefile
EOF
}

compile() {
	set -- HOSTCC="$host_cc"
	[ "$(config CC_IS_CLANG)" != y ] || set -- "$(llvm_argument)"
	[ -z "$libclang" ] || export LIBCLANG_PATH="$libclang"
	export TMPDIR="$new/tmp"
	# Metadata has no object code, so objcopy and the linking of helpers do nothing.
	[ "$kind" != crates ] || set -- "$@" OBJCOPY=true link_helper=
	# Keep make from regenerating the distribution's configuration and headers. objtool looks at modules only. Some
	# architectures have a target specification of their own, and others one that rustc knows.
	PATH=$PATH:${cc%/*}
	exec setsid make -C "$new/build" -j"$(jobs "$metadata_memory")" "$@" RUSTC="$rustc" HOSTRUSTC="$rustc" RUST_LIB_SRC="$rust_src" \
		BINDGEN="$bindgen --formatter=none" objtool=true HOSTLDFLAGS=-s PROCMACROLDFLAGS=-s \
		need-config=1 need-compiler=1 may-sync-config= run-command \
		KBUILD_RUN_COMMAND='$(if $(findstring scripts/target.json,$(KBUILD_RUSTFLAGS)),$(MAKE) $(build)=scripts scripts/target.json &&) $(MAKE) $(build)=rust'
}

# check_crates: lists the Rust symbols that the metadata promises. Fails unless the kernel exports all
# of them.
check_crates() {
	local missing
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
		echo "error: the kernel does not export symbols that the metadata promises:"
		echo "$missing"
		return 1
	fi
	if ! grep -q '^_R' "$new/symbols"; then
		echo "error: the compiled crates define no Rust symbols"
		return 1
	fi
}

# finish_crates: the objects have told which symbols there are.
finish_crates() {
	rm "$new/build/rust"/*.o
}

# finish: removes what modules do not need, and everything that names the temporary directory.
finish() {
	rm -rf "$new/source" "$new/exported" "$new/tmp" "$new/build/rust/host" "$new/build/rust/bindings" \
		"$new/build/rust/uapi" "$new/build/scripts/generate_rust_target"
	"finish_$kind"
	find "$new/build/rust" "$new/build/scripts" -type f \( -name '.*.cmd' -o -name '*.rlib' \) -delete
	build_makefile "$entry/build" "$srctree"
	# Without M, make would change the headers themselves, through the links.
	sed -i "2i ifeq (\$(M)\$(KBUILD_EXTMOD),)\n\$(error builds modules only; to fix: make -C $entry/build M=DIR)\nendif" \
		"$new/build/Makefile"
	printf '%s\n' "$headers" >"$new/headers"
	printf '%s\t%s\t%s\n' "$(headers_package)" "$("$rustc" --version)" "$(describe_kind)" >"$new/about"
	# After a crash, a renamed entry must not contain files that were never written to the disk.
	sync -f "$new"
}
