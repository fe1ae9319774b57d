#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# kmod-author.sh RELEASE: builds the spec in docs/module-authors.md with the module that "rust-kheaders new" makes: for
# akmods, as akmods does, and for machines without compilers. Prints which RPMs there are each time. Installs the last ones
# and prints where the module is then.
#
# Exit codes: 0 done; others: a command failed.

set -eu

release=$1
mkdir /tmp/author
cd /tmp/author
rust-kheaders new first_try >/dev/null
sed -n '/^    Name: .*first_try-kmod$/,/^    - /s/^    //p' /mnt/tree/docs/module-authors.md >first_try-kmod.spec
tar -c -z -f first_try-0.1.0.tar.gz first_try

# build DIR OPTION...: has rpmbuild put RPMs into DIR, and prints their names.
build() {
	dir=$1
	shift
	rpmbuild -bb --define "_topdir /tmp/author/$dir" --define '_sourcedir /tmp/author' --define '_specdir /tmp/author' \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$@" first_try-kmod.spec >log 2>&1 || {
		cat log
		exit 1
	}
	ls "$dir/RPMS"
}
build akmod
build one --define "kernels $release"
build all --define "kernels $release" --with metapackage

dnf -y install kernel-core all/RPMS/*.rpm >log 2>&1 || {
	cat log
	exit 1
}
modinfo -k "$release" -n first_try
