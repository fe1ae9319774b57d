#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# image.sh ROOT OPTIONS FILE SIZE: mounts an overlay with these OPTIONS at ROOT and makes FILE, a sparse
# ext4 image of SIZE, of it. To be run in a mount namespace of its own.
#
# Exit codes: 0 made; others: a command failed.

set -eu

LIBMOUNT_FORCE_MOUNT2=always mount -t overlay -o "$2" overlay "$1"
exec mkfs.ext4 -q -d "$1" "$3" "$4"
