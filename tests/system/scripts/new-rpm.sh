#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# new-rpm.sh: has rust-kheaders make a module's directory, in which make rpm works as it is. Has dnf install the RPM,
# upgrade it to a later version, and remove it. Prints what DKMS has each time, and in the end which files are left.
#
# Exit codes: 0 done; others: a command failed.

set -eu

log=$(mktemp)
# quietly COMMAND...: what it says counts only if it fails.
quietly() {
	"$@" >"$log" 2>&1 || {
		cat "$log"
		exit 1
	}
}

quietly dnf install -y /mnt/packages/rust-kheaders-*.rpm
mkdir /tmp/made
cd /tmp/made
quietly rust-kheaders new first_try
cd first_try
for version in 0.1.0 0.2.0; do
	sed -i "s/^\(Version: *\).*/\1$version/" first_try.spec
	quietly make rpm
	quietly dnf install -y ../noarch/first_try-dkms-$version-*.rpm
	dkms status first_try
	find /usr/src /lib/modules -name 'first_try*' | sort
done
quietly dnf remove -y --noautoremove first_try-dkms
echo removed
dkms status first_try
find / -xdev -name '*first_try*' -not -path '/tmp/*' -not -path "$HOME/rpmbuild/*" -not -path '/proc/*'
