#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# forge.sh: installs what builds modules for the newest stock kernel in two flavours and for Debian's own one, and
# kernels of these series, by gcc or by clang: headers, sources, the kernels themselves and the tools. Writes the
# releases to /usr/local/share/releases: of the newest in the amd64 flavour, and of Debian's own in the cloud flavour.
#
# Exit codes: 0 installed; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
release=$(releases amd64 | head -n 1)
cloud=$(releases cloud-amd64 | head -n 1)
own=$(releases cloud-amd64 6.12)
printf '%s\n' "$release" "$own" > /usr/local/share/releases
# Nobody boots this root.
export INITRD=No
install -t trixie-backports initramfs-tools libelf-dev \
	"linux-headers-$cloud" "linux-headers-$release" "linux-image-$release" "linux-source-$(series "$release")"
install "linux-headers-$own" "linux-image-$own" linux-source-6.12
install bc bindgen bison clang cpio flex gcc libssl-dev lld llvm make patch procps python3 rpm rsync rust-clippy rust-src \
	rustc time xz-utils zstd
forget_lists
