// SPDX-License-Identifier: GPL-2.0

//! The tests in debian/tests, as Debian runs them: by autopkgtest, in a machine of its own.

use std::fs;

use crate::{cache, debian, progress::step, root::Root, Result};

/// Runs them on the newest stock kernel, and returns what each came to. Their logs are in
/// `out/autopkgtest`.
pub fn run() -> Result<String> {
    let testbed = testbed()?;
    let release = debian::releases(&testbed)?.remove(0);
    let mut root = tester()?.scratch()?;
    let out = cache::tree().join("out");
    cache::remove(&out.join("autopkgtest"))?;
    fs::create_dir_all(&out)?;
    let machine = cache::once("testbed-image", testbed.key(), |path| {
        fs::create_dir_all(path)?;
        step("autopkgtest's machine", || {
            let mut testbed = testbed.scratch()?;
            testbed.bind(path, "/mnt/machine");
            testbed
                .sh("cp /boot/vmlinuz-* /boot/initrd.img-* /mnt/machine")?
                .ok()?;
            testbed.scratch()?.image(&path.join("image"), 16384)
        })
    })?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    root.bind(machine, "/mnt/machine");
    root.bind(debian::packages()?, "/mnt/packages");
    root.bind(out.canonicalize()?, "/mnt/out");
    step("autopkgtest", || {
        root.sh(&RUN.replace("RELEASE", &release))?.ok()
    })
}

/// The options of QEMU are single words, so the kernel's command line is one too.
const RUN: &str = r#"
cd /mnt/out
autopkgtest --no-built-binaries --output-dir autopkgtest /mnt/packages/*.dsc /mnt/packages/*.deb -- \
	qemu --qemu-command /mnt/tree/tests/lab/scripts/autopkgtest-qemu --qemu-architecture x86_64 --boot none --cpus 2 --timeout-reboot 600 \
	--qemu-options="-cpu max -kernel /mnt/machine/vmlinuz-RELEASE -initrd /mnt/machine/initrd.img-RELEASE
		-append root=/dev/vda" /mnt/machine/image > log 2>&1
code=$?
mv log autopkgtest/
[ $code = 0 ] || tail -n 50 autopkgtest/log
cat autopkgtest/summary
exit $code
"#;

/// What the tests run in: no package of ours, a root shell on a line, and a network.
fn testbed() -> Result<Root> {
    debian::kernels()?.layer("testbed", TESTBED, |root| root.sh(TESTBED)?.ok().map(drop))
}

const TESTBED: &str = r#"
set -e
apt-get update
apt-get install -y --no-install-recommends python3
cat > /etc/systemd/system/autopkgtest.service <<EOF
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
EOF
cat > /etc/systemd/network/ether.network <<EOF
[Match]
Type=ether
[Network]
DHCP=yes
EOF
systemctl enable autopkgtest.service serial-getty@ttyS0.service systemd-networkd.service
umount /etc/resolv.conf
# QEMU's own.
echo nameserver 10.0.2.3 > /etc/resolv.conf
"#;

/// Where autopkgtest runs.
fn tester() -> Result<Root> {
    debian::base()?.layer("tester", TESTER, |root| root.sh(TESTER)?.ok().map(drop))
}

const TESTER: &str = r#"
set -e
apt-get update
apt-get install -y --no-install-recommends autodep8 autopkgtest qemu-system-x86 qemu-utils
rm -rf /var/lib/apt/lists/*
"#;
