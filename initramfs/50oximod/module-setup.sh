# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# A module of dracut, which sources this file. dracut copies every file of modules-load.d and sysctl.d into the
# initramfs. This takes those of oximod out again, unless the kernel module is there too: see 50-oximod.conf.

install() {
	if [[ " $drivers $add_drivers $force_drivers " == *" oximod "* ]] && modinfo -k "$kernel" oximod &>/dev/null; then
		return
	fi
	rm -f "$initdir"/{etc,usr/lib}/{modules-load.d/oximod,sysctl.d/10-oximod}.conf
}
