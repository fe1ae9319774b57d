# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Building modules and looking at them. Sourced by rust-kheaders.

# build_checked DIR MODULE LOG: builds the modules in MODULE with the build directory DIR, and looks at them. What is said
# goes to the file LOG.
build_checked() {
	local found
	build_module "$1" "$2" >>"$3" 2>&1 || return
	found=$(faults "$2")
	[ -z "$found" ] || {
		printf '%s\n' "$found" >>"$3"
		return 1
	}
}

# build_module DIR MODULE: code for --install does not depend on where it is built.
build_module() {
	local dir=$1 module=$2
	shift 2
	[ -z "$install_dir" ] || set -- KCFLAGS="-ffile-prefix-map=$module=." KRUSTFLAGS="--remap-path-prefix=$module=."
	# shellcheck disable=SC2046 # no word or one
	PATH=$PATH:${cc%/*} make -C "$dir" -j"$(jobs "$module_memory")" RUSTC="$(rustc_of "$dir")" $(llvm_argument) \
		KERNELRELEASE="$release" M="$module" "$@" modules
}

# faults DIR: prints what is wrong with the modules that were built in DIR.
faults() {
	local modules module found
	modules=$(built_modules "$1")
	[ -n "$modules" ] || echo "error: no module was built"
	for module in $modules; do
		[ -f "$module" ] || {
			echo "error: no module was built"
			continue
		}
		found=$(repeated_sections "$module")
		[ -z "$found" ] ||
			echo "error: ${module##*/} has more than one section $found, and the kernel takes one"
		found=$(modinfo -F vermagic "$module")
		[ "${found%% *}" = "$release" ] ||
			echo "error: ${module##*/} is for the kernel '${found%% *}'"
		found=$(unknown "$1" "$module")
		[ -z "$found" ] ||
			echo "error: the kernel does not export what ${module##*/} needs: $found"
		[ -z "$no_panic" ] || ! can_panic "$module" || echo "error: ${module##*/} can panic"
	done
	[ "$kind" != linked ] || linked_faults "$1"
}

# built_modules DIR: prints the paths of the modules that were built in DIR. In newer kernels the list has them relative to it.
built_modules() {
	sed "s|^[^/]|$1/&|; s|\.k\{0,1\}o\$|.ko|" "$1/modules.order" 2>/dev/null
}

# can_panic MODULE: succeeds if it needs, or has, what Rust's library calls before a panic.
can_panic() {
	readelf -sW "$1" | awk '$8 ~ /^_R.*(panicking|unwrap_failed$|expect_failed$|_fail(_rt)?$)/ { found = 1 } END { exit !found }'
}

readelf() {
	if [ -x "${cc%/*}/llvm-readelf" ] && [ "$(config CC_IS_CLANG)" = y ]; then
		"${cc%/*}/llvm-readelf" "$@"
	else
		command readelf "$@"
	fi
}

# repeated_sections MODULE: prints the names that more than one of its sections have that are loaded. The kernel looks
# sections up by their names. The linker keeps those apart whose flags differ, and other compilers set other flags.
repeated_sections() {
	readelf -SW "$1" | sed -n 's/^ *\[ *[0-9]*\] //p' |
		awk '$7 ~ /A/ && $1 !~ /^\.note/ && ++seen[$1] == 2 { print $1 }' | paste -s -d ' '
}

# unknown DIR MODULE: prints the symbols that MODULE needs and neither the kernel nor a module in DIR exports, with a
# checksum where the kernel compares these.
unknown() {
	{
		cat "$headers/Module.symvers" "$1/Module.symvers" 2>/dev/null |
			awk -v versions="$(config MODVERSIONS)" 'versions != "y" || $1 != "0x00000000" { print "exported", $2 }'
		imports "$2"
	} | awk '$1 == "exported" { known[$2]; next } !($1 in known)' | paste -s -d ' '
}

# imports MODULE: prints the symbols that MODULE needs.
imports() {
	readelf -sW "$1" | awk '$5 == "GLOBAL" && $7 == "UND" { print $8 }'
}

# try_directory DIR LOG: builds a small module with the build directory DIR and looks at it. What is said goes to the
# file LOG.
try_directory() {
	local dir code
	dir=$(mktemp -d) || return
	cp "$lib/probe.rs" "$dir"
	echo 'obj-m := probe.o' >"$dir/Kbuild"
	build_checked "$1" "$dir" "$2"
	code=$?
	rm -rf "$dir"
	return $code
}

# works DIR: succeeds if a module can be built with the build directory DIR. Otherwise prints the first error. Tries
# it once for each state of the files.
works() {
	local log code
	[ ! -e "$cache/$release/$(works_name "$1")" ] || return 0
	log=$(mktemp) || return
	if try_directory "$1" "$log"; then
		remember "$cache/$release/$(works_name "$1")" yes
		code=0
	else
		first_error "$log"
		code=1
	fi
	rm -f "$log"
	return $code
}

works_name() {
	printf 'works-%s\n' "$(state "$1" "$1"/rust/* "${1%/build}/source/." "$rustc" "$cc")"
}
