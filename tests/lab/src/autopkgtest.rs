// SPDX-License-Identifier: GPL-2.0

//! The tests in debian/tests, as Debian runs them: by autopkgtest, in a machine of its own.

use std::fs;

use crate::{cache, debian, progress::step, root::Root, Result};

const RUN: &str = "tests/lab/scripts/autopkgtest.sh";

/// Runs them on the newest stock kernel, and returns what each came to. Their logs are in
/// `out/autopkgtest`.
pub fn run() -> Result<String> {
    let testbed = testbed()?;
    let release = debian::newest(&testbed)?;
    let mut root = debian::autopkgtest()?.scratch()?;
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
    root.bind(machine, "/mnt/machine");
    root.bind(debian::packages()?, "/mnt/packages");
    root.bind(out.canonicalize()?, "/mnt/out");
    step("autopkgtest", || root.script(RUN, &[&release])?.ok())
}

/// What the tests run in: no package of ours, a root shell on a line, and a network.
fn testbed() -> Result<Root> {
    let script = "tests/lab/scripts/testbed.sh";
    debian::kernels()?.scripted("testbed", "autopkgtest's root", script, &[])
}
