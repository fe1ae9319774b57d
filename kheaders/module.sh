# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Building modules and looking at them. Sourced by rust-kheaders.

# build_module DIR MODULE: builds the modules in MODULE with the build directory DIR.
build_module() {
	# shellcheck disable=SC2046 # no word or one
	PATH=$PATH:${cc%/*} make -C "$1" -j"$(jobs "$module_memory")" RUSTC="$rustc" $(llvm_argument) KERNELRELEASE="$release" M="$2" modules
}

# require_loadable DIR: prints what is wrong with the modules that were built in DIR, and fails, unless the kernel
# would load them.
require_loadable() {
	local module found unknown
	[ -s "$1/modules.order" ] || {
		echo "error: no module was built"
		return 1
	}
	for module in "$1"/*.ko; do
		[ -f "$module" ] || {
			echo "error: no module was built"
			return 1
		}
		found=$(sections "$module" | grep -cx '.modinfo')
		[ "$found" = 1 ] || {
			echo "error: ${module##*/} has $found sections .modinfo, and the kernel takes one"
			return 1
		}
		found=$(modinfo -F vermagic "$module")
		[ "${found%% *}" = "$release" ] || {
			echo "error: ${module##*/} is for the kernel '${found%% *}'"
			return 1
		}
		found=$(machine "$module")
		[ "$found" = "$(kernels_machine)" ] || {
			echo "error: ${module##*/} is for $found, and the kernel for $(kernels_machine)"
			return 1
		}
		unknown=$(unknown "$1" "$module")
		[ -z "$unknown" ] || {
			echo "error: the kernel does not export what ${module##*/} needs: $unknown"
			return 1
		}
	done
}

readelf() {
	if [ -x "${cc%/*}/llvm-readelf" ] && [ "$(config CC_IS_CLANG)" = y ]; then
		"${cc%/*}/llvm-readelf" "$@"
	else
		command readelf "$@"
	fi
}

# sections MODULE: prints the names of its sections.
sections() {
	readelf -SW "$1" | sed -n 's/^ *\[ *[0-9]*\] \([^ ]*\) .*$/\1/p'
}

# machine FILE: prints the processor that the ELF file FILE is for.
machine() {
	readelf -h "$1" | sed -n 's/^ *Machine: *//p'
}

# kernels_machine: prints the same for the kernel.
kernels_machine() {
	case $(config X86_64)-$(config ARM64)-$(config ARM)-$(config LOONGARCH)-$(config RISCV) in
	y-*) echo 'Advanced Micro Devices X86-64' ;;
	-y-*) echo AArch64 ;;
	--y-*) echo ARM ;;
	---y-*) echo LoongArch ;;
	----y) echo RISC-V ;;
	esac
}

# unknown DIR MODULE: prints the symbols that MODULE needs and neither the kernel nor a module in DIR exports.
unknown() {
	{
		cat "$headers/Module.symvers" "$1/Module.symvers" 2>/dev/null | cut -f 2 | sed 's/^/exported /'
		readelf -sW "$2" | awk '$5 == "GLOBAL" && $7 == "UND" { print $8 }'
	} | awk '$1 == "exported" { known[$2]; next } !($1 in known)' | paste -s -d ' '
}

# try_directory DIR: builds a small module with the build directory DIR and looks whether the kernel would load it.
try_directory() {
	local dir code
	dir=$(mktemp -d) || return
	cp "$lib/probe.rs" "$dir"
	echo 'obj-m := probe.o' >"$dir/Kbuild"
	build_module "$1" "$dir" && require_loadable "$dir"
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
	if try_directory "$1" >"$log" 2>&1; then
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
	printf 'works-%s\n' "$(state "$1" "$rustc" "$cc")"
}
