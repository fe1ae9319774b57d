#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# series.sh SOURCE: writes the series for the kernel from /mnt/tree, twice, for the sources in the tarball SOURCE, and
# looks at it as those who get it do. Each complaint is a line:
#
#   - of scripts/checkpatch.pl --strict, but for two: it asks whether MAINTAINERS needs an update where that has the new
#     files already, which scripts/get_maintainer.pl says; and a tarball has no history with the commit that is fixed;
#   - of rustfmt, as make rustfmtcheck has it;
#   - that the bytes differ, or that a file has other code than the one that it was made of: not only other paths and
#     another visibility.
#
# Closes with a line that counts patches and complaints.
#
# Exit codes: 0 it has looked; others: a command failed.

set -eu

OXIMOD_AUTHOR='A Name <name@example.org>'
export OXIMOD_AUTHOR
source=$1
name=$(basename "$source" .tar.xz)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
complaints=0

# complain LINES: says them, if any.
complain() {
	[ -n "$1" ] || return 0
	echo "$1"
	complaints=$((complaints + $(echo "$1" | wc -l)))
}

# What get_maintainer.pl takes for a kernel's tree, and what the series changes.
mkdir "$dir/linux" "$dir/again"
tar -x -f "$source" -C "$dir/linux" --strip-components=1 --no-recursion "$name/Documentation" "$name/arch" "$name/drivers" \
	"$name/include" "$name/init" "$name/ipc" "$name/lib" "$name/COPYING" "$name/CREDITS" "$name/Kbuild" "$name/MAINTAINERS" \
	"$name/Makefile" "$name/README" --recursion "$name/fs/proc" "$name/kernel" "$name/rust/bindings" "$name/rust/kernel" \
	"$name/samples/rust" "$name/scripts" "$name/.rustfmt.toml"
/mnt/tree/upstream/series "$dir/series" "$dir/linux" >/dev/null
/mnt/tree/upstream/series "$dir/again" "$dir/linux" >/dev/null
complain "$(diff -rq "$dir/series" "$dir/again" 2>&1 || :)"

cd "$dir/linux"
patches=0
for patch in "$dir"/series/*.patch; do
	case $patch in
	*-cover-letter.patch) continue ;;
	esac
	patches=$((patches + 1))
	complain "$(scripts/checkpatch.pl --strict --terse --show-types --no-summary --ignore FILE_PATH_CHANGES,UNKNOWN_COMMIT_ID "$patch" || :)"
	patch --quiet --strip 1 --fuzz 0 --input "$patch"
done
cat "$dir"/series/*.patch | sed -n '/^new file mode/{n;n;n;s,^+++ b/,,p}' > "$dir/new"
while read -r file; do
	scripts/get_maintainer.pl --no-git --no-git-fallback -f "$file" | grep -qF "$OXIMOD_AUTHOR" ||
		complain "$file: MAINTAINERS does not have it"
done < "$dir/new"
complain "$(scripts/get_maintainer.pl --self-test=sections 2>&1 | grep -F 'RUST [SYSCTL]' || :)"
# Of those files that a series adds, no other ones: rustfmt follows what a file declares.
complain "$(cat "$dir"/series/*.patch | sed -n 's,^+++ b/\(.*\(sysctl\|namespace\).*\.rs\)$,\1,p' | sort -u |
	xargs rustfmt --check --edition 2021 --config skip_children=true 2>&1 | grep -v '^Warning: can.t set' || :)"
complain "$(find . -name '*.orig' -o -name '*.rej')"

# code FILE: prints it without blank lines, visibility and the names of crates.
code() {
	sed '/^$/d; s/pub(\(crate\|super\)) //g; s/\<\(crate\|kernel\)::/the_crate::/g; s/::net::namespace::/::net::/g' "$1"
}

cat /mnt/tree/upstream/[0-9]*/files | grep '^src/' | sort -u > "$dir/made"
while read -r from to; do
	code "/mnt/tree/$from" > "$dir/from"
	code "$to" | sed '/^#\[cfg(CONFIG_RUST_SYSCTL_KUNIT_TEST)\]$/,/^mod kunit;$/d' > "$dir/to"
	complain "$(diff "$dir/from" "$dir/to" || :)"
done < "$dir/made"
echo "$patches patches, $complaints complaints"
