# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Packages for Debian with a finished module, for machines that have no compiler. Sourced by rust-kheaders.
#
#   NAME-modules-RELEASE   the module for this kernel; goes with the kernel's package, of exactly this version
#   NAME-modules-FLAVOUR   follows the newest kernel, as linux-image-FLAVOUR does
#   NAME-common            modules-load.d, sysctl.d and udev, unless debian/control has such a package
#
# Their version is that of the module, a plus sign, and that of the kernel's package: it grows with both.

# package_modules: builds and finishes the modules in the working directory, and prints the paths of the packages in $output.
# debian/changelog, there or in the directory above, has the name, the version, the maintainer and the date.
package_modules() {
	local tree owner kernel image architecture
	[ "$(packager)" = apt ] || stop "$misused" "--module is for Debian; an RPM has the macro %rust_kheaders_kmod in its spec"
	tree=$(module_tree) || exit
	command -v dpkg-parsechangelog >/dev/null ||
		stop "$needs" "needs dpkg-dev to make packages for Debian" "$(fix_command dpkg-dev)"
	scratch=$(mktemp -d) || exit
	trap 'rm -rf "$scratch"' EXIT
	end_on_signals
	install_dir=$scratch/module/usr/lib/modules/$release/updates
	name=$(changelog_field Source)
	cmd_module >/dev/null
	end_on_signals
	[ -n "$sign_command" ] || progress "not signed: a kernel with Secure Boot refuses it; see module-signing(8)"
	owner=$(owner_of_headers) || exit
	image=linux-image-$(printf '%s\n' "$owner" | cut -f 1 | sed 's/^linux-headers-//')
	kernel=$(printf '%s\n' "$owner" | cut -f 2)
	architecture=$(printf '%s\n' "$owner" | cut -f 3)
	SOURCE_DATE_EPOCH=$(changelog_field Timestamp)
	make_module_package && make_flavour_package && make_common_package ||
		stop "$failed" "no package could be made in $output"
}

# module_tree: prints the directory whose debian/changelog tells of the module in the working directory.
module_tree() {
	local dir
	for dir in "$here" "${here%/*}"; do
		[ ! -s "$dir/debian/changelog" ] || {
			printf '%s\n' "$dir"
			return 0
		}
	done
	stop "$misused" "no debian/changelog in $here or above; it has the name and the version of the package"
}

# changelog_field NAME: prints what dpkg-parsechangelog(1) calls so.
changelog_field() {
	dpkg-parsechangelog -l "$tree/debian/changelog" -S "$1"
}

# owner_of_headers: prints the name, the version and the architecture of the package linux-headers-RELEASE.
owner_of_headers() {
	local found system=apt
	found=$(owner_of "$headers/Module.symvers")
	case $found in
	linux-headers-*) printf '%s\n' "$found" ;;
	*) stop "$failed" "$headers is in no package linux-headers-$release, so the kernel's package is not known" ;;
	esac
}

# head_of NAME ARCHITECTURE: prints the beginning of a control file.
head_of() {
	cat <<EOF
Package: $1
Source: $name ($(changelog_field Version))
Version: $(changelog_field Version)+$kernel
Architecture: $2
Maintainer: $(changelog_field Maintainer)
Section: kernel
Priority: optional
EOF
}

# add_documents PACKAGE DIR: the changelog and the copyright of the module are those of its packages, whose files are in DIR.
add_documents() {
	local doc=$2/usr/share/doc/$1 file=changelog.gz
	case $(changelog_field Version) in *-*) file=changelog.Debian.gz ;; esac
	mkdir -p "$doc" && gzip -9n <"$tree/debian/changelog" >"$doc/$file" || return
	[ ! -f "$tree/debian/copyright" ] || cp "$tree/debian/copyright" "$doc/"
}

make_module_package() {
	local script module what package
	package=$(package_name "$name-modules" "$release")
	add_documents "$package" "$scratch/module" || return
	mkdir -p "$scratch/module/DEBIAN"
	for script in postinst postrm; do
		{
			printf '#!/bin/sh\nset -e\n\n'
			sed "s/@NAME@/$(module_name)/g; s/@RELEASE@/$release/g" "$lib/prebuilt/$script"
		} >"$scratch/module/DEBIAN/$script"
		chmod 755 "$scratch/module/DEBIAN/$script"
	done
	{
		head_of "$package" "$architecture"
		cat <<EOF
Depends: $image (= $kernel) | $image-unsigned (= $kernel), $name-common (>= $(changelog_field Version)), kmod
Conflicts: $name-dkms
Provides: $name-modules
Description: kernel module $name for Linux $release
EOF
		for module in "$install_dir"/*; do
			what=$(modinfo -F description "$module")
			printf ' %s: %s\n' "${module##*/}" "${what:-a kernel module}" | fold -s -w 80 | sed '2,$s/^/ /; s/ *$//'
		done
		cat <<EOF
 .
 It was built for exactly this kernel, so no compiler is needed where it is
 installed.
EOF
	} | make_deb "$scratch/module" "$output"
}

# make_flavour_package: a release without a flavour, such as 7.3.4, has none.
make_flavour_package() {
	local flavour package
	flavour=$(printf '%s\n' "$release" | sed -n 's/^[^-]*-\(rc[0-9][^-]*-\)\{0,1\}\([0-9][^-]*-\)\{0,1\}\([A-Za-z]\)/\3/p')
	[ -n "$flavour" ] || return 0
	package=$(package_name "$name-modules" "$flavour")
	add_documents "$package" "$scratch/flavour" || return
	{
		head_of "$package" "$architecture"
		cat <<EOF
Depends: $(package_name "$name-modules" "$release") (= $(changelog_field Version)+$kernel)
Description: kernel module $name for the newest Linux of flavour $flavour
 This metapackage depends on the package with the module for the newest kernel.
 An upgrade brings that together with the kernel.
EOF
	} | make_deb "$scratch/flavour" "$output"
}

make_common_package() {
	! grep -qs "^Package: $name-common\$" "$tree/debian/control" || return 0
	(cd "$tree" && "$lib/dkms/stage" "$scratch/common" - "$(module_name)") || return
	add_documents "$name-common" "$scratch/common" || return
	{
		head_of "$name-common" all | sed "s/^Version: .*/Version: $(changelog_field Version)/; s/^Source: .*/Source: $name/"
		cat <<EOF
Multi-Arch: foreign
Conflicts: $name-dkms
Description: kernel module $name (settings)
 This package has the module $name loaded at boot, and its settings. The module
 itself is in packages for single kernels.
EOF
	} | make_deb "$scratch/common" "$output"
}

# module_name: prints the name of the first module that was built.
module_name() {
	basename "$(built_modules "$here" | head -n 1)" .ko
}
