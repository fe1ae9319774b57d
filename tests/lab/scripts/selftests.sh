#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# selftests.sh SERIES DIR: puts the kernel's own test_sysctl.c of this series into DIR, to be built as a module,
# and what tests it into DIR/selftests.
#
# Exit codes: 0 done; others: a command failed.

set -eu

source=linux-source-$1
mkdir -p "$2"
tar -x -C /tmp -I 'xz -T0' -f "/usr/src/$source.tar.xz" "$source/lib/test_sysctl.c" "$source/tools/testing/selftests/sysctl"
cp "/tmp/$source/lib/test_sysctl.c" "$2"
cp -r "/tmp/$source/tools/testing/selftests/sysctl" "$2/selftests"
echo 'obj-m := test_sysctl.o' > "$2/Kbuild"
