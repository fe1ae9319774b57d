// SPDX-License-Identifier: GPL-2.0

//! The kernel's style, and what the module must not have in it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lab::{cache, debian, modules, Result};

#[test]
fn rust_is_formatted_as_the_kernel_is() -> Result<()> {
    let mut root = debian::workshop()?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    let said = root.sh("cd /mnt/tree && rustfmt --check --edition 2021 $(find src samples bench tests -name '*.rs' -not -path '*/target/*')")?;
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
fn modules_have_no_warnings() -> Result<()> {
    let mut root = debian::installed()?.scratch()?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    root.sh("apt-get update && apt-get install -y --no-install-recommends rust-clippy")?
        .ok()?;
    for release in debian::releases(&root)? {
        for directory in ["src"].iter().chain(modules::DIRECTORIES) {
            root.sh(&format!(
                "set -e
                 rm -rf /tmp/build && cp -rL /mnt/tree/{directory} /tmp/build
                 make $(rust-kheaders path --make {release}) M=/tmp/build CLIPPY=1 KRUSTFLAGS=-Dwarnings modules"
            ))?
            .ok()?;
        }
    }
    Ok(())
}

/// None but the one that is to.
#[test]
fn modules_cannot_panic() -> Result<()> {
    let mut root = debian::installed()?.scratch()?;
    let packed = modules::packed()?;
    let directory = packed.parent().ok_or("no directory")?;
    root.bind(directory, "/mnt/modules");
    root.sh("mkdir /tmp/modules && tar -x -f /mnt/modules/tar -C /tmp/modules")?
        .ok()?;
    for release in debian::releases(&root)? {
        let undefined = root
            .sh(&format!(
                "set -e
                 cd /tmp/modules/{release}
                 xz -dc /lib/modules/{release}/updates/dkms/oximod.ko.xz > oximod.ko
                 nm -u *.ko"
            ))?
            .ok()?;
        for module in ["oximod", "skeleton", "twins", "rust_bool", "rust_bitmap"] {
            assert!(undefined.contains(&format!("{module}.ko:")), "{undefined}");
        }
        assert!(undefined.contains("register_sysctl_sz"), "{undefined}");
        let mut modules = undefined
            .split("\n\n")
            .filter(|text| text.contains("panicking"));
        let only = modules.next().unwrap_or_default();
        assert!(only.contains("timebomb.ko:"), "{undefined}");
        assert_eq!(modules.next(), None);
    }
    Ok(())
}

#[test]
fn unsafe_code_is_in_one_file() -> Result<()> {
    let tree = cache::tree().canonicalize()?;
    let mut files = Vec::new();
    find_rust(&tree.join("src"), &mut files)?;
    files.push(tree.join("samples/skeleton.rs"));
    assert!(files.len() > 10, "{files:?}");
    let mut with = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file)?;
        let file = file.strip_prefix(&tree)?.to_string_lossy().into_owned();
        let code: Vec<_> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let code = code.join("\n");
        if code
            .split(|character: char| !character.is_alphanumeric())
            .any(|word| word == "unsafe")
        {
            with.push(file.clone());
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
    assert_eq!(with, ["src/sysctl.rs"]);
    Ok(())
}

fn find_rust(directory: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            find_rust(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// An author starts from it, so it is short.
#[test]
fn the_skeleton_is_short() -> Result<()> {
    let skeleton = fs::read_to_string(cache::tree().join("samples/skeleton.rs"))?;
    assert!(skeleton.lines().count() <= 60);
    Ok(())
}
