#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kheaders-bench.sh: measures rust-kheaders beside the plain way to the same metadata, with two kernels of one
# version: the wall and processor time of each step in seconds, the largest process in MB, and what stays on the disk.
# Prints tables. Needs a root that forge.sh has made.
#
# Exit codes: 0 measured; others: a command failed.

set -eu

kheaders=/mnt/tree/kheaders/rust-kheaders
release=$(head -n 1 /usr/local/share/releases)
second=$(cd /lib/modules && ls -d "${release%%+*}"*cloud*)
series=$(echo "$release" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
# In memory, as what a disk does differs from run to run.
dir=$(mktemp -d)
mount -t tmpfs -o size=4g,mode=755 tmpfs "$dir"
trap 'umount "$dir"' EXIT

# measure NAME COMMAND...: prints one line, and keeps what COMMAND said in $dir/log.
measure() {
	name=$1
	shift
	command time -o "$dir/time" -f '%e %U %S %M' "$@" >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		exit 1
	}
	awk -v name="$name" '{ printf "%-34s %7.2f %7.2f %6d\n", name, $1, $2 + $3, $4 / 1024 }' "$dir/time" | tee -a "$dir/lines"
}

# share NAME LINE WALL CPU: prints what share of the plain way the first line called LINE took, beside the goals.
share() {
	awk -v name="$1" -v line="$2" -v goals="$3 $4" '
		/^plain: / { wall += $(NF - 2); cpu += $(NF - 1) }
		index($0, line) == 1 { w = $(NF - 2); c = $(NF - 1) }
		END {
			split(goals, goal)
			printf "%s: %.2f of the wall time (goal %s), %.2f of the processor time (goal %s)\n", name, w / wall, goal[1], c / cpu, goal[2]
		}' "$dir/lines"
}

printf '%-34s %7s %7s %6s\n' "$release" wall cpu MB
mkdir "$dir/source" "$dir/build"
measure 'plain: unpack' tar -xf "/usr/src/linux-source-$series.tar.xz" -C "$dir/source" --strip-components=1
cp "/lib/modules/$release/build/.config" "$dir/build/"
measure 'plain: olddefconfig' make -C "$dir/source" O="$dir/build" olddefconfig
measure 'plain: prepare' make -C "$dir/source" O="$dir/build" -j"$(nproc)" prepare
plain=$(du -sm "$dir/source" "$dir/build" | awk '{ sum += $1 } END { print sum }')
rm -r "$dir/source" "$dir/build"

measure 'rust-kheaders build, cold' $kheaders build --cache "$dir/cache" "$release"
sed -n 's/^rust-kheaders: .*: \(.*\) \.\.\. \(.*\) s$/\1 \2/p' "$dir/log" | awk '{ seconds = $NF; NF--; printf "  %-32s %7.2f\n", $0, seconds }'
entry=$(dirname "$(tail -n 1 "$dir/log")")
measure 'rust-kheaders build, a second' $kheaders build --cache "$dir/cache" "$second"
for command in build path check; do
	# The first call after a build looks at everything.
	for _ in 1 2; do
		$kheaders $command --cache "$dir/cache" "$release" >/dev/null
	done
	measure "rust-kheaders $command, warm" $kheaders $command --cache "$dir/cache" "$release"
done

share cold 'rust-kheaders build, cold' 0.40 0.45
share second 'rust-kheaders build, a second' 0.25 -
echo 'warm: goal 0.05 s'
du -sm "$entry" "$dir/cache/shared" | awk -v plain="$plain" '
	{ size[NR] = $1 }
	END { printf "on the disk: %d MB, and %d MB that kernels share (goal 120 for an entry); plain: %d MB\n", size[1], size[2], plain }'
