#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# autopkgtest.sh RELEASE: runs debian/tests of the packages in /mnt/packages on the kernel RELEASE, in the
# machine of /mnt/machine. Prints the summary; logs go to /mnt/out/autopkgtest.
#
# Exit codes: autopkgtest's.

cd /mnt/out || exit
# The options of QEMU are single words, so the kernel's command line is one too.
autopkgtest --no-built-binaries --output-dir autopkgtest /mnt/packages/*.dsc /mnt/packages/*.deb -- \
	qemu --qemu-command /mnt/tree/tests/lab/scripts/autopkgtest-qemu --qemu-architecture x86_64 --boot none \
	--cpus 2 --timeout-reboot 600 \
	--qemu-options="-cpu max -kernel /mnt/machine/vmlinuz-$1 -initrd /mnt/machine/initrd.img-$1
		-append root=/dev/vda" /mnt/machine/image > log 2>&1
code=$?
mv log autopkgtest/
[ $code = 0 ] || tail -n 50 autopkgtest/log
cat autopkgtest/summary
exit $code
