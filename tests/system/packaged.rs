// SPDX-License-Identifier: GPL-2.0

//! `rust-kheaders package`: machines that have neither bindgen nor the kernel's sources build with what it makes.

use std::{fs, path::PathBuf};

use lab::{cache, debian, fedora, Result};

const SCRIPTS: &str = "tests/system/scripts";

/// The directory with the package of the newest kernel's metadata.
fn package() -> Result<PathBuf> {
    let mut root = debian::forge()?.scratch()?;
    let packages = debian::packages()?;
    let recipe = cache::key_of_files(&[PACKAGE])? + &packages.to_string_lossy();
    cache::once("metadata", &cache::key([root.key(), &recipe]), |path| {
        fs::create_dir_all(path)?;
        root.bind(&packages, "/mnt/packages");
        root.bind(path, "/mnt/metadata");
        root.script(PACKAGE, &["/mnt/metadata"])?.ok().map(drop)
    })
}

const PACKAGE: &str = "tests/system/scripts/package.sh";

/// What a killed run has left is never used, and gone after the next.
#[test]
#[ignore = "makes the metadata three times: make test-debug"]
fn two_runs_give_the_same_bytes_and_a_killed_one_nothing() -> Result<()> {
    let mut root = debian::forge()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    root.sh("mkdir /tmp/made")?.ok()?;
    root.script(PACKAGE, &["/tmp/made", "again"])?
        .ok()
        .map(drop)
}

#[test]
fn lintian_has_no_error_and_no_warning() -> Result<()> {
    let mut root = debian::checkers()?.scratch()?;
    root.bind(package()?, "/mnt/metadata");
    let said = root.sh("lintian --allow-root --fail-on error,warning /mnt/metadata/*.deb")?;
    said.ok().map(drop)
}

/// apt installs it; modules, DKMS and plain make take it; it is refused where it does not fit, and leaves with the headers.
#[test]
fn modules_are_built_with_it() -> Result<()> {
    let release = debian::newest(&debian::forge()?)?;
    let mut root = debian::base()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    root.bind(package()?, "/mnt/metadata");
    let said = root
        .script(&format!("{SCRIPTS}/packaged.sh"), &[&release])?
        .ok()?;

    let other = debian::enabled()?.scratch()?;
    let expected = other
        .script(&format!("{SCRIPTS}/module-digest.sh"), &[&release])?
        .ok()?;
    let digest = said.lines().find_map(|line| line.strip_prefix("digest "));
    assert_eq!(digest, Some(expected.trim_end()), "{said}");
    Ok(())
}

/// The same on a system of RPMs.
#[test]
#[ignore = "makes the metadata again: make test-debug"]
fn an_rpm_serves_as_well() -> Result<()> {
    let mut root = fedora::system()?.scratch()?;
    root.bind(fedora::packages()?, "/mnt/packages");
    let said = root.script(&format!("{SCRIPTS}/packaged-rpm.sh"), &[])?;
    said.ok().map(drop)
}
