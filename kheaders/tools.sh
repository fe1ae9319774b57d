# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The tools that compile the metadata and modules. Sourced by rust-kheaders.

# candidates NAME: prints the path of every command NAME or NAME-VERSION in the caller's PATH and where
# distributions put it. Resolves links in directories, as /bin and /usr/bin are the same.
candidates() (
	IFS=:
	dirs=$callers_path:/usr/local/bin:/usr/bin
	for dir in $dirs; do
		list "$dir" "$1"
	done
	for dir in /usr/lib/rust-[0-9]*/bin /usr/lib/llvm-[0-9]*/bin /usr/lib64/llvm[0-9]*/bin; do
		list "$dir" "$1"
	done
)

# list DIR NAME: prints the commands NAME and NAME-VERSION in DIR.
list() {
	local file
	# The directory that rust-kheaders was called from is not to matter.
	[ "${1#/}" != "$1" ] || return 0
	for file in "$1/$2" "$1/$2"-[0-9]*; do
		[ ! -x "$file" ] || [ -d "$file" ] || printf '%s/%s\n' "$(cd -P "$1" && pwd)" "${file##*/}"
	done
}

# each_candidate NAME: prints every candidate once, the first first.
each_candidate() {
	candidates "$1" | awk '!seen[$0]++'
}

# version_of COMMAND: prints the first line of what COMMAND --version says.
version_of() {
	"$1" --version 2>/dev/null </dev/null | head -n 1
}

# all_of NAME: prints every candidate with its version, on one line.
all_of() {
	local file text line=
	for file in $(each_candidate "$1"); do
		text=$(version_of "$file")
		line="${line:+$line, }$file (${text:-does not run})"
	done
	printf '%s\n' "${line:-no $1}"
}

# find_rustc TEXT: prints the path of the compiler whose full version string is TEXT.
find_rustc() {
	local file
	for file in ${RUSTC:+"$RUSTC"} $(each_candidate rustc); do
		[ "$(version_of "$file")" = "$1" ] || continue
		compiler_itself "$file"
		return 0
	done
	stop "$needs" "needs '$1', found $(all_of rustc)" "$(fix_rustc "$1")"
}

# compiler_itself RUSTC: prints the path of the compiler that RUSTC runs: rustup's proxy runs another one in another
# directory.
compiler_itself() {
	local itself
	itself=$("$1" --print sysroot 2>/dev/null)/bin/rustc
	[ "$(version_of "$itself")" != "$(version_of "$1")" ] || set -- "$itself"
	printf '%s\n' "$1"
}

# find_rust_src TEXT: prints where the sources of the standard library of $rustc are.
find_rust_src() {
	local version found
	version=$(version_in "$1")
	found=$(library_sources "$rustc" "$version")
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		return 0
	fi
	found=$(readlink -m "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library")
	case $found in
	/usr/src/rustc-"$version"/*) found="none in $found" ;;
	/usr/src/rustc-*) found=${found%/library} ;;
	*) found="none in $found" ;;
	esac
	stop "$needs" "needs the sources of Rust's library $version, found $found" "$(fix_rust_src "$1")"
}

# library_sources RUSTC VERSION: prints where the sources of the standard library of RUSTC are, or nothing. kbuild and gdb
# look in the first of these places. Debian's link there may lead to those of another version.
library_sources() {
	local dir
	for dir in "$("$1" --print sysroot)/lib/rustlib/src/rust/library" "/usr/src/rustc-$2/library"; do
		case $(readlink -m "$dir") in
		/usr/src/rustc-"$2"/*) ;;
		/usr/src/rustc-*) continue ;;
		esac
		[ ! -s "$dir/core/src/lib.rs" ] || {
			printf '%s\n' "$dir"
			return 0
		}
	done
}

# find_libclang: prints the directory of the libclang of $rustc's LLVM, for bindgen, or nothing. By default bindgen
# takes the newest. A libclang newer than bindgen yields structures without fields, and no error (rust-bindgen
# issue 3264).
find_libclang() {
	local file
	for file in "/usr/lib/llvm-$(llvm_major)/lib"/libclang[-.]*so*; do
		[ ! -e "$file" ] || {
			printf '%s\n' "${file%/*}"
			return 0
		}
	done
}

# llvm_major: prints the first number of the version of $rustc's LLVM.
llvm_major() {
	"$rustc" --version --verbose | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'
}

# find_bindgen: prints the path of a bindgen that is not older than the one that the kernel was built with, and
# that can load libclang.
find_bindgen() {
	local wanted file text without_libclang=
	wanted=$(config BINDGEN_VERSION_TEXT)
	wanted=${wanted:-bindgen $oldest_bindgen}
	for file in $(each_candidate bindgen); do
		text=$(version_of "$file")
		case $text in 'bindgen '*) ;; *) continue ;; esac
		printf '%s\n' "$wanted" "$text" | sort -CV || continue
		# This fails only if bindgen cannot load libclang.
		if with_libclang "$file" --formatter=none "$headers/include/generated/utsrelease.h" >/dev/null 2>&1; then
			printf '%s\n' "$file"
			return 0
		fi
		without_libclang=$file
	done
	[ -z "$without_libclang" ] ||
		stop "$needs" "$without_libclang cannot load libclang" "$(fix_libclang "$(llvm_major)")"
	stop "$needs" "needs '$wanted' or later, found $(all_of bindgen)" "$(fix_bindgen)"
}

# with_libclang COMMAND...: runs COMMAND with the libclang that find_libclang found.
with_libclang() {
	if [ -n "$libclang" ]; then
		LIBCLANG_PATH=$libclang "$@"
	else
		"$@"
	fi
}

# find_cc: prints the path of the C compiler that the kernel was built with.
find_cc() {
	local text name file found first=
	text=$(config CC_VERSION_TEXT)
	if [ "$(config CC_IS_CLANG)" = y ]; then
		find_clang "$text"
		return
	fi
	name=${text%% *}
	name=${name##*/}
	for file in $(each_candidate "$name" | grep -x ".*/$name"); do
		found=$(version_of "$file")
		if [ "$found" = "$text" ]; then
			printf '%s\n' "$file"
			return 0
		fi
		[ -z "$found" ] || first=${first:-$file}
	done
	# Another build of it will do.
	[ -n "$first" ] ||
		stop "$needs" "needs the C compiler $name" "$(fix_cc "$name")"
	printf '%s\n' "$first"
}

# find_host_cc: prints the path of the C compiler that links the procedural macros, which $rustc loads: $cc, unless that
# is a gcc for another machine.
find_host_cc() {
	local name file
	if [ "$(config CC_IS_CLANG)" = y ] || is_for_this_machine "$cc"; then
		printf '%s\n' "$cc"
		return
	fi
	name=$(without_prefix "${cc##*/}")
	for file in $(each_candidate "$name" | grep -x ".*/$name") $(each_candidate gcc); do
		! is_for_this_machine "$file" || {
			printf '%s\n' "$file"
			return
		}
	done
	stop "$needs" "needs a C compiler for this machine, beside $cc" "$(fix_command gcc)"
}

# is_for_this_machine GCC: succeeds if GCC makes what $rustc can load. To GCC, 32-bit ARM is arm, and to rustc it is armv7.
is_for_this_machine() {
	local made
	made=$("$1" -dumpmachine 2>/dev/null </dev/null) || return
	case $("$rustc" -vV | sed -n 's/^host: //p') in
	"${made%%-*}"?*) ;;
	*) return 1 ;;
	esac
}

# without_prefix NAME: prints the name of a cross compiler without the system that it is for.
without_prefix() {
	printf '%s\n' "$1" | sed 's/^.*-linux-gnu[a-z0-9]*-//'
}

# find_clang TEXT: prints the path of a clang whose first version number is that in TEXT, and that has LLVM's other
# tools beside it.
find_clang() {
	local wanted file found
	wanted=$(clang_major "$1")
	for file in $(each_candidate clang); do
		[ "$(clang_major "$(version_of "$file")")" = "$wanted" ] || continue
		found=$(readlink -f "$file")
		if [ -x "${found%/*}/ld.lld" ] && [ -x "${found%/*}/llvm-nm" ]; then
			printf '%s\n' "${found%/*}/clang"
			return 0
		fi
	done
	stop "$needs" "needs clang, lld and llvm $wanted, found $(all_of clang)" "$(fix_clang "$wanted")"
}

# clang_major TEXT: prints the first number of a clang's version. Distributions put their names before it.
clang_major() {
	printf '%s\n' "$1" | sed -n 's/^.*clang version \([0-9]*\).*$/\1/p'
}

# rustc_of DIR: prints the compiler for modules that are built with the build directory DIR.
rustc_of() {
	case $kind in
	crates) printf '%s\n' "$rustc" ;;
	linked) printf '%s\n' "$1/rust/rustc" ;;
	esac
}

# clippy_of DIR: prints clippy's compiler for modules that are built with the build directory DIR.
clippy_of() {
	case $kind in
	crates) tool_of_rustc clippy-driver ;;
	linked) printf '%s\n' "$1/rust/clippy-driver" ;;
	esac
}

# tool_of_rustc NAME: prints the path of the command NAME that came with $rustc, or NAME if there is none.
tool_of_rustc() {
	local itself file
	itself=$(readlink -f "$rustc")
	for file in "${rustc%/*}/$1${rustc##*/rustc}" "${itself%/*}/$1${itself##*/rustc}"; do
		[ ! -x "$file" ] || {
			printf '%s\n' "$file"
			return
		}
	done
	printf '%s\n' "$1"
}

# llvm_argument: prints make's argument for kernels that clang has built.
llvm_argument() {
	[ "$(config CC_IS_CLANG)" != y ] || printf 'LLVM=%s/\n' "${cc%/*}"
}

# require_build_tools: stops unless the commands are there that a module's build calls by name.
require_build_tools() {
	command -v make >/dev/null || stop "$needs" "needs make" "$(fix_command make)"
	[ "$kind" != linked ] || [ "$(config CC_IS_CLANG)" != y ] || command -v ld.bfd >/dev/null ||
		stop "$needs" "needs ld.bfd" "$(fix_binutils)"
	command -v readelf >/dev/null || [ -x "${cc%/*}/llvm-readelf" ] || stop "$needs" "needs readelf" "$(fix_binutils)"
}

# The memory in MB that one compiler takes for the metadata, and all that a module's build takes.
metadata_memory=1100
module_memory=400

# free_memory: prints how many MB of memory are free, swap space included.
free_memory() {
	awk '/^(MemAvailable|SwapFree):/ { sum += $2 } END { print int(sum / 1024) }' /proc/meminfo
}

# require_memory MEGABYTES: stops if less memory is free.
require_memory() {
	local free
	free=$(free_memory)
	[ "$free" -ge "$1" ] ||
		stop "$failed" "a compiler needs $1 MB of memory, but only $free MB are free" "$(fix_memory "$1")"
}

# jobs MEGABYTES: prints how many compilers may run at once that take so much memory.
jobs() {
	printf '%s\n' "${parallel:-$(nproc)} $(($(free_memory) / $1))" |
		awk '{ n = $1 < $2 ? $1 : $2; print (n > 0 ? n : 1) }'
}
