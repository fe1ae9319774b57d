# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# A tree to start a module from. Sourced by rust-kheaders.

# What crates are called that every module is compiled with.
taken_names='alloc bindings build_error compiler_builtins core ffi kernel macros pin_init proc_macro std sysctl uapi'

# cmd_new: makes the directory $name in the working directory: a module of that name, and its packaging.
cmd_new() {
	local file to
	require_module_name
	case $here in
	*[[:blank:]:]*) stop "$misused" "kbuild cannot build in '$here', which contains a blank or a colon" ;;
	esac
	[ ! -e "$here/$name" ] && [ ! -L "$here/$name" ] || stop "$misused" "$here/$name exists"
	mkdir "$here/$name" || exit "$failed"
	(cd "$lib/new" && find . -type f) | while read -r file; do
		# A package has no such files as .gitignore, and a tree is to have one spec.
		to=$here/$name/$(printf '%s\n' "${file#./}" | sed "s/^git/.git/; s/\.in\$//; $(substitutions)")
		mkdir -p "${to%/*}" && sed "$(substitutions)" "$lib/new/$file" >"$to" || exit
		[ ! -x "$lib/new/$file" ] || chmod +x "$to"
	done || stop "$failed" "cannot write to $here/$name"
	printf '%s\n' "$here/$name"
}

# require_module_name: stops unless a module, a crate, an entry under /proc/sys and a package can be called $name.
require_module_name() {
	case $name in
	*-*) stop "$misused" "a module's name has no dash" "rust-kheaders new $(printf '%s\n' "$name" | tr -s - _)" ;;
	esac
	printf '%s\n' "$name" | grep -qxE '[a-z][a-z0-9]*(_[a-z0-9]+)*' && [ "${#name}" -gt 1 ] && [ "${#name}" -lt 56 ] ||
		stop "$misused" "'$name' is no name for a module: 2 to 55 lower-case letters and digits, with single underscores between them"
	case " $taken_names " in
	*" $name "*) stop "$misused" "there is a crate '$name' already; choose another name" ;;
	esac
}

# substitutions: prints what sed does to each template, and to its name.
substitutions() {
	local author mail
	author=${DEBFULLNAME:-$(git config --get user.name 2>/dev/null)}
	mail=$(printf '%s\n' "${DEBEMAIL:-$(git config --get user.email 2>/dev/null)}" | sed 's/^.*<\(.*\)>$/\1/')
	replacement NAME "$name"
	replacement PACKAGE "$(printf '%s\n' "$name" | tr _ -)"
	replacement TYPE "$(printf '%s\n' "$name" | awk -F_ '{ for (i = 1; i <= NF; i++) printf "%s%s", toupper(substr($i, 1, 1)), substr($i, 2) }')"
	replacement AUTHOR "${author:-Your Name}"
	replacement MAIL "${mail:-you@example.org}"
	replacement DATE "$(date -R)"
	replacement RPM_DATE "$(date '+%a %b %d %Y')"
	replacement YEAR "$(date +%Y)"
}

# replacement KEY TEXT: prints sed's command for it. What would end a string in the module is left out of TEXT.
replacement() {
	printf 's/__%s__/%s/g\n' "$1" "$(printf '%s\n' "$2" | tr -d '"\\' | sed 's/[&/]/\\&/g')"
}
