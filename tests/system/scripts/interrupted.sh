#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# interrupted.sh: interrupts rust-kheaders in three of its steps. Prints its last line each time, before
# that a line if anything of it still runs, and the path of everything that it has left in its cache.
#
# Exit codes: 0 done; others: the exit code of a run that did not end as interrupted ones do.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

for step in unpacking linking compiling; do
	says /tmp/said $step rust-kheaders build --cache /tmp/cache "$release"
	# Linking takes less than two seconds.
	[ $step = linking ] || sleep 2
	kill "$run"
	wait "$run"
	code=$?
	flock -n /tmp/cache/lock true || echo "something still runs"
	find /tmp/cache -mindepth 2 ! -name 'contents-*'
	tail -n 1 /tmp/said
	[ $code = 143 ] || exit $code
done
