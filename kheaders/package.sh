# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Packages of entries. Sourced by rust-kheaders.

cmd_package() {
	if [ -n "$modules_too" ]; then
		package_modules
	else
		package_entry
	fi
}

# package_entry: makes a package of the metadata for $release, and prints its path. The compiler records paths, so the entry
# is made where the package installs it, and moved away from there afterwards.
package_entry() {
	local system owner epoch stage
	system=$(packager)
	stage=$packaged/.$release
	require_packing
	begin_packaging
	log=$cache/$release/package.log
	cache=$packaged/$release
	find_kernel
	[ "$kind" != crates ] || ! ships_metadata ||
		stop "$skipped" "the headers have the metadata already: there is nothing to package"
	owner=$(owner_of "$headers/Module.symvers") ||
		stop "$failed" "no package has $headers, so a package of its metadata would not leave with it"
	resolve_entry
	[ -n "$(owner_of "$rustc")" ] ||
		stop "$failed" "no package has $rustc, so other machines would not have it there; to fix: RUSTC=/usr/bin/rustc rust-kheaders package $release"
	# A tarball is known by the time when it was installed here.
	[ ! -f "$from" ] || entry=${entry%-*}-$(digest <"$from")
	make_entry
	end_on_signals
	epoch=$(stat -Lc %Y "$headers/Module.symvers")
	stage_entry
	: >"$log"
	step "packing" "pack_$system"
	cat "$stage/made"
	rm -f "$log"
}

# require_packing: stops unless this machine can make a package for itself.
require_packing() {
	[ "$(id -u)" = 0 ] || stop "$failed" "only root can write to $packaged; to fix: run rust-kheaders as root"
	case $system in
	apt) ;;
	dnf) command -v rpmbuild >/dev/null || stop "$needs" "needs rpmbuild" "$(packages '' rpm-build)" ;;
	*) stop "$failed" "packages are made where apt or dnf is" ;;
	esac
	[ -n "$(own_version)" ] || stop "$needs" "rust-kheaders itself is not installed as a package, which the new one would need; to fix: install it with $system"
	mkdir -p "$output" 2>/dev/null
	[ -d "$output" ] && [ -w "$output" ] || stop "$failed" "cannot write to $output; to fix: give another directory with --output"
}

# begin_packaging: waits for other runs. Removes what killed ones have left below $packaged, and at the end what this one has
# made there.
begin_packaging() {
	local name
	mkdir -p "$packaged" "$cache/$release" || unwritable
	exec 8<"$packaged"
	flock -n 8 || {
		progress "waiting for another rust-kheaders to finish"
		flock 8
	}
	name=$(owner_of "$packaged/$release/package" | cut -f 1)
	[ -z "$name" ] ||
		stop "$failed" "its metadata is installed here, from the package $name; to fix: $system remove $name && rust-kheaders package $release"
	rm -rf "${packaged:?}/$release" "$stage"
	trap 'rm -rf "${packaged:?}/$release" "$packaged/.$release"' EXIT
	end_on_signals
}

# remove_unpackaged: removes what killed runs have left, unless one is at work.
remove_unpackaged() (
	system=$(packager)
	[ -w "$packaged" ] && exec 8<"$packaged" && flock -n 8 || return 0
	for dir in "$packaged"/* "$packaged"/.[!.]*; do
		[ ! -d "$dir" ] || [ -n "$(owner_of "$dir")" ] || rm -rf "$dir"
	done
)

end_on_signals() {
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'exit 129' HUP
}

# stage_entry: moves what was made to the tree of the package. Only there it gets the file that has it count.
stage_entry() {
	find "$cache" -maxdepth 2 -type f -delete
	date -u -d "@$epoch" >"$entry/done"
	mkdir -p "$stage/tree$packaged" && mv "$cache" "$stage/tree$packaged/" && mkdir "$cache" &&
		printf '%s\n' "$entry" "$(packaged_layout)" "$rustc" >"$stage/tree$packaged/$release/package" ||
		stop "$failed" "cannot write to $stage"
}

# owner_of FILE: prints the name and the version of the package that has FILE, with a tab between them. Fails if none has.
owner_of() {
	local package
	case $system in
	apt)
		package=$(dpkg-query -S "$(readlink -f "$1")" 2>/dev/null | sed -n '1s/: .*//p')
		[ -n "$package" ] && dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' "$package" | head -n 1
		;;
	dnf) rpm -qf --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null | sed -n '/ /!p;q' | grep . ;;
	esac
}

# own_version: prints the version of the installed package rust-kheaders.
own_version() {
	case $system in
	apt) dpkg-query -W -f '${db:Status-Status} ${Version}' rust-kheaders 2>/dev/null | sed -n 's/^installed //p' ;;
	dnf) rpm -q --qf '%{VERSION}\n' rust-kheaders 2>/dev/null | sed -n '/ /!p;q' ;;
	esac
}

# describe_package: prints what a package manager shows of the package.
describe_package() {
	cat <<EOF
rust-kheaders builds modules in Rust for the kernel
$release with this metadata. It needs
neither the sources of the kernel nor bindgen then.
EOF
}

# pack_apt: makes the .deb, and writes its path to $stage/made.
pack_apt() {
	local name version architecture here_is compiler rust
	name=$(printf '%s\n' "$owner" | cut -f 1)
	version=$(printf '%s\n' "$owner" | cut -f 2)
	architecture=$(printf '%s\n' "$owner" | cut -f 3)
	here_is=$(dpkg --print-architecture)
	case $architecture in
	all | "$here_is") ;;
	*) name=$name:$architecture ;;
	esac
	compiler=$(owner_of "$rustc" | cut -f 1)
	rust=$(version_in "$(version_of "$rustc")")
	add_overrides "$stage/tree/usr/share/lintian/overrides"
	SOURCE_DATE_EPOCH=$epoch
	make_deb "$stage/tree" "$output" >"$stage/made" <<EOF
Package: $(package_name rust-kheaders "$release")
Version: $version+kheaders$(own_version | tr - +)
Architecture: $here_is
Maintainer: $(dpkg-query -W -f '${Maintainer}' rust-kheaders)
Section: kernel
Priority: optional
Depends: $name (= $version), rust-kheaders (>= $(own_version)), $compiler (>= $rust), $compiler (<< $(next_version "$rust")~)
Provides: rust-kheaders-metadata
Description: metadata for Rust modules of Linux $release
$(describe_package | sed 's/^/ /')
EOF
}

# add_overrides DIR: tells lintian that the kernel's sources have scripts, which nobody runs there, and that all links of an
# entry are as the compiler has recorded their paths.
add_overrides() {
	mkdir -p "$1"
	printf '%s\n' absolute-symlink-in-top-level-folder executable-not-elf-or-script gawk-script-but-no-gawk-dep \
		incorrect-path-for-interpreter missing-dep-for-interpreter missing-dependency-on-libc no-code-sections \
		package-contains-vcs-control-file package-has-long-file-name python3-script-but-no-python3-dep \
		script-not-executable shell-script-fails-syntax-check unusual-interpreter >"$1/$(package_name rust-kheaders "$release")"
}

# package_name PREFIX SUFFIX: prints the name of a package. dpkg takes fewer characters than the kernel does for a release.
package_name() {
	printf '%s-%s\n' "$1" "$2" | tr 'A-Z_' 'a-z-'
}

# next_version VERSION: prints the version of the next release after it, such as 1.85.2 after 1.85.1.
next_version() {
	printf '%s\n' "$1" | awk -F '[.-]' '{ print $1 "." $2 "." $3 + 1 }'
}

# pack_dnf: makes the .rpm, and writes its path to $stage/made.
pack_dnf() {
	local name version
	name=$(printf '%s\n' "$owner" | cut -f 1)
	version=$(printf '%s\n' "$owner" | cut -f 2)
	cat >"$stage/spec" <<EOF || return
Name: rust-kheaders-$release
Version: $(printf '%s\n' "$version" | sed 's/^[0-9]*://; s/-.*//')
Release: ${version##*-}.kheaders$(own_version)
Summary: Metadata for Rust modules of Linux $release
License: GPL-2.0-only
AutoReqProv: no
Requires: $name = $version
Requires: rust-kheaders >= $(own_version)
Requires: $(owner_of "$rustc" | sed 's/\t/ = /')
Provides: rust-kheaders-metadata
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%description
$(describe_package)
%install
mkdir -p %{buildroot}
mv $stage/tree/* %{buildroot}/
%files
%dir $packaged
$packaged/$release
EOF
	SOURCE_DATE_EPOCH=$epoch rpmbuild -bb --define "_topdir $stage/rpm" --define "_rpmdir $stage" \
		--define 'build_mtime_policy clamp_to_source_date_epoch' --define 'clamp_mtime_to_source_date_epoch 1' \
		--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost localhost' \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$stage/spec" || return
	name=$(basename "$stage"/*.rpm)
	cp "$stage/$name" "$output/$name.new" && mv "$output/$name.new" "$output/$name" || {
		rm -f "$output/$name.new"
		return 1
	}
	printf '%s\n' "$output/$name" >"$stage/made"
}
