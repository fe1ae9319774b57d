#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# refused.sh HOW: builds a module that no kernel would load as it is meant: it has two sections for its information
# (modinfo) or its parameters (parameter), or needs a symbol that nobody has (symbol), or is not even built (nothing, text).
#
# Exit codes: those of rust-kheaders.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

rm -rf /tmp/refused
mkdir /tmp/refused
cd /tmp/refused || exit
echo 'obj-m := refused.o' >Kbuild
cat >refused.c <<'END'
#include <linux/module.h>
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Is refused");
END
case $1 in
modinfo)
	# The linker keeps sections with different flags apart.
	echo 'asm(".pushsection .modinfo,\"awR\"; .string \"more=1\"; .popsection");' >>refused.c
	;;
parameter)
	cat >>refused.c <<'END'
static int number;
module_param(number, int, 0);
asm(".pushsection __param,\"aR\"; .zero 40; .popsection");
END
	;;
symbol)
	# modpost warns only.
	echo 'export KBUILD_MODPOST_WARN := 1' >>Kbuild
	cat >>refused.c <<'END'
int nobody_has_this(void);
static int __init start(void)
{
	return nobody_has_this();
}
module_init(start);
END
	;;
nothing) : >Kbuild ;;
text)
	rm refused.c
	echo 'fn' >refused.rs
	;;
esac
rust-kheaders module "$release"
