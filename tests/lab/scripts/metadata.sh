#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# metadata.sh: makes the headers of the first of /usr/local/share/releases Rust-enabled, with the tree's
# rust-kheaders.
#
# Exit codes: those of rust-kheaders.

set -eu

exec /mnt/tree/kheaders/rust-kheaders build "$(head -n 1 /usr/local/share/releases)"
