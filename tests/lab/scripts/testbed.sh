#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# testbed.sh: makes a root what autopkgtest expects of one: python, a root shell on a line, and a network.
#
# Exit codes: 0 done; others: a command failed.

set -eu

# shellcheck source=tests/lab/scripts/apt.sh
. /mnt/tree/tests/lab/scripts/apt.sh
update
install python3
cat > /etc/systemd/system/autopkgtest.service <<END
[Unit]
Description=autopkgtest's root shell
[Service]
ExecStart=/bin/sh
StandardInput=tty
StandardOutput=tty
TTYPath=/dev/hvc1
SuccessExitStatus=0 208 SIGHUP SIGINT SIGTERM SIGPIPE
[Install]
WantedBy=multi-user.target
END
cat > /etc/systemd/network/ether.network <<END
[Match]
Type=ether
[Network]
DHCP=yes
END
systemctl enable autopkgtest.service serial-getty@ttyS0.service systemd-networkd.service
umount /etc/resolv.conf
# QEMU's own.
echo nameserver 10.0.2.3 > /etc/resolv.conf
