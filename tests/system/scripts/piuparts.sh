#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# piuparts.sh TARBALL DIR: runs piuparts with the packages in DIR, in the root that TARBALL has.
#
# Exit codes: those of piuparts; others: a command failed.

set -eu

mkdir /srv/repository
cp "$2"/*.deb /srv/repository
# piuparts takes processes whose directory is there for ones that the packages have left.
(cd /srv/repository && dpkg-scanpackages . >Packages)
# The lab's own, which piuparts's root does not have.
unset APT_CONFIG
piuparts --basetgz "$1" --distribution trixie --no-eatmydata --scriptsdir /etc/piuparts/scripts \
	--bindmount /srv/repository --extra-repo 'deb [trusted=yes] file:/srv/repository ./' --apt \
	oximod-dkms oximod-common rust-kheaders dh-rust-kheaders module-signing
