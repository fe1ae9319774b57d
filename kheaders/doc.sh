# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Documentation of the kernel's crates and of modules. Sourced by rust-kheaders.

# cmd_doc: documents the kernel's crates once, and prints where. With --module, documents the modules in the working
# directory too, and prints where these are described.
cmd_doc() {
	local doc
	resolve
	[ "$ready" != "$headers" ] || [ -e "$srctree/rust/kernel/lib.rs" ] ||
		stop "$skipped" "the headers have metadata, but not the sources that would be documented"
	[ "$kind" = crates ] || stop "$skipped" "this kernel has no crates that could be documented"
	command -v "$(tool_of_rustc rustdoc)" >/dev/null || stop "$needs" "needs the rustdoc of $rustc"
	make_unless_ready
	! is_packaged "$ready" || find_rust_src "$(version_of "$rustc")" >/dev/null || exit
	doc=${ready%/build}/doc
	case $ready in "$headers" | "$packaged"/*) doc=$cache/$release/doc ;; esac
	[ -e "$doc/kernel/index.html" ] || make_doc "$doc"
	if [ -z "$modules_too" ]; then
		printf '%s\n' "$doc/kernel/index.html"
	else
		document_modules "$doc"
	fi
}

# make_doc DIR: documents the crates of the kernel in DIR.
make_doc() {
	require_writable
	require_memory "$metadata_memory"
	require_room "$cache" 500
	entry=$1.new
	log=$1.log
	lock
	[ ! -e "$1/kernel/index.html" ] || return 0
	handle_signals
	rm -rf "$entry" "$entry.build" "$1"
	: >"$log"
	step "documenting the kernel's crates" document_crates
	rm -rf "$entry.build"
	[ "$ready" = "$headers" ] || is_packaged "$ready" || find "$ready/rust" -name '.*.cmd' -delete
	mv -T "$entry" "$1" || give_up "$entry cannot be renamed"
	rm -f "$log"
	trap - INT TERM HUP
}

document_crates() {
	local dir=$ready
	! is_packaged "$ready" || {
		dir=$entry.build
		copy_packaged "$dir"
	}
	make_rust "$dir" rustdoc_output="$entry" \
		KBUILD_RUN_COMMAND="\$(MAKE) \$(build)=rust kbuild-file='$lib/doc.kbuild' rustdoc"
}

# copy_packaged DIR: makes DIR a build directory that is written to in the place of the package's.
copy_packaged() {
	cp -rsT "$ready" "$1"
	rm "$1/Makefile"
	sed "s|^KBUILD_OUTPUT = .*|KBUILD_OUTPUT = $1|" "$ready/Makefile" >"$1/Makefile"
}

# document_modules DIR: documents the Rust modules in the working directory, in ./doc, with links to DIR. It has
# rustdoc do what the compiler did.
document_modules() {
	local file module command log
	log=$(mktemp) || exit
	build_module "$ready" "$here" >"$log" 2>&1 || {
		cat "$log" >&2
		stop "$failed" "the modules in $here were not built$(first_error "$log"); see $log"
	}
	rm "$log"
	cd "$here" || exit
	for file in *.rs; do
		module=${file%.rs}
		[ -f ".$module.o.cmd" ] || continue
		command=$(sed -n "s|^savedcmd_.*$module\.o := ||p" ".$module.o.cmd")
		command=$(printf '%s\n' "${command%% ; *}" |
			sed "s| --out-dir [^ ]*||; s| --emit=[^ ]*||g; s|[^ ]*/rustc[-.0-9]* |$(tool_of_rustc rustdoc) |")
		eval "RUSTC_BOOTSTRAP=1 $command --out-dir '$here/doc' --crate-name '$module' -Zunstable-options \
			--extern-html-root-url 'core=file://$1' --extern-html-root-url 'kernel=file://$1'" >&2 ||
			stop "$failed" "the module $module was not documented"
		printf '%s\n' "$here/doc/$module/index.html"
	done
}
