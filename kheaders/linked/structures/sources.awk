# SPDX-License-Identifier: GPL-2.0
#
# awk -v dir=DIR -f sources.awk list: writes C and Rust sources into DIR that have the sizes and offsets of the
# structures in the list, as numbers in a section .structures, and a file names with what each number is of.

{ sub(/#.*/, "") }

NF {
	print $1 > (dir "/names")
	c = c "\tsizeof(struct " $1 "),\n"
	rust = rust "    size_of::<bindings::" $1 ">(),\n"
	for (i = 2; i <= NF; i++) {
		print $1 "." $i > (dir "/names")
		c = c "\toffsetof(struct " $1 ", " $i "),\n"
		# A keyword of Rust.
		field = $i == "mod" ? "mod_" : $i
		rust = rust "    offset_of!(bindings::" $1 ", " field "),\n"
	}
	count += NF
}

END {
	print "#include \"bindings_helper.h\"" > (dir "/c.c")
	printf "const unsigned long structures[] __section(\".structures\") = {\n%s};\n", c > (dir "/c.c")
	print "use core::mem::offset_of;\nuse kernel::{bindings, prelude::*};" > (dir "/rust.rs")
	print "#[used(compiler)]\n#[link_section = \".structures\"]" > (dir "/rust.rs")
	printf "static STRUCTURES: [usize; %d] = [\n%s];\n", count, rust > (dir "/rust.rs")
}
