#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# rustdoc.sh DIR RELEASE OUT: documents every Rust module in DIR, a folder with a Kbuild file, as
# rust/Makefile documents the kernel's crates: with rustdoc, and the flags that kbuild gives rustc.
# The pages are written to OUT/MODULE/index.html.
#
# It builds a copy of DIR for the kernel RELEASE. The headers of RELEASE must be ready: rust-kheaders
# build RELEASE.
#
# Exit codes: 0 documented; 1 a module does not build, rustdoc warns, or a link to the kernel's
# sources leads nowhere; 2 wrong usage; others are those of rust-kheaders.

set -eu

if [ $# -ne 3 ]; then
	sed -n 's/^# \(rustdoc\.sh [A-Z ]*\):.*$/usage: \1/p' "$0" >&2
	exit 2
fi
kheaders=$(dirname "$(readlink -f "$0")")/../../../kheaders/rust-kheaders
release=$2
mkdir -p "$3"
out=$(readlink -f "$3")
log=$(mktemp)
dir=$(mktemp -d)
trap 'rm -rf "$dir" "$log" "$log.private"' EXIT
cp -rL "$1/." "$dir"

build=$("$kheaders" path "$release")
make=$("$kheaders" path --make "$release")
# shellcheck disable=SC2086 # a list of words
make $make M="$dir" modules >"$log" 2>&1 || {
	cat "$log" >&2
	exit 1
}

# document MODULE OPTION...: runs rustdoc with the command line that compiled MODULE, without what
# rustdoc does not take: the output files, and what follows the compiler.
document() {
	module=$1
	shift
	command=$(sed -n "s|^savedcmd_.*$module\.o := ||p" ".$module.o.cmd")
	command=$(printf '%s\n' "${command%% ; *}" |
		sed 's| --out-dir [^ ]*||; s| --emit=[^ ]*||g; s|\(/[^ ]*/\)rustc\([-.0-9]*\) |\1rustdoc\2 "$@" |')
	eval "RUSTC_BOOTSTRAP=1 $command"
}

cd "$dir"
for file in *.rs; do
	module=${file%.rs}
	[ -f ".$module.o.cmd" ] || continue
	for options in "--out-dir $out" "--out-dir $log.private --document-private-items"; do
		# shellcheck disable=SC2086 # a list of words
		document "$module" $options -Dwarnings --crate-name "$module" \
			--extern-html-root-url core=https://rust.docs.kernel.org \
			--extern-html-root-url kernel=https://rust.docs.kernel.org || exit 1
	done
	[ -f "$out/$module/index.html" ] || {
		echo "rustdoc.sh: $out/$module/index.html was not made" >&2
		exit 1
	}
done

# "srctree/" stands for the kernel's sources.
srctree=$(sed -n 's/^include[[:blank:]]*\(\/.*\)\/Makefile$/\1/p' "$build/Makefile")
srctree=${srctree:-$build}
find "$out" -name '*.html' -exec sed -n 's/.*<a href="srctree\/\([^"#]*\).*/\1/p' {} + | sort -u >"$log"
while read -r file; do
	[ -e "$srctree/$file" ] || {
		echo "rustdoc.sh: srctree/$file does not exist in $srctree" >&2
		exit 1
	}
done <"$log"
find "$out" -name '*.html' -exec sed -i "s|<a href=\"srctree/|<a href=\"$srctree/|g" {} +
