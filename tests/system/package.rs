// SPDX-License-Identifier: GPL-2.0

//! The Debian packages: as built, and as apt and DKMS install them.

use std::fs;

use lab::{cache, debian, Result};

#[test]
fn lintian_has_nothing_to_say() -> Result<()> {
    let mut root = debian::checkers()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let said = root.sh("lintian --allow-root -EviIL +pedantic /mnt/packages/*.changes")?;
    assert_eq!((said.code, said.text.as_str()), (0, ""));
    Ok(())
}

/// Where, when and with what umask they are built leaves no trace.
#[test]
fn two_builds_give_the_same_bytes() -> Result<()> {
    let mut root = debian::workshop()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let script = "tests/system/scripts/build-elsewhere.sh";
    root.script(script, debian::PACKAGED)?.ok().map(drop)
}

/// Installed with nothing else there, removed and purged, they leave the system as it was.
#[test]
fn piuparts_finds_nothing() -> Result<()> {
    let base = debian::base()?;
    let tar = cache::once("base-tar", base.key(), |path| {
        fs::create_dir_all(path)?;
        let mut base = base.scratch()?;
        base.bind(path, "/mnt/tar");
        base.sh("tar -c -z --one-file-system -C / -f /mnt/tar/base.tar.gz .")?
            .ok()
            .map(drop)
    })?;
    let mut root = debian::checkers()?.scratch()?;
    root.bind(tar, "/mnt/tar");
    root.bind(debian::packages()?, "/mnt/packages");
    let said = root.script(
        "tests/system/scripts/piuparts.sh",
        &["/mnt/tar/base.tar.gz", "/mnt/packages"],
    )?;
    let said = said.ok()?;
    assert!(
        said.contains("PASS: Installation and purging test."),
        "{said}"
    );
    Ok(())
}

/// Version 0.1.0 of oximod-dkms had the files that oximod-common has now.
#[test]
fn the_files_of_an_older_package_are_taken_over() -> Result<()> {
    let mut root = debian::base()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let said = root.sh(
        "set -e
         mkdir -p /tmp/old/DEBIAN /tmp/old/usr/lib/modules-load.d
         echo oximod > /tmp/old/usr/lib/modules-load.d/oximod.conf
         printf '%s\\n' 'Package: oximod-dkms' 'Version: 0.1.0' 'Architecture: all' 'Maintainer: A <a@b>' 'Description: old' \
             > /tmp/old/DEBIAN/control
         dpkg-deb --build /tmp/old /tmp/old.deb
         dpkg --install /tmp/old.deb
         dpkg --unpack --auto-deconfigure --force-depends /mnt/packages/oximod-common_*.deb /mnt/packages/oximod-dkms_*.deb
         dpkg --search /usr/lib/modules-load.d/oximod.conf",
    )?;
    let said = said.ok()?;
    assert!(
        said.ends_with("\noximod-common: /usr/lib/modules-load.d/oximod.conf\n"),
        "{said}"
    );
    Ok(())
}

/// Those of the tree's files are compared by `make check`.
#[test]
fn the_module_and_dkms_have_the_packages_version() -> Result<()> {
    let version = debian::version()?;
    let root = debian::installed()?;
    for (command, line) in [
        (
            "modinfo /lib/modules/*/updates/dkms/oximod.*",
            format!("\nversion:        {version}\n"),
        ),
        ("dkms status", format!("oximod/{version}, ")),
    ] {
        let said = root.sh(command)?.ok()?;
        assert!(said.contains(&line), "{said}");
    }
    Ok(())
}

/// The layer under test was made by following that line.
#[test]
fn apt_tells_what_else_is_needed_by_name_and_version() -> Result<()> {
    let root = debian::installed()?;
    let log = root.sh(&format!("cat {}", debian::INSTALL_LOG))?.ok()?;
    let (before, after) = log.split_once("== followed\n").expect("two parts");
    let release = debian::newest(&root)?;
    let source = root
        .sh(&format!(
            "dpkg-query -W -f '${{Version}}' linux-headers-{release}"
        ))?
        .ok()?;
    let package = debian::source_package(&release);
    let line = format!(
        "oximod: skipped: rust-kheaders: {release}: needs the kernel's sources, {package} {source}; \
         to fix: apt install {package}={source} && dkms autoinstall -k {release}\n"
    );
    assert_eq!(before.matches(&line).count(), 1, "{line}{before}");
    assert_eq!(before.matches("rust-kheaders: ").count(), 1, "{before}");
    // To install it is enough.
    assert!(
        after.contains("Processing triggers for oximod-dkms"),
        "{after}"
    );
    let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
    assert!(status.ends_with(": installed\n"), "{status}");
    Ok(())
}

#[test]
fn no_other_package_is_touched() -> Result<()> {
    let root = debian::installed()?;
    let changed = root.sh(
        "dpkg --verify $(dpkg-query -W -f '${db:Status-Status} ${Package}\\n' |
             sed -nE 's/^installed ((linux-|rust|oximod).*)$/\\1/p')",
    )?;
    assert_eq!(changed.ok()?, "");
    Ok(())
}

/// Whatever goes wrong for one kernel is no reason for apt to fail: one line says what it is.
#[test]
fn a_build_that_fails_is_skipped() -> Result<()> {
    for (how, line) in [
        (
            "compile",
            "the module oximod cannot be built for this kernel (error: on purpose); \
             see /var/cache/rust-kheaders/RELEASE/oximod.log; a later version of it may support the kernel",
        ),
        ("damaged", "needs the kernel's sources, linux-source-"),
        ("full", "no space left in /var/cache/rust-kheaders (compiling failed)"),
        ("ro", "cannot write to /var/cache/rust-kheaders; to fix: "),
        ("room", "RELEASE: no space left in /tmp: 50 MB are needed; to fix: free some space, then run dkms autoinstall -k RELEASE"),
    ] {
        let root = debian::informed()?.scratch()?;
        let release = debian::newest(&root)?;
        let said = root.script("tests/system/scripts/skipped.sh", &[how])?;
        assert_eq!(said.code, 0, "{said}");
        let text = said.text.replace(&release, "RELEASE");
        let told: Vec<_> = text
            .lines()
            .filter(|told| told.starts_with("oximod: skipped: "))
            .collect();
        assert!(told.len() == 1 && told[0].contains(line), "{how}: {said}");
        assert!(text.contains("Autoinstall on RELEASE was skipped"), "{said}");
        assert!(!text.contains("\n/var/cache"), "{said}");
    }
    Ok(())
}
