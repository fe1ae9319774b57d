# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Plain make: the link /lib/modules/RELEASE/build of an enabled kernel leads to an entry, instead of the
# headers. docs/how-it-works.md says why it is the link. Sourced by rust-kheaders.
#
#   $enabled/RELEASE   where the link leads by itself: its text, as the headers' package has it; an empty file says
#                      that this kernel is not to be enabled, although all are
#   $enabled/--all     says that kernels that come are enabled, too

enabled=/var/lib/rust-kheaders/enabled
default_cache=/var/cache/rust-kheaders

# build_link: prints the path of the link of $release, with no link before it: /lib may be one.
build_link() {
	printf '%s/build\n' "$(readlink -m "/lib/modules/$release")"
}

is_enabled() {
	[ -s "$enabled/$release" ]
}

# is_to_be_enabled: succeeds if somebody has asked for this kernel, or for all and not against this one.
is_to_be_enabled() {
	is_enabled || { [ -e "$enabled/--all" ] && [ ! -e "$enabled/$release" ]; }
}

# is_linked: succeeds if the link leads to where an entry is, or was.
is_linked() {
	leads_to_entry "$(readlink "$(build_link)")"
}

# leads_to_entry LINK: succeeds if the text LINK of the link is that of an entry.
leads_to_entry() {
	case $1 in
	"$default_cache/$release/"*/build | "$packaged/$release/"*/build) ;;
	*) return 1 ;;
	esac
}

# stock_link: prints where the link leads by itself.
stock_link() {
	local link
	link=$(readlink "$(build_link)")
	if ! leads_to_entry "$link"; then
		printf '%s\n' "$link"
	elif is_enabled; then
		cat "$enabled/$release"
	elif [ -s "$link/../headers" ]; then
		# Somebody has removed that file.
		cat "$link/../headers"
	else
		# And the cache.
		ls -d "/usr/src/linux-headers-$release" "/usr/src/kernels/$release" 2>/dev/null | head -n 1
	fi
}

# stock_headers: prints the directory of the headers, or fails if there is none.
stock_headers() {
	local link
	link=$(stock_link)
	case $link in
	'') readlink -e "/lib/modules/$release/build" ;;
	/*) readlink -e "$link" ;;
	*) readlink -e "/lib/modules/$release/$link" ;;
	esac
}

# behind_entry DIR: prints the headers of the entry whose build directory DIR is, or else DIR.
behind_entry() {
	if [ "${1##*/}" = build ] && [ -f "${1%/build}/headers" ] && grep -qs '^# Made by rust-kheaders' "$1/Makefile"; then
		cat "${1%/build}/headers"
	else
		printf '%s\n' "$1"
	fi
}

# set_link TARGET: has the link lead to TARGET. At each moment it leads somewhere.
set_link() {
	local link
	link=$(build_link)
	[ -n "$1" ] && ln -sfn "$1" "${link%/*}/.build.$$" && mv -T "${link%/*}/.build.$$" "$link"
}

# follow DIR: has the link of $release lead to DIR, the build directory of an entry, if that kernel is enabled and this
# is the entry of its headers.
follow() {
	is_enabled && [ "$cache" = "$default_cache" ] && [ "$headers" = "$(stock_headers)" ] || return 0
	case $1 in
	"$(readlink "$(build_link)")" | "$headers") ;;
	*) [ ! -w "$(dirname "$(build_link)")" ] || link_to "$1" ;;
	esac
}

# retreat: has the link of $release lead to the headers, as long as no entry of theirs is known to work.
retreat() {
	[ "$cache" = "$default_cache" ] && is_linked && [ "$headers" = "$(stock_headers)" ] || return 0
	[ ! -w "$(dirname "$(build_link)")" ] || set_link "$(stock_link)"
}

# link_to DIR: keeps where the link leads by itself, and has it lead to DIR.
link_to() {
	local stock
	stock=$(stock_link)
	mkdir -p "$enabled" && printf '%s\n' "$stock" >"$enabled/.$release.$$" && mv "$enabled/.$release.$$" "$enabled/$release" &&
		set_link "$1"
}

# leave ENTRY: has the link lead to the headers again if it leads to ENTRY, which is to be removed.
leave() {
	[ "$(readlink "$(build_link)")" != "$1/build" ] || set_link "$(stock_link)"
}

# mend_links: has the links lead to the headers again whose entries are gone, and forgets kernels whose headers are.
mend_links() {
	local file release
	[ -w "$enabled" ] || return 0
	for file in "$enabled"/*; do
		release=${file##*/}
		[ -f "$file" ] && [ "$release" != --all ] || continue
		! is_linked || [ -d "$(build_link)" ] || set_link "$(stock_link)"
		[ -L "$(build_link)" ] && stock_headers >/dev/null || rm "$file"
	done
}

# each_kernel COMMAND: runs COMMAND in a shell of its own for each kernel that has headers. Ends with the last exit code
# that says more than that a kernel cannot have Rust.
each_kernel() {
	local link code=0 found
	for link in /lib/modules/*/build; do
		[ -d "$link/include" ] || continue
		(
			release=$(basename "$(dirname "$link")")
			"$1"
		)
		found=$?
		case $found in 0 | "$skipped") ;; *) code=$found ;; esac
	done
	return "$code"
}

# enable_release: enables $release, or says why not.
enable_release() {
	require_enabler
	resolve
	[ "$ready" != "$headers" ] || {
		printf '%s\n' "$release: nothing to do, the headers have the metadata: $headers"
		return 0
	}
	[ -L "$(build_link)" ] ||
		stop "$failed" "$(build_link) is no link that could be changed; to fix: use make \$(rust-kheaders path --make $release) M=DIR"
	make_unless_ready
	link_to "$ready" || stop "$failed" "cannot change the link $(build_link)"
	printf '%s\n' "$release: enabled, make -C /lib/modules/$release/build M=DIR builds Rust modules"
}

# keep_release: enables $release if it is to be enabled. What has failed with the same headers and tools before is
# tried again only for a release that is named.
keep_release() {
	is_to_be_enabled || return 0
	resolve
	# What was killed has left more than its log.
	[ -n "$ready$named" ] || [ ! -e "$entry.log" ] || [ -d "$entry" ] || return 0
	enable_release
}

disable_release() {
	local was_linked=
	require_enabler
	! is_linked || {
		was_linked=yes
		set_link "$(stock_link)" || stop "$failed" "cannot change the link $(build_link)"
	}
	if [ -e "$enabled/--all" ]; then
		: >"$enabled/$release"
	elif [ -n "$was_linked" ] || [ -e "$enabled/$release" ]; then
		rm -f "$enabled/$release"
		rmdir "$enabled" "${enabled%/*}" 2>/dev/null
	else
		printf '%s\n' "$release: nothing to do, it is not enabled"
		return 0
	fi
	printf '%s\n' "$release: disabled, /lib/modules/$release/build has the distribution's headers"
}

# require_enabler: stops unless links can be changed.
require_enabler() {
	[ "$(id -u)" = 0 ] || stop "$failed" "only root can change /lib/modules/$release/build; to fix: run rust-kheaders as root"
}

# show_enabled: for the command status, prints what is enabled but not linked.
show_enabled() {
	local file release
	for file in "$enabled"/*; do
		release=${file##*/}
		[ -s "$file" ] && ! is_linked || [ "$release" = --all ] && [ -e "$file" ] || continue
		printf '%s\tenabled\n' "$release"
	done
}

# require_usage_of_enable: stops where options that only make sense for enable and disable stand elsewhere.
require_usage_of_enable() {
	case $command in
	enable | disable)
		[ "$cache$headers" = "$default_cache" ] ||
			stop "$misused" "$command takes neither --headers nor --cache; see rust-kheaders --help"
		[ -z "$all" ] || [ -z "$release$kept_only" ] ||
			stop "$misused" "--all is for all kernels, without a release; see rust-kheaders --help"
		[ -z "$kept_only" ] || [ "$command" = enable ] || stop "$misused" "--kept is for enable; see rust-kheaders --help"
		;;
	*) [ -z "$all$kept_only" ] || stop "$misused" "--all and --kept are for enable; see rust-kheaders --help" ;;
	esac
}

cmd_enable() {
	local named=$release
	mend_links
	if [ -n "$kept_only" ]; then
		[ -d "$enabled" ] && [ "$(id -u)" = 0 ] || return 0
		if [ -n "$named" ]; then
			keep_release
		else
			each_kernel keep_release
		fi
	elif [ -n "$all" ]; then
		require_enabler
		mkdir -p "$enabled" && : >"$enabled/--all" || stop "$failed" "cannot write to $enabled"
		# Nobody is against any kernel now.
		find "$enabled" -type f -empty ! -name --all -delete
		each_kernel enable_release
	else
		release=${release:-$(uname -r)}
		enable_release
	fi
}

cmd_disable() {
	local file code=0
	if [ -z "$all" ]; then
		release=${release:-$(uname -r)}
		disable_release
		return
	fi
	require_enabler
	rm -f "$enabled/--all"
	for file in "$enabled"/* /lib/modules/*/build; do
		case $file in
		*/build) release=$(basename "$(dirname "$file")") ;;
		*) release=${file##*/} ;;
		esac
		[ ! -e "$enabled/$release" ] && ! is_linked || (disable_release) || code=$?
	done
	rmdir "$enabled" "${enabled%/*}" 2>/dev/null
	return "$code"
}
