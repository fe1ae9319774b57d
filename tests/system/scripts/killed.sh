#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# killed.sh SECONDS...: for each of these times, starts rust-kheaders and kills it then with all that it has
# started, as if the power went. Then kills it alone a few times, which leaves what it has started running.
# At last, two runs at once make the entry. After every run, either there is no entry or it is whole.
# The last line says how many of the runs for SECONDS were killed; the others had finished by then.
#
# Exit codes: 0 all went as it must; 1 not so, and what was found is printed.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

cache=/tmp/cache

# names ENTRY: lists what is in it.
names() {
	(cd "$1" && find . | sort)
}

# require_whole BUILD: the entry with this build directory must be like the installed one.
require_whole() {
	names "$1/.." | diff /tmp/expected - || fail "$1: these names differ"
	cmp "$entry/symbols" "$1/../symbols" || fail "$1: the symbols differ"
}

names "$entry" >/tmp/expected
unpack_sources /tmp/source || fail "no sources"

killed=0
runs=0
for seconds; do
	# A tarball takes seconds to unpack. Every second run is given a directory, and gets further.
	runs=$((runs + 1))
	from=
	[ $((runs % 2)) = 1 ] || from='--source /tmp/source'
	# shellcheck disable=SC2086 # two words, or none
	timeout --signal KILL "$seconds" unshare --pid --fork --kill-child --mount-proc \
		rust-kheaders build --cache $cache $from "$release" >/tmp/said 2>&1
	code=$?
	case $code in
	0) ;;
	137) killed=$((killed + 1)) ;;
	*) fail "exit code $code after a killed run:" "$(cat /tmp/said)" ;;
	esac
	if made=$(rust-kheaders path --cache $cache "$release" 2>/dev/null); then
		require_whole "$made"
		rm -r "${cache:?}/$release"
	fi
done

for seconds in 0.2 1 8; do
	setsid rust-kheaders build --cache $cache --source /tmp/source "$release" >/dev/null 2>&1 &
	sleep "$seconds"
	kill -KILL -$!
	! rust-kheaders path --cache $cache "$release" >/dev/null 2>&1 || fail "an entry after $seconds s"
	[ -z "$(rust-kheaders status --cache $cache)" ] || fail "a status after $seconds s"
done

rust-kheaders build --cache $cache "$release" >/tmp/one 2>&1 &
one=$!
rust-kheaders build --cache $cache "$release" >/tmp/two 2>&1 &
two=$!
wait $one || fail "$(cat /tmp/one)"
wait $two || fail "$(cat /tmp/two)"
[ "$(cat /tmp/one /tmp/two | grep -c 'making the Rust metadata')" = 1 ] ||
	fail "not one run of two has made it:" "$(cat /tmp/one /tmp/two)"
made=$(tail -n 1 /tmp/one)
[ "$made" = "$(tail -n 1 /tmp/two)" ] || fail "two runs, two directories:" "$(cat /tmp/one /tmp/two)"
require_whole "$made"
[ "$(find "$cache/$release" -mindepth 1 -maxdepth 1 ! -name 'contents-*' ! -name 'works-*' ! -name again)" = "${made%/build}" ] ||
	fail "more than the entry:" "$(ls -A "$cache/$release")"
[ "$(rust-kheaders status --cache $cache | wc -l)" = 1 ] || fail "$(rust-kheaders status --cache $cache)"

# A disk may lose what was written.
truncate -s 1000 "$made/rust/libcore.rmeta"
rust-kheaders check --cache $cache "$release" | grep -q ': can be made from ' || fail "a damaged entry is ready"

echo "$killed killed"
