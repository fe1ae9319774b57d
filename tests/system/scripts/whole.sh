#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# whole.sh: uses the directory that rust-kheaders made as authors of modules and their tools do, with the sample
# skeleton. Prints what each of them found.
#
# Exit codes: 0 used; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
{
	update
	install rustfmt
} >/dev/null 2>&1

release=$(head -n 1 /usr/local/share/releases)
kheaders=/mnt/tree/kheaders/rust-kheaders
build=$($kheaders path "$release")
dir=$(mktemp -d)
cp -L /mnt/tree/samples/skeleton.rs "$dir"
cp -rL /mnt/tree/samples/sysctl.rs /mnt/tree/samples/sysctl "$dir"
echo 'obj-m := skeleton.o' >"$dir/Kbuild"
cd "$dir"

# in_tree TARGET...: what authors call.
in_tree() {
	make -C "$build" M="$PWD" "$@" >"$dir/log" 2>&1 || {
		cat "$dir/log"
		exit 1
	}
}

in_tree rust-analyzer
python3 - <<'EOF'
import json, os

project = json.load(open("rust-project.json"))
paths = [project["sysroot"]]
for crate in project["crates"]:
    paths.append(crate["root_module"])
    paths += crate.get("source", {}).get("include_dirs", [])
    paths += filter(None, [crate.get("proc_macro_dylib_path")])
    paths += [value for value in crate.get("env", {}).values() if value.startswith("/")]
names = [crate["display_name"] for crate in project["crates"]]
missing = [path for path in paths if not os.path.exists(path)]
print("rust-analyzer:", "kernel" in names and "skeleton" in names, len(paths) > 20, missing)
EOF

echo 'fn forgotten() { dbg!(1); }' >>skeleton.rs
in_tree CLIPPY=1 modules
echo "clippy: $(grep -c 'the .dbg. macro is intended as a debugging tool\|use of a disallowed macro' log)"
sed -i '$d' skeleton.rs

in_tree skeleton.rsi skeleton.ll skeleton.s
echo "expanded: $(grep -c 'fn init' skeleton.rsi) $(grep -c '^define' skeleton.ll) $(grep -c '@function' skeleton.s)" |
	sed 's/ [1-9][0-9]*/ some/g'

in_tree modules
in_tree INSTALL_MOD_PATH="$dir/installed" modules_install
echo "installed: $(find installed -name 'skeleton.ko*' | sed "s/$release/RELEASE/")"

echo "available: $(cd "$build" && RUSTC=rustc BINDGEN=bindgen CC=gcc ../source/scripts/rust_is_available.sh && echo yes)"

page=$($kheaders doc "$release" 2>/dev/null)
echo "documented: $(grep -c 'Crate <span>kernel\|<title>kernel - Rust' "$page")"
page=$($kheaders doc --module "$release" 2>/dev/null)
echo "documented: ${page#"$dir"} $(grep -o "file://[^\"]*/doc/kernel/[^\"]*" -r --include='*.html' doc | sed 's/^.*file:..//' | sort -u | while read -r file; do
	[ -e "${file%%#*}" ] || echo "no $file"
done)"
