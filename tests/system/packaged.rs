// SPDX-License-Identifier: GPL-2.0

//! `rust-kheaders package`: machines that have neither bindgen nor the kernel's sources build with what it makes.

use std::{fs, path::PathBuf};

use lab::{cache, debian, fedora, Result};

const SCRIPTS: &str = "tests/system/scripts";

/// The directory with the package of the newest kernel's metadata, made twice, and a `log` of what was said.
fn package() -> Result<PathBuf> {
    let mut root = debian::forge()?.scratch()?;
    let packages = debian::packages()?;
    let script = format!("{SCRIPTS}/package.sh");
    let key = cache::key([
        root.key(),
        &packages.to_string_lossy(),
        &cache::key_of_files(&[&script])?,
    ]);
    cache::once("metadata", &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(&packages, "/mnt/packages");
        root.bind(path, "/mnt/metadata");
        let log = root.script(&script, &["/mnt/metadata"])?.ok()?;
        Ok(fs::write(path.join("log"), log)?)
    })
}

/// Only the path of the package is on standard output. What a killed run has left is gone, and was never used.
#[test]
fn two_runs_give_the_same_bytes() -> Result<()> {
    let log = fs::read_to_string(package()?.join("log"))?;
    assert!(log.ends_with("\nsame\n"), "{log}");
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

    // Debug information alone has the directory in it.
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
fn an_rpm_serves_as_well() -> Result<()> {
    let mut root = fedora::system()?.scratch()?;
    root.bind(fedora::packages()?, "/mnt/packages");
    let said = root.script(&format!("{SCRIPTS}/packaged-rpm.sh"), &[])?;
    said.ok().map(drop)
}
