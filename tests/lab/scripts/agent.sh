#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# agent.sh PROGRAMS CONSOLE LINE: prepares a root for its boots: installs the guest's PROGRAMS, with the agent on LINE as
# a service, and does what systemd does at a first boot, so that each boot is one of many. CONSOLE logs in root by
# itself: nobody can reach it but who has started the machine.
#
# Exit codes: 0 done; others: a command failed.

set -eu

cp "$1"/* /usr/local/bin/
cat > /etc/systemd/system/agent.service <<END
[Unit]
Description=Commands from outside
[Service]
# udev applies sysctl.d to modules once more while the system comes up.
ExecStartPre=-udevadm settle
ExecStart=/usr/local/bin/agent /dev/$3
TimeoutStartSec=infinity
[Install]
WantedBy=multi-user.target
END
systemctl enable agent.service
mkdir -p "/etc/systemd/system/serial-getty@$2.service.d"
cat > "/etc/systemd/system/serial-getty@$2.service.d/login.conf" <<END
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --keep-baud 115200 - \$TERM
END
systemd-machine-id-setup
systemd-sysusers
ldconfig
journalctl --update-catalog
/usr/lib/systemd/systemd-update-done
