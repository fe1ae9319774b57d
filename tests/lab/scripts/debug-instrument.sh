#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# instrument.sh DIR MAKE_ARGUMENT...: builds the modules in DIR for a kernel with KCSAN. The kernel's build
# has C instrumented for it, and Rust not. So a module in Rust goes through LLVM's own tools, with the
# options of the kernel's scripts/Makefile.kcsan, and is linked as an object that came from elsewhere.
#
# Exit codes: 0 built; others: a command failed.

set -eu

dir=$1
shift
for file in "$dir"/*.rs; do
	name=${file##*/}
	name=${name%.rs}
	grep -q "^obj-m.*\<$name\.o\>" "$dir/Kbuild" || continue
	make "$@" M="$dir" "$name.ll"
	sed -i 's/^attributes #[0-9]* = {/& sanitize_thread/' "$dir/$name.ll"
	opt -passes='tsan-module,function(tsan)' -tsan-compound-read-before-write=1 -tsan-distinguish-volatile=1 \
		-tsan-instrument-func-entry-exit=0 "$dir/$name.ll" -o "$dir/$name.bc"
	llc -O2 -filetype=obj -code-model=kernel -relocation-model=static "$dir/$name.bc" -o "$dir/$name.object"
	cat >> "$dir/Kbuild" <<-EOF
		$name-y := ${name}_rust.o
		\$(obj)/${name}_rust.o: \$(src)/$name.object FORCE; \$(call if_changed,copy)
	EOF
done
make "$@" M="$dir" modules
