#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# new.sh OUT: has rust-kheaders make a module's directory, in which make, make deb and make try work for the newest
# kernel as they are. Puts the Debian package into OUT, and one of a later version. Prints what was said, with a line
# "== COMMAND" before each.
#
# Exit codes: 0 all is as it should be; others: something is not.

set -euo pipefail

release=$(head -n 1 /usr/local/share/releases)
export DEBFULLNAME='Jane Doe' DEBEMAIL=jane@example.org
# The guests of other tests find out whether KVM works here.
set -- "$1" "KVER=$release" "VNG=vng --disable-kvm --cpus 1"

# run COMMAND...: says what is run, and runs it. QEMU would truncate a file that this goes to.
run() {
	echo "== $*"
	"$@" 2>&1 </dev/null | cat
}

mkdir /tmp/made
cd /tmp/made
run rust-kheaders new first_try
cd first_try
lines=$(find . -type f -exec cat {} + | wc -l)
[ "$lines" -lt 200 ]

run make "$2"
# The compiler has nothing to say: all lines are kbuild's.
make clean
# shellcheck disable=SC2046 # a list of words
make $(rust-kheaders path --make "$release") M="$PWD" modules >/tmp/said 2>&1
if grep -i warning /tmp/said; then
	exit 1
fi
make clean

run make try "$2" "$3"
sed -i 's/= 7 \]/= 8 ]/' boot-test
if run make try "$2" "$3"; then
	exit 1
fi
sed -i 's/= 8 \]/= 7 ]/' boot-test
make clean

run make deb
run lintian --allow-root -EviIL +pedantic ../*.changes
sed -i '1s/0\.1\.0/0.2.0/' debian/changelog
run make deb
# Nothing else was left behind.
[ "$(find . -type f | wc -l)" = 19 ]
cp ../*.deb "$1"
