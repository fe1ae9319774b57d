// SPDX-License-Identifier: GPL-2.0

//! The kernel's style, and what the module must not have in it.

use std::fs;

use lab::{cache, debian, Result};

#[test]
fn rust_is_formatted_as_the_kernel_is() -> Result<()> {
    let mut root = debian::workshop()?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    let said = root.sh("cd /mnt/tree && rustfmt --check --edition 2021 $(find src tests -name '*.rs' -not -path '*/target/*')")?;
    said.ok().map(drop)
}

#[test]
fn shell_scripts_are_clean() -> Result<()> {
    let mut root = debian::workshop()?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    let said = root.sh(
        "cd /mnt/tree && shellcheck -x $(grep -rlE --exclude-dir target --exclude-dir .git --exclude-dir out '^#!/bin/(ba)?sh' .)",
    )?;
    said.ok().map(drop)
}

/// rustc's and clippy's warnings are errors, with the kernel's own flags, on every kernel.
#[test]
fn the_module_has_no_warnings() -> Result<()> {
    let mut root = debian::installed()?.scratch()?;
    root.bind(cache::tree().canonicalize()?.join("src"), "/mnt/src");
    root.sh("apt-get update && apt-get install -y --no-install-recommends rust-clippy")?
        .ok()?;
    for release in debian::releases(&root)? {
        root.sh(&format!(
            "set -e
             rm -rf /tmp/src && cp -r /mnt/src /tmp/src
             make $(rust-kheaders path --make {release}) M=/tmp/src CLIPPY=1 KRUSTFLAGS=-Dwarnings modules"
        ))?
        .ok()?;
    }
    Ok(())
}

#[test]
fn the_module_cannot_panic() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    for release in debian::releases(&root)? {
        let undefined = root
            .sh(&format!(
                "xz -dc /lib/modules/{release}/updates/dkms/oximod.ko.xz > /tmp/oximod.ko && nm -u /tmp/oximod.ko"
            ))?
            .ok()?;
        assert!(undefined.contains("register_sysctl_sz"), "{undefined}");
        assert!(!undefined.contains("panicking"), "{undefined}");
    }
    Ok(())
}

#[test]
fn unsafe_code_is_in_one_file() -> Result<()> {
    let mut with = Vec::new();
    for file in ["oximod.rs", "atom.rs", "sysctl.rs", "sysctl/text.rs"] {
        let text = fs::read_to_string(cache::tree().join("src").join(file))?;
        let code: Vec<_> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let code = code.join("\n");
        if code
            .split(|character: char| !character.is_alphanumeric())
            .any(|word| word == "unsafe")
        {
            with.push(file);
        }
        for banned in [
            "unwrap()",
            "expect(\"",
            "panic!",
            "pub fn",
            "pub struct",
            "pub trait",
        ] {
            assert!(!code.contains(banned), "{file}: {banned}");
        }
    }
    assert_eq!(with, ["sysctl.rs"]);
    Ok(())
}
