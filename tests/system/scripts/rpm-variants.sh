#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# rpm-variants.sh VERSION [OTHER RELEASE LINE]...: unpacks the tarball of /mnt/packages, which is of version
# VERSION, in /tmp/oximod. For each three arguments, builds RPMs of it as version OTHER, release RELEASE, with
# LINE at the end of the module's source, and adds them to the root's repository.
#
# Exit codes: 0 done; others: a command failed.

set -eu

version=$1
shift
mkdir /tmp/oximod
tar -x -f /mnt/packages/oximod-*.tar.gz -C /tmp/oximod --strip-components=1
while [ $# -gt 0 ]; do
	rm -rf /tmp/variant
	cp -r /tmp/oximod /tmp/variant
	cd /tmp/variant
	sed -i "s/$version/$1/g" dkms.conf oximod.spec src/oximod.rs
	sed -i "s/^Release: .*/Release: $2/" oximod.spec
	printf '%s\n' "$3" >>src/oximod.rs
	make rpm RPMFLAGS='--without check'
	cp out/*.noarch.rpm /srv/repository
	shift 3
done
rm -r /srv/repository/repodata
createrepo_c /srv/repository
