#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# loads.sh: asks whether modules load on a kernel that compares checksums of symbols: its own, one of another release,
# ones with other checksums or none, and two that belong together.
#
# Exit codes: 0 the answers are right; 1 not so, and what was said is printed.

set -u

# shellcheck source=tests/system/scripts/lib.sh
. /mnt/tree/tests/system/scripts/lib.sh

# says CODE TEXT ARGUMENT...: requires this of rust-kheaders check.
says() {
	code=$1
	text=$2
	shift 2
	said=$(rust-kheaders check "$@" 2>&1)
	[ $? = "$code" ] || fail "not $code for $*:" "$said"
	case $said in
	*"$text"*) ;;
	*) fail "no '$text' for $*:" "$said" ;;
	esac
}

mkdir /tmp/loads /tmp/loads/pair
cd /tmp/loads || exit

find "/lib/modules/$release/kernel" -name '*.ko*' | sort | awk 'NR % 50 == 1' >kernel
# shellcheck disable=SC2046 # a list of words
says 0 ': loads ' $(cat kernel) "$release"
[ "$(printf '%s\n' "$said" | wc -l)" = "$(wc -l <kernel)" ] || fail "$said"

xz -dc "/lib/modules/$release/updates/dkms/oximod.ko.xz" >oximod.ko
says 0 "$release: loads oximod.ko" oximod.ko "$release"
sed "s/vermagic=$release/vermagic=$(echo "$release" | tr 0-9 1-90)/" oximod.ko >other.ko
says 0 "$release: loads other.ko" other.ko "$release"
sed "s/mod_unload modversions/mod_unload modvarsions/" oximod.ko >flags.ko
says 1 "does not load flags.ko: its vermagic is '$release SMP preempt mod_unload modvarsions'" flags.ko "$release"
objcopy --remove-section __versions oximod.ko none.ko
says 1 'it has no checksums of the symbols that it needs' none.ko "$release"

# Checksums of names that are too long for the old table.
symbol=$(readelf -sW oximod.ko | awk '$5 == "GLOBAL" && $7 == "UND" { print $8; exit }')
printf '\170\126\064\022' >crcs
printf '%s\000' "$symbol" >names
objcopy --add-section __version_ext_crcs=crcs --add-section __version_ext_names=names oximod.ko long.ko
says 1 "it needs $symbol, and the kernel has another version of it: the checksum is 0x" long.ko "$release"
says 1 ', not 0x12345678' long.ko "$release"

cp -r "$headers" /tmp/headers
for link in scripts tools; do
	ln -sfn "$(readlink -f "$headers/$link")" "/tmp/headers/$link"
done
sed -i 's/^0x[0-9a-f]*\(	module_layout	\)/0x12345678\1/' /tmp/headers/Module.symvers
says 1 'it was built for a kernel that has another struct module' --headers /tmp/headers oximod.ko "$release"
echo CONFIG_MODULE_SIG_FORCE=y >>/tmp/headers/include/config/auto.conf
says 1 'it is not signed, and the kernel takes no others' --headers /tmp/headers long.ko "$release"

cd pair || exit
echo 'obj-m := gives.o takes.o' >Kbuild
echo 'MODULE_LICENSE("GPL"); MODULE_DESCRIPTION("One of two");' >both.h
cat >gives.c <<'END'
#include <linux/module.h>
#include "both.h"
int given(void);
int given(void)
{
	return 0;
}
EXPORT_SYMBOL_GPL(given);
END
cat >takes.c <<'END'
#include <linux/module.h>
#include "both.h"
int given(void);
static int __init start(void)
{
	return given();
}
module_init(start);
END
make -s -C "$headers" M="$PWD" modules >log 2>&1 || fail "$(cat log)"
says 1 'it needs given, and the kernel exports nothing of that name' takes.ko "$release"
says 0 "$release: loads takes.ko" takes.ko gives.ko "$release"
mkdir -p "/lib/modules/$release/updates"
cp gives.ko "/lib/modules/$release/updates"
depmod "$release"
says 0 "$release: loads takes.ko" takes.ko "$release"
