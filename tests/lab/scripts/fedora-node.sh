#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fedora-node.sh: makes the root that dnf takes for Fedora one of a machine that runs modules and builds none: neither
# compilers nor make, DKMS or headers are there, nor does the repository have them.
#
# Exit codes: 0 done; others: a command failed, or something that builds is left.

set -eu

# What depends on these goes with them.
apt-get purge -y --auto-remove bindgen binutils cargo clang dkms gcc libelf-dev make rust-src rustc
for command in as bindgen cargo cc clang dkms gcc ld make rustc; do
	! command -v "$command" || exit 1
done
[ ! -e /usr/src/kernels ]

cd /srv/repository
find . -name '*.rpm' ! -name 'bin-sh-*' ! -name 'kernel-core-*' ! -name 'kmod-*' ! -name 'systemd-*' -delete
rm -r repodata
createrepo_c --quiet .
