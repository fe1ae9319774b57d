# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Finishing modules: as those that come with the kernel are. Sourced by rust-kheaders.

# install_modules DIR: puts the modules that were built in the working directory into DIR, without debug information, signed
# if there is a command for that, and compressed as the kernel's own are. Prints their paths.
install_modules() {
	local module copy
	mkdir -p "$1" || stop "$failed" "cannot write to $1"
	for module in $(built_modules "$here"); do
		copy=$1/${module##*/}
		without_debug "$module" "$copy" || stop "$failed" "cannot write $copy"
		[ -z "$sign_command" ] || sign_module "$copy"
		compress_module "$copy" || stop "$failed" "cannot compress $copy"
	done
}

# without_debug MODULE TO: copies MODULE without its debug information. The build id is made of that, too, which has paths in it.
# So it gets another one, of what is left.
without_debug() {
	"$(binutil strip)" --strip-debug -o "$2" "$1" || return
	readelf -SW "$2" | grep -q ' \.note\.gnu\.build-id ' || return 0
	"$(binutil objcopy)" --dump-section .note.gnu.build-id="$2.id" "$2" &&
		set_build_id "$2" 0000000000000000000000000000000000000000 &&
		set_build_id "$2" "$(sha1sum <"$2" | cut -c 1-40)" && rm "$2.id"
}

# set_build_id MODULE HEX: the note of the build id, MODULE.id, has a head of 16 bytes.
set_build_id() {
	local byte
	{
		head -c 16 "$1.id"
		for byte in $(printf '%s\n' "$2" | sed 's/../0x& /g'); do
			# shellcheck disable=SC2059 # an escape
			printf "\\$(printf %03o "$byte")"
		done
	} >"$1.new"
	mv "$1.new" "$1.id" && "$(binutil objcopy)" --update-section .note.gnu.build-id="$1.id" "$1"
}

# binutil NAME: prints the path of this tool for the kernel's architecture.
binutil() {
	case $(config CC_IS_CLANG) in
	y) printf '%s\n' "${cc%/*}/llvm-$1" ;;
	*) printf '%s\n' "${cc%gcc*}$1" ;;
	esac
}

# sign_module MODULE: has $sign_command make the signature, in the caller's own environment, and appends it.
sign_module() {
	local signer
	signer=$(command -v module-signing || command -v "$lib/../signing/module-signing") ||
		stop "$needs" "needs module-signing to append a signature" "$(fix_command module-signing)"
	(
		eval "$callers_environment"
		cd "$here" && exec sh -c "$sign_command"
	) <"$1" >"$1.p7s" || {
		rm -f "$1" "$1.p7s"
		stop "$failed" "no signature for ${1##*/}: '$sign_command' failed"
	}
	"$signer" attach "$1" "$1.p7s" || {
		rm -f "$1" "$1.p7s"
		exit "$failed"
	}
	rm "$1.p7s"
}

# compress_module MODULE: see scripts/Makefile.modinst in the kernel. Prints its path then.
compress_module() {
	if [ "$(config MODULE_COMPRESS_XZ)" = y ]; then
		run_packer xz --threads=1 --check=crc32 --lzma2=dict=1MiB -f "$1" && printf '%s\n' "$1.xz"
	elif [ "$(config MODULE_COMPRESS_ZSTD)" = y ]; then
		run_packer zstd --rm -f -q "$1" && printf '%s\n' "$1.zst"
	elif [ "$(config MODULE_COMPRESS_GZIP)" = y ]; then
		run_packer gzip -n -f "$1" && printf '%s\n' "$1.gz"
	else
		printf '%s\n' "$1"
	fi
}

run_packer() {
	command -v "$1" >/dev/null || stop "$needs" "needs $1: the kernel's modules are compressed with it" "$(fix_command "$1")"
	"$@"
}
