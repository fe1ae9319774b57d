# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Entries for kernels with CONFIG_RUST off: what a module uses of the crates is linked into it. The files that kbuild,
# the compilers and the linker use for that are in linked/. Sourced by rust-kheaders.

# linked_files: prints the paths of the files that such entries are made with, with a null character after each.
linked_files() {
	find "$lib/linked" -type f -print0 | sort -z
}

# can_be_linked: succeeds if linked modules are to be made for this kernel.
can_be_linked() {
	# There must be a facade for the crate of the series.
	[ -e "$lib/linked/$(series).patch" ] && { is_booted || [ -n "$try_linked" ] || has_linked_entry; }
}

# is_booted: succeeds if tests have booted this kernel with linked modules.
is_booted() {
	local pattern
	while read -r pattern; do
		# shellcheck disable=SC2254 # a pattern
		case $release in
		$pattern) return 0 ;;
		esac
	done <"$lib/linked/kernels"
	return 1
}

# has_linked_entry: succeeds if somebody has asked for an entry of this kernel before, with --linked.
has_linked_entry() {
	local done
	for done in "$cache/$release"/*/done "$(packaged_says 1)/done"; do
		! grep -qs linked "${done%/done}/about" || return 0
	done
	return 1
}

# require_linkable: stops if Rust code cannot be linked into modules of this kernel.
require_linkable() {
	[ "$(config RANDSTRUCT)" != y ] ||
		stop "$skipped" "this kernel has its structures in random order (CONFIG_RANDSTRUCT), and Rust cannot know it"
	[ "$(config CFI_CLANG)$(config CFI)" = '' ] || [ "$(config CFI_ICALL_NORMALIZE_INTEGERS)" = y ] ||
		stop "$skipped" "this kernel checks calls by C's integer types (CONFIG_CFI without CONFIG_CFI_ICALL_NORMALIZE_INTEGERS), and Rust has others"
}

# The oldest rustc and bindgen that do: these pad functions as the kernel does, and read its headers.
oldest_rustc=1.81.0
oldest_bindgen=0.65.1

# find_any_rustc: prints the path of the first compiler that is new enough and has the sources of its library.
find_any_rustc() {
	local file version without_sources=
	for file in ${RUSTC:+"$RUSTC"} $(each_candidate rustc); do
		file=$(compiler_itself "$file")
		version=$(version_in "$(version_of "$file")")
		is_not_older "$version" "$oldest_rustc" || continue
		if [ -n "$(library_sources "$file" "$version")" ]; then
			printf '%s\n' "$file"
			return 0
		fi
		without_sources=${without_sources:-$file}
	done
	[ -z "$without_sources" ] ||
		stop "$needs" "needs the sources of the library of $without_sources" "$(fix_rust_src "$(version_of "$without_sources")")"
	stop "$needs" "needs rustc $oldest_rustc or later with the sources of its library, found $(all_of rustc)" "$(fix_any_rustc)"
}

# is_not_older VERSION THAN
is_not_older() {
	[ -n "$1" ] && printf '%s\n' "$2" "$1" | sort -CV
}

# add_facade: puts the facade before the kernel's own crate.
add_facade() {
	patch -d "$entry/source" -p1 --no-backup-if-mismatch -F 1 <"$lib/linked/$(series).patch"
	mv "$entry/source/rust/kernel" "$entry/source/rust/real"
	cp -r "$lib/linked/kernel" "$lib/linked/pin_init.rs" "$lib/linked/Kbuild" "$entry/source/rust/"
	cp "$lib/linked/printk.c" "$entry/source/rust/helpers/"
	# Clippy is not to ask for less than what is needed here.
	sed -i "s/^msrv = .*/msrv = \"$oldest_rustc\"/" "$entry/source/.clippy.toml"
}

# prepare_linked: turns CONFIG_RUST on for the crates alone: no header mentions it.
prepare_linked() {
	local version option
	mkdir "$entry/build/rust"
	cp "$lib/linked/crates.lds" "$entry/build/rust/"
	cp "$lib/linked/objtool" "$entry/build/rust/"
	sed "s|@rustc@|$rustc|; s|@clippy@|$(tool_of_rustc clippy-driver)|" "$lib/linked/rustc" >"$entry/build/rust/rustc"
	chmod 755 "$entry/build/rust/rustc" "$entry/build/rust/objtool"
	ln -s rustc "$entry/build/rust/clippy-driver"

	mkdir -p "$entry/build/include/config" "$entry/build/include/generated"
	version=$(version_in "$(version_of "$rustc")")
	{
		grep -v '^CONFIG_RUSTC_\(LLVM_\)\?VERSION=' "$headers/include/config/auto.conf"
		echo CONFIG_RUST=y
		echo CONFIG_RUST_OVERFLOW_CHECKS=y
		echo "CONFIG_RUSTC_VERSION=$(version_number "$version" 100000)"
		echo "CONFIG_RUSTC_LLVM_VERSION=$(version_number "$("$rustc" -vV | sed -n 's/^LLVM version: //p')" 10000)"
	} >"$entry/build/include/config/auto.conf"
	# The empty files beside it only tell when an option has changed.
	find "$headers/include/config" -type f -size +0 ! -name auto.conf -exec ln -s -t "$entry/build/include/config" {} +
	{
		cat "$headers/include/generated/rustc_cfg"
		for option in CONFIG_RUST CONFIG_RUST_OVERFLOW_CHECKS; do
			printf '%s\n' "--cfg=$option" "--cfg=$option=\"y\""
		done
	} >"$entry/build/include/generated/rustc_cfg"
}

# version_number VERSION FACTOR: prints it as Kconfig does: rustc's 1.85.1 is 108501, and LLVM's 19.1.7 is 190107.
version_number() {
	printf '%s\n' "$1" | awk -F '[.-]' -v factor="$2" '{ print $1 * factor + $2 * 100 + $3 }'
}

# check_linked: fails unless the crates were compiled as the kernel was, and agree with C about its structures.
check_linked() {
	local found file
	measure_structures "$entry/tmp/structures" || return
	found=$(
		missing_flags target "$entry/build/scripts/target.json"
		for file in "$entry/build/rust"/.*.o.cmd; do
			missing_flags rust "$file"
		done
		for file in "$entry/build/rust/helpers"/.*.o.cmd; do
			missing_flags c "$file"
		done
		different_structures "$entry/tmp/structures"
	)
	printf '%s\n' "$found" | sort -u
	[ -z "$found" ]
}

# missing_flags WHERE FILE: prints what FILE lacks of what the kernel's configuration means for code: a file of kbuild
# with the command of a compiler, rust or c, or rustc's target specification.
missing_flags() {
	local option where flag
	while read -r option where flag; do
		[ "$where" = "$1" ] && [ "$(config "$option")" = y ] || continue
		grep -qF -e "$flag" "$2" ||
			echo "error: the kernel has CONFIG_$option, and Rust code in it would be without $flag"
	done <"$lib/linked/flags"
}

# linked_faults DIR: prints what is wrong with the modules that were built in DIR for such a kernel.
linked_faults() {
	find "$1" -name '.*.o.cmd' -exec grep -l -e '--extern kernel' {} + | while read -r object; do
		missing_flags rust "$object"
	done
}

# measure_structures DIR: makes DIR/c.bin and DIR/rust.bin, with the sizes and offsets of structures in C and in the
# bindings, and DIR/names.
measure_structures() {
	mkdir "$1"
	cp "$lib/linked/structures/Kbuild" "$1"
	awk -v dir="$1" -f "$lib/linked/structures/sources.awk" "$lib/linked/structures/list"
	build_module "$entry/build" "$1"
}

# different_structures DIR: prints on what C and the bindings do not agree.
different_structures() {
	numbers "$1/c.bin" >"$1/c"
	numbers "$1/rust.bin" >"$1/rust"
	paste -d ' ' "$1/names" "$1/c" "$1/rust" |
		awk 'NF != 3 || $2 != $3 { names = names " " $1 } END { if (names) print "error: C and bindgen do not agree on" names }'
}

# numbers FILE: prints the 64-bit numbers in FILE, one a line.
numbers() {
	od -An -v -t u8 -w8 "$1" | tr -d ' '
}

# finish_linked: a module whose build_assert!() fails is not to link.
finish_linked() {
	rm -r "$entry/build/rust/helpers" "$entry/build/rust/build_error.o"
}
