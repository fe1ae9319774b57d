# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The commands that fix things: all names of packages are here. Each fix_... function prints one command, or
# nothing where no package is known to help. Sourced by rust-kheaders.

# packager: prints apt or dnf, or nothing on other distributions: see os-release(5).
packager() (
	for file in /etc/os-release /usr/lib/os-release; do
		[ ! -r "$file" ] || {
			# shellcheck source=/dev/null
			. "$file"
			case " ${ID-} ${ID_LIKE-} " in
			*' debian '*) echo apt ;;
			*' fedora '*) echo dnf ;;
			esac
			return
		}
	done
)

# packages DEBIAN FEDORA: prints how to install the packages DEBIAN on Debian, and FEDORA on Fedora, each a list of
# words. Packages that are installed already have lost files. Prints nothing unless apt or dnf knows all of them.
packages() {
	case $(packager) in
	apt) [ -z "$1" ] || apt_packages "$1" ;;
	dnf) [ -z "$2" ] || dnf_packages "$2" ;;
	esac
}

apt_packages() {
	local package version again=' --reinstall'
	for package in $1; do
		apt-cache show --no-all-versions "$package" 2>/dev/null | grep -q '^Version:' || return 0
		version=$(dpkg-query -W -f '${db:Status-Status}=${Version}' "${package%%=*}" 2>/dev/null)
		case $version in
		installed="${package#*=}") ;;
		installed=*) [ "${package#*=}" = "$package" ] || again= ;;
		*) again= ;;
		esac
	done
	printf '%s\n' "apt install$again $1"
}

dnf_packages() {
	local package how=reinstall
	for package in $1; do
		[ -n "$(timeout 20 dnf --quiet --cacheonly repoquery "$package" 2>/dev/null)" ] || return 0
		rpm -q "$package" >/dev/null 2>&1 || how=install
	done
	printf '%s\n' "dnf $how $1"
}

fix_headers() {
	local base=${release%+*}
	# Fedora's flavours are called kernel-debug, kernel-rt and so on, and their releases end with +debug, +rt.
	packages "linux-headers-$release" "kernel$(printf %s "${release#"$base"}" | tr + -)-devel-$base"
}

# fix_damage PATH: prints how to install the package that owns PATH anew.
fix_damage() {
	packages "$(dpkg-query -S "$(readlink -f "$1")" 2>/dev/null | sed -n '1s/[:,].*//p')" \
		"$(rpm -qf --qf '%{NAME}-%{VERSION}-%{RELEASE}\n' "$1" 2>/dev/null | sed -n '/ /!p;q')"
}

# fix_link PATH: prints how to install the package that is named like the directory that the link PATH leads to. In
# Ubuntu's HWE and OEM kernels the link is named after the source package, and neither the package nor its directory is.
fix_link() {
	local package found=linux-lib-rust-$release
	if [ -d "/usr/src/$found/rust" ]; then
		printf '%s\n' "ln -sfn /usr/src/$found/rust $1"
		return
	fi
	package=$(basename "$(dirname "$(readlink "$1")")")
	found=$(packages "$found" '')
	printf '%s\n' "${found:-$(packages "$package" "$package")}"
}

# fix_rustc TEXT: TEXT is a rustc's version string.
fix_rustc() {
	local version package
	version=$(version_in "$1")
	package=$(debian_version "$version" rustc "rustc-${version%.*}")
	case $package in
	# apt does not downgrade these packages along with rustc by itself.
	rustc=*) package="$package libstd-rust-dev=${package#*=} rust-src=${package#*=}" ;;
	esac
	packages "$package" "$(fedora_version rust "$1")"
}

# fix_any_rustc: any version of it will do.
fix_any_rustc() {
	packages 'rustc rust-src' 'rust rust-src'
}

# fix_rust_src TEXT
fix_rust_src() {
	local version
	version=$(version_in "$1")
	packages "$(debian_version "$version" rust-src "rust-${version%.*}-src")" "$(fedora_version rust-src "$1")"
}

fix_bindgen() {
	packages bindgen bindgen-cli
}

# fix_libclang MAJOR
fix_libclang() {
	local found
	found=$(packages "libclang1-$1" clang-libs)
	printf '%s\n' "${found:-$(packages libclang-dev clang-devel)}"
}

# fix_cc NAME: NAME is that of gcc, as the kernel's configuration has it: aarch64-linux-gnu-gcc-14 is in Debian's package
# gcc-14-aarch64-linux-gnu, on every architecture.
fix_cc() {
	local gcc system found
	gcc=$(without_prefix "$1")
	system=${1%"$gcc"}
	found=$(packages "$gcc${system:+-$(printf %s "${system%-}" | tr _ -)}" gcc)
	printf '%s\n' "${found:-$(packages "$gcc" gcc)}"
}

# fix_clang MAJOR
fix_clang() {
	packages "clang-$1 lld-$1 llvm-$1" 'clang lld llvm'
}

# fix_command NAME: NAME is also that of the package.
fix_command() {
	packages "$1" "$1"
}

# fix_binutils
fix_binutils() {
	packages binutils binutils
}

# fix_source PACKAGE VERSION
fix_source() {
	packages "$1=$2" ''
}

# fix_packaged: prints how to get another packaged entry for $release, or else what an entry of the cache lacks.
fix_packaged() {
	local found fix_only=yes then=
	found=$(newer_packaged)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
	else
		(resolve_entry) 3>&1 >/dev/null 2>&1
	fi
}

# newer_packaged: prints how to install another version of the packaged entry, or nothing if apt or dnf has none.
newer_packaged() {
	local name
	case $(packager) in
	apt)
		name=$(package_name rust-kheaders "$release")
		apt-cache policy "$name" 2>/dev/null |
			awk -v name="$name" '/^  Installed:/ { installed = $2 } /^  Candidate:/ && $2 != installed { print "apt install " name }'
		;;
	dnf)
		name=rust-kheaders-$release
		[ -z "$(timeout 20 dnf --quiet --cacheonly repoquery --upgrades "$name" 2>/dev/null)" ] || echo "dnf upgrade $name"
		;;
	esac
}

# fix_memory MEGABYTES: prints how to add swap space to a machine that never has so much memory.
fix_memory() {
	[ "$(awk '/^(MemTotal|SwapTotal):/ { sum += $2 } END { print int(sum / 1024) }' /proc/meminfo)" -ge $(($1 + 300)) ] ||
		printf '%s\n' 'fallocate -l 1G /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile'
}

# debian_version VERSION NAME...: prints NAME=VERSION-REVISION for the first package that apt knows in that
# upstream version, or nothing.
debian_version() {
	local upstream=$1
	shift
	apt-cache madison "$@" 2>/dev/null | awk -v version="$upstream" '
		index($3, version) == 1 && substr($3, length(version) + 1, 1) ~ /[-+~]/ {
			print $1 "=" $3
			exit
		}'
}

# fedora_version NAME TEXT: prints NAME-VERSION[-RELEASE] for the rustc whose version string is TEXT. On Fedora the
# string ends with the package: "rustc 1.91.0 (... 2025-10-28) (Fedora 1.91.0-1.fc43)".
fedora_version() {
	local package
	package=$(printf '%s\n' "$2" | sed -n 's/^.*(\(Fedora\|Red Hat\) \([^ ()]*\))$/\2/p')
	[ -n "$package" ] || package=$(version_in "$2")
	printf '%s\n' "$1-$package"
}

# version_in TEXT: prints the version in a rustc's version string.
version_in() {
	printf '%s\n' "$1" | cut -d ' ' -f 2
}

# fix_old_kernel: Fedora's newer kernels have what this one lacks.
fix_old_kernel() {
	printf '%s\n' 'dnf upgrade kernel kernel-devel'
}
