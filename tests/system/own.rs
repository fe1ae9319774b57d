// SPDX-License-Identifier: GPL-2.0

//! Debian as it is installed: main alone, and a kernel without Rust support, in which modules bring what they use of
//! the crates.

use lab::{debian, disk::Disk, root::Root, Result};

/// What DKMS says of the module for a kernel.
fn status(root: &Root, release: &str) -> Result<String> {
    root.sh(&format!("dkms status oximod -k {release}"))?.ok()
}

/// To install the packages is enough: what they recommend is what the kernel needs.
#[test]
fn apt_install_is_enough() -> Result<()> {
    let root = debian::own()?;
    let release = debian::newest(&root)?;
    let log = root.sh(&format!("cat {}", debian::INSTALL_LOG))?.ok()?;
    assert!(!log.contains("oximod: skipped"), "{log}");
    assert!(status(&root, &release)?.ends_with(": installed\n"), "{log}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    let check = root.sh("rust-kheaders check $(cat /usr/local/share/releases)")?;
    let ready = format!("{release}: ready, linked: /var/cache/rust-kheaders/");
    assert!(check.ok()?.starts_with(&ready));
    let entry = root.sh("rust-kheaders status")?.ok()?;
    assert!(entry.contains("\tlinked\t"), "{entry}");
    // The sources included.
    let megabytes = root.sh("du -sm /var/cache/rust-kheaders | cut -f 1")?;
    let megabytes: u32 = megabytes.ok()?.trim().parse()?;
    assert!(megabytes <= 120, "{megabytes} MB");
    assert_eq!(root.sh("find / -maxdepth 1 -type f")?.ok()?, "");
    Ok(())
}

/// Without what is recommended, lines say what is missing, one each time.
#[test]
fn what_is_missing_is_told() -> Result<()> {
    let mut root = debian::plain()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let release = debian::newest(&root)?;
    let apt = |packages: &str| {
        root.sh(&format!(
            ". /mnt/tree/tests/lab/scripts/apt.sh && install {packages}"
        ))?
        .ok()
    };
    let said = apt(debian::USERS)?.replace('\r', "");
    let line = format!(
        "oximod: skipped: rust-kheaders: {release}: no headers in /lib/modules/{release}/build; \
         to fix: apt install linux-headers-{release} && dkms autoinstall -k {release}\n"
    );
    assert_eq!(said.matches(&line).count(), 1, "{said}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");

    let said = apt(&format!("linux-headers-{release}"))?;
    let version = root.sh(&format!(
        "dpkg-query -W -f '${{Version}}' linux-headers-{release}"
    ))?;
    let source = format!("linux-source-6.12={}", version.ok()?);
    let line = format!(
        "oximod: skipped: rust-kheaders: {release}: needs the kernel's sources, {}; \
         to fix: apt install {source} && dkms autoinstall -k {release}\n",
        source.replace('=', " ")
    );
    assert_eq!(said.replace('\r', "").matches(&line).count(), 1, "{said}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");

    let said = apt(&source)?;
    assert!(
        status(&root, &release)?.ends_with(": installed\n"),
        "{said}"
    );
    Ok(())
}

/// A kernel of backports comes, is booted, and leaves again.
#[test]
fn a_kernel_of_backports_comes_and_goes() -> Result<()> {
    let root = debian::own_and_newest()?;
    let disk = Disk::own_and_newest()?;
    let [own, newest] = &disk.releases().to_vec()[..] else {
        return Err("two releases are needed".into());
    };
    for release in [own, newest] {
        assert!(
            status(&root, release)?.ends_with(": installed\n"),
            "{release}"
        );
    }
    let entries = root.sh("rust-kheaders status")?.ok()?;
    for (release, kind) in [(own, "linked"), (newest, "with the kernel's crates")] {
        let is_so = |line: &str| line.starts_with(release) && line.contains(kind);
        assert!(entries.lines().any(is_so), "{entries}");
    }

    for release in [newest, own] {
        let mut machine = disk.machine(release, "own-and-newest").boot()?;
        assert_eq!(machine.ok("uname -r")?.trim(), release);
        assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
        let said = machine.ok("entry contract")?;
        assert!(said.ends_with(" tried, 0 different\n"), "{said}");
        machine.require_health()?;
    }
    disk.forget()?;

    let root = root.scratch()?;
    root.sh(&format!(
        "apt-get purge -y linux-image-{newest} linux-headers-{newest}"
    ))?
    .ok()?;
    let left = root.sh("dkms status")?.ok()?;
    assert!(!left.contains(newest), "{left}");
    assert!(status(&root, own)?.ends_with(": installed\n"));
    let left = root.sh(&format!("test ! -e /var/cache/rust-kheaders/{newest}"))?;
    left.ok().map(drop)
}
