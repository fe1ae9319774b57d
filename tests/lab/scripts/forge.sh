#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# forge.sh: installs what builds modules for the newest stock kernel in two flavours, and kernels of the same
# series, by gcc or by clang: headers, sources, the kernel itself and the tools. Writes the release of the
# amd64 flavour to /usr/local/share/releases.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
release=$(releases amd64 | head -n 1)
cloud=$(releases cloud-amd64 | head -n 1)
echo "$release" > /usr/local/share/releases
# Nobody boots this root.
export INITRD=No
install -t trixie-backports initramfs-tools libelf-dev \
	"linux-headers-$cloud" "linux-headers-$release" "linux-image-$release" "linux-source-$(series "$release")"
install bc bindgen bison clang cpio flex gcc libssl-dev lld llvm make procps python3 rpm rsync rust-clippy rust-src \
	rustc xz-utils zstd
forget_lists
