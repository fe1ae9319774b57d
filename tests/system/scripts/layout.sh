#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# layout.sh LAYOUT...: lays out what a distribution has installed for building modules, as these files say. Each line is
# a directive and its arguments. In all of them RELEASE is the kernel's release, and BUILD the headers.
#
#   release RELEASE        first of all
#   build DIR              the headers; /lib/modules/RELEASE/build leads there
#   sources DIR            the half of the headers that does not depend on the configuration; none: the same directory
#   config LINE            a line of the configuration
#   text FILE TEXT         a file, with \n for line feeds
#   link LINK TARGET
#   metadata DIR TEXT      the kernel crate as the rustc whose version string is TEXT has written it, in DIR
#   command FILE TEXT      a command that prints TEXT
#   package NAME VERSION   a package that apt knows
#
# Exit codes: 0 done; others: a command failed.

set -eu

release=$(sed -n 's/^release //p' "$@")
build=$(sed -n 's/^build //p' "$@" | sed "s|RELEASE|$release|")
sources=$(sed -n 's/^sources //p' "$@")
repository=/srv/layout

# write FILE TEXT
write() {
	mkdir -p "$(dirname "$1")"
	printf '%b\n' "$2" > "$1"
}

rm -f /etc/apt/sources.list.d/* && : > /etc/apt/sources.list
mkdir -p $repository && : > $repository/Packages
sed "/^#/d; s|RELEASE|$release|g; s|BUILD|$build|g" "$@" | while read -r directive rest; do
	first=${rest%% *}
	second=${rest#* }
	case $directive in
	release | build | sources) ;;
	config)
		mkdir -p "$build/include/config"
		printf '%s\n' "$rest" | tee -a "$build/.config" >> "$build/include/config/auto.conf"
		;;
	text) write "$first" "$second" ;;
	link)
		mkdir -p "$(dirname "$first")"
		ln -s "$second" "$first"
		;;
	metadata)
		mkdir -p "$first"
		printf 'rust\0\0\0\012\0\0\0\0\0\1\2\3D%s\301' "$second" > "$first/libkernel.rmeta"
		;;
	command)
		write "$first" "#!/bin/sh\necho '$second'"
		chmod +x "$first"
		;;
	package)
		printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nFilename: ./none\nSize: 1\n\n' "$first" "$second" >> $repository/Packages
		;;
	*)
		echo "layout.sh: no such directive: $directive" >&2
		exit 1
		;;
	esac
done

# What all have.
mkdir -p "/lib/modules/$release"
[ -e "/lib/modules/$release/build" ] || ln -s "$build" "/lib/modules/$release/build"
write "$build/include/generated/utsrelease.h" "#define UTS_RELEASE \"$release\""
write "$build/include/generated/autoconf.h" '#define CONFIG_64BIT 1'
write "$build/Module.symvers" ''
write "$build/scripts/mod/modpost" ''
for file in Makefile scripts/Makefile.build include/linux/module.h; do
	[ -e "${sources:-$build}/$file" ] || write "${sources:-$build}/$file" "# $file"
done
printf 'deb [trusted=yes] file:%s ./\n' $repository > /etc/apt/sources.list
apt-get update -qq
