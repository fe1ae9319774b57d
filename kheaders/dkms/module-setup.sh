# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# A module of dracut, which sources this file. dracut copies every file of modules-load.d and sysctl.d into the
# initramfs. This takes those of @NAME@ out again, unless the kernel module is there too: see 50-@NAME@.conf.

install() {
	if [[ " $drivers $add_drivers $force_drivers " == *" @NAME@ "* ]] && modinfo -k "$kernel" @NAME@ &>/dev/null; then
		return
	fi
	rm -f "$initdir"/{etc,usr/lib}/{modules-load.d,sysctl.d}/{,[0-9][0-9]-}@NAME@.conf
}
