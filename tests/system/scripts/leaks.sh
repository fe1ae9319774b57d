#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# leaks.sh: builds the module twice, the second time with much in the environment that make, kbuild, the compilers
# and others honour. Then calls make without M in the build directory.
#
# Exit codes: 0 the same bytes, and the headers are as they were; 1 not so, and what was found is printed.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

# module DIR: builds the module in a copy of its source in DIR, and prints the digest of its bytes.
module() {
	rm -rf /tmp/module
	cp -r /usr/src/oximod-* /tmp/module
	(
		cd /tmp/module || exit
		rust-kheaders module --name oximod "$release" >/tmp/said 2>&1
	) || fail "$(cat /tmp/said)"
	sha256sum </tmp/module/oximod.ko
}

expected=$(module)
found=$(
	umask 077
	for name in ARCH CROSS_COMPILE CC HOSTCC LD LLVM LLVM_IAS RUSTC_BOOTSTRAP KBUILD_OUTPUT O M KBUILD_EXTMOD \
		KBUILD_MODPOST_WARN RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER CARGO BINDGEN CPATH C_INCLUDE_PATH \
		COMPILER_PATH GCC_EXEC_PREFIX MAKEFILES TMPDIR RUST_LIB_SRC KBUILD_SIGN_PIN; do
		export $name=/nowhere
	done
	export MAKEFLAGS=n GNUMAKEFLAGS=-n KCFLAGS=-DLEAK=1 KAFLAGS=-x KRUSTFLAGS=--cfg=leak RUSTFLAGS=--cfg=leak \
		BINDGEN_EXTRA_CLANG_ARGS=-DLEAK RUSTC_LOG=debug LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 TZ=Asia/Tokyo \
		SOURCE_DATE_EPOCH=1 POSIXLY_CORRECT=1 GREP_OPTIONS=-v CDPATH=/tmp IFS=x V=2 W=123 C=2 KBUILD_VERBOSE=2
	module
)
[ "$found" = "$expected" ] || fail "other bytes: $found" "$(cat /tmp/said)"
[ "$(rust-kheaders status | wc -l)" = 1 ] || fail "$(rust-kheaders status)"

find -L "$headers" -type f -exec sha256sum {} + | sort >/tmp/before
for arguments in '' clean mrproper modules olddefconfig; do
	# shellcheck disable=SC2046,SC2086 # lists of words
	said=$(make $(rust-kheaders path --make "$release") $arguments 2>&1) && fail "make $arguments went on"
	case $said in
	*'builds modules only; to fix: make -C '*' M=DIR.'*) ;;
	*) fail "make $arguments:" "$said" ;;
	esac
done
find -L "$headers" -type f -exec sha256sum {} + | sort | cmp /tmp/before - || fail "the headers have changed"
