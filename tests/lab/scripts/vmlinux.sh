#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# vmlinux.sh VMLINUZ FILE: unpacks the kernel in an x86 VMLINUZ into FILE, an ELF file, and copies other kernels: QEMU
# takes these as they are. An x86 one has the magic "HdrS" at 0x202. Where the kernel is in it and how long, see
# Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, payload_offset at 0x248, payload_length at 0x24c.
#
# Exit codes: 0 unpacked; others: a command failed.

set -eu

# number OFFSET SIZE: prints the little-endian number there.
number() {
	od -An -v -t "u$2" -j "$1" -N "$2" --endian=little "$vmlinuz" | tr -d ' '
}

vmlinuz=$1
[ "$(number 0x202 4)" = $((0x53726448)) ] || exec cp "$vmlinuz" "$2"
start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
length=$(number 0x24c 4)
# Behind what the compressor made stands its length when unpacked, 4 bytes.
tail -c "+$((start + 1))" "$vmlinuz" | head -c "$((length - 4))" | zstd -d -q -f -o "$2"
