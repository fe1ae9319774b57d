#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# clippy.sh RELEASE DIR...: builds the modules in each DIR for the kernel RELEASE with clippy and the kernel's
# flags. Warnings are errors.
#
# Exit codes: 0 no warnings; others: a command failed.

set -eu

release=$1
shift
command -v clippy-driver >/dev/null || {
	apt-get update
	apt-get install -y --no-install-recommends rust-clippy
}
for directory; do
	rm -rf /tmp/build
	cp -rL "$directory" /tmp/build
	# shellcheck disable=SC2046 # a list of words
	make $(/mnt/tree/kheaders/rust-kheaders path --make "$release") M=/tmp/build CLIPPY=1 KRUSTFLAGS=-Dwarnings modules
done
