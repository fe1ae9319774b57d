# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The tools that make the metadata. Sourced by rust-kheaders.

# commands NAME: prints the path of every command NAME or NAME-VERSION, in the order of $PATH. Resolves
# links in directories: /bin and /usr/bin are the same, and the caller decides which comes first.
commands() {
	{
		command -v "$1"
		(
			IFS=:
			for dir in $PATH; do
				printf '%s\n' "$dir/$1"-[0-9]*
			done
			printf '%s\n' /usr/lib/rust-[0-9]*/bin/"$1"
		)
	} | while read -r file; do
		[ ! -x "$file" ] || printf '%s/%s\n' "$(cd -P "${file%/*}" && pwd)" "${file##*/}"
	done
}

# find_rustc TEXT: sets rustc to the compiler whose full version string is TEXT.
find_rustc() {
	wanted=$1
	version=${wanted#rustc }
	version=${version%% *}
	found=
	for rustc in ${RUSTC:+"$RUSTC"} $(commands rustc); do
		text=$("$rustc" --version 2>/dev/null) || continue
		[ "$text" != "$wanted" ] || return 0
		found="${found:+$found, }$rustc ($text)"
	done
	package=$(debian_package "$version" rustc "rustc-${version%.*}")
	case $package in
	# apt does not downgrade these packages along with rustc by itself.
	rustc=*) package="$package libstd-rust-dev=${package#*=} rust-src=${package#*=}" ;;
	esac
	stop "$needs" "needs '$wanted', found ${found:-no rustc}" "$package" "$(fedora_package rust)"
}

# find_rust_src: sets rust_src to the sources of the standard library of $rustc.
find_rust_src() {
	rust_src=/usr/src/rustc-$version/library
	if [ ! -d "$rust_src" ]; then
		rust_src=$(readlink -m "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library")
		case $rust_src in
		/usr/src/rustc-*) found=${rust_src%/library} rust_src=/nonexistent ;;
		*) found="none in $rust_src" ;;
		esac
	fi
	[ -f "$rust_src/core/src/lib.rs" ] ||
		stop "$needs" "needs the sources of Rust's library $version, found $found" \
			"$(debian_package "$version" rust-src "rust-${version%.*}-src")" "$(fedora_package rust-src)"
}

# choose_libclang: makes bindgen use the libclang of $rustc's LLVM, if installed. By default bindgen takes
# the newest. A libclang newer than bindgen yields structures without fields, and no error (rust-bindgen
# issue 3264).
choose_libclang() {
	llvm=$("$rustc" --version --verbose | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
	for file in "/usr/lib/llvm-$llvm/lib"/libclang[-.]*so*; do
		[ ! -e "$file" ] || export LIBCLANG_PATH="${LIBCLANG_PATH:-${file%/*}}"
	done
}

# find_bindgen: sets bindgen. It must not be older than the one that the kernel was built with.
find_bindgen() {
	choose_libclang
	wanted=$(config BINDGEN_VERSION_TEXT)
	found=
	for bindgen in $(commands bindgen); do
		text=$("$bindgen" --version 2>/dev/null) || continue
		if printf '%s\n' "$wanted" "$text" | sort -CV; then
			bindgen_text=$text
			# This fails only if bindgen cannot load libclang.
			"$bindgen" --formatter=none "$headers/include/generated/utsrelease.h" >/dev/null 2>&1 ||
				stop "$needs" "$bindgen cannot load libclang" libclang-dev clang-devel
			return 0
		fi
		found="${found:+$found, }$bindgen ($text)"
	done
	stop "$needs" "needs '$wanted' or later, found ${found:-no bindgen}" bindgen bindgen-cli
}

# find_cc: sets cc to the C compiler of the kernel. It also links the procedural macros.
find_cc() {
	cc=$(config CC_VERSION_TEXT)
	cc=${cc%% *}
	command -v "$cc" >/dev/null ||
		stop "$needs" "needs the C compiler $cc" "$(printf '%s\n' "$cc" | sed 's/^.*-linux-gnu-//')" gcc
	command -v make >/dev/null || stop "$needs" "needs make" make make
}

# debian_package VERSION NAME...: prints NAME=VERSION-REVISION for the first package that apt knows in
# that upstream version. If there is none, prints the first NAME.
debian_package() {
	upstream=$1
	shift
	apt-cache madison "$@" 2>/dev/null | awk -v version="$upstream" -v name="$1" '
		index($3, version) == 1 && substr($3, length(version) + 1, 1) ~ /[-+~]/ {
			name = $1 "=" $3
			exit
		}
		END { print name }'
}

# fedora_package NAME: prints NAME-VERSION[-RELEASE] for the rustc whose version string is $wanted. On
# Fedora the string ends with the package: "rustc 1.91.0 (... 2025-10-28) (Fedora 1.91.0-1.fc43)".
fedora_package() {
	package=$(printf '%s\n' "$wanted" | sed -n 's/^.*(\(Fedora\|Red Hat\) \([^ ()]*\))$/\2/p')
	printf '%s\n' "$1-${package:-$version}"
}
