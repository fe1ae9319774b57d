// SPDX-License-Identifier: GPL-2.0

//! The kernel's style, and what the module must not have in it.

use lab::{
    bare::{Bare, MODULES},
    debian, Result,
};

/// rustc's and clippy's warnings are errors, with the kernel's own flags, on every kernel.
#[test]
fn modules_have_no_warnings() -> Result<()> {
    let folders = MODULES.iter().map(|folder| format!("/mnt/tree/{folder}"));
    let folders = Vec::from_iter(folders);
    for (root, which) in [
        (debian::enabled()?, 0),
        (debian::arrived()?, 1),
        (debian::enabled_too()?, 1),
    ] {
        let root = root.scratch()?;
        let release = debian::releases(&root)?.swap_remove(which);
        let mut arguments = vec![release.as_str()];
        arguments.extend(folders.iter().map(String::as_str));
        root.script("tests/system/scripts/clippy.sh", &arguments)?
            .ok()?;
    }
    Ok(())
}

/// The documentation of the abstraction renders, with no warning.
#[test]
fn the_documentation_renders() -> Result<()> {
    let root = debian::enabled()?.scratch()?;
    let release = debian::newest(&root)?;
    let arguments = ["/mnt/tree/src", &release, "/tmp/doc"];
    root.script("tests/lab/scripts/rustdoc.sh", &arguments)?
        .ok()?;
    let pages = root.sh("find /tmp/doc -name 'struct.Sysctl.html' | wc -l")?;
    assert_eq!(pages.ok()?.trim(), "1");
    Ok(())
}

/// Whether a line of nm names what Rust's library calls before a panic.
fn panics(line: &str) -> bool {
    let name = line.rsplit(' ').next().unwrap_or_default();
    let ends = ["unwrap_failed", "expect_failed", "_fail", "_fail_rt"];
    name.starts_with("_R")
        && (name.contains("panicking") || ends.iter().any(|end| name.ends_with(end)))
}

/// None but the one that is to: no other one needs the function of a crate that panics, or has it.
#[test]
fn modules_cannot_panic() -> Result<()> {
    // The crate's strings can, and where it is linked in, refusals.ko has them in it.
    let linked = ["refusals.ko:", "timebomb.ko:"];
    for (bare, expected) in [
        (Bare::newest()?, &linked[1..]),
        (Bare::before()?, &linked[1..]),
        (Bare::own()?, &linked[..]),
    ] {
        let mut root = debian::forge()?.scratch()?;
        root.bind(bare.modules(), "/mnt/modules");
        let symbols = root.sh("cd /mnt/modules && nm *.ko")?.ok()?;
        for module in [
            "oximod",
            "settings",
            "skeleton",
            "twins",
            "rust_bool",
            "xfs_port",
        ] {
            assert!(symbols.contains(&format!("{module}.ko:")), "{symbols}");
        }
        assert!(symbols.contains("register_sysctl_sz"), "{symbols}");
        let panicking = symbols
            .split("\n\n")
            .filter(|text| text.lines().any(panics));
        let panicking = Vec::from_iter(panicking.filter_map(|text| text.trim().lines().next()));
        assert_eq!(panicking, expected, "{symbols}");
    }
    Ok(())
}
