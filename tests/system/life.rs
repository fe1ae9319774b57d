// SPDX-License-Identifier: GPL-2.0

//! The life of an installation in Debian: what arrives and leaves around it, and what is missing.

use std::path::PathBuf;

use lab::{
    debian,
    root::Root,
    vm::{Disk, Machine},
    Result,
};

/// The package comes before any kernel; then a kernel comes with all that belongs to it.
#[test]
fn the_package_first() -> Result<()> {
    let mut root = debian::base()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let said = root
        .sh("apt-get update && apt-get install -y --no-install-recommends /mnt/packages/*.deb")?
        .ok()?;
    assert!(said.contains("No kernel headers were found"), "{said}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    let release = &debian::releases(&debian::kernels()?)?[0];
    let source = debian::source_package(release);
    root.sh(&format!(
        "apt-get install -y --no-install-recommends -t trixie-backports \
             linux-image-{release} linux-headers-{release} {source}"
    ))?
    .ok()?;
    require_installed(&root, release)
}

fn require_installed(root: &Root, release: &str) -> Result<()> {
    let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
    assert!(status.ends_with(": installed\n"), "{status}");
    Ok(())
}

/// Whatever is missing when a kernel is installed, apt succeeds for the kernel, one line says what to
/// do, and to do it is enough.
#[test]
fn what_is_missing_is_told() -> Result<()> {
    let root = debian::installed()?;
    let release = &debian::releases(&root)?[0];
    let source = debian::source_package(release);
    for (lack, line, mend) in [
        (
            format!("dpkg --purge {source}"),
            format!("needs the kernel's sources, {source} "),
            "",
        ),
        (
            String::from("mv /usr/bin/rustc /usr/bin/away"),
            String::from(", found no rustc; to fix: apt install rustc="),
            "mv /usr/bin/away /usr/bin/rustc",
        ),
        (
            String::from("apt-get install -y --no-install-recommends -t trixie-backports rustc"),
            String::from(", found /usr/bin/rustc (rustc 1."),
            "",
        ),
    ] {
        let root = root.scratch()?;
        root.sh(&format!(
            "set -e
             apt-get update
             {lack}
             rm -r /var/cache/rust-kheaders/{release}"
        ))?
        .ok()?;
        let said = root
            .sh(&format!(
                "apt-get install -y --reinstall linux-headers-{release} linux-image-{release}"
            ))?
            .ok()?;
        let told: Vec<_> = said
            .lines()
            .filter(|told| told.starts_with("oximod: skipped: ") && told.contains(&line))
            .collect();
        assert!(!told.is_empty(), "{line}: {said}");
        assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
        let command = told[0].split_once("to fix: ").expect("a way out").1;
        let command = command.replace("apt install", "apt-get install -y --allow-downgrades");
        let said = root
            .sh(&format!(
                "set -e\n{mend}\n{command}\ncat /var/lib/dkms/oximod/*/build/make.log || true"
            ))?
            .ok()?;
        let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
        assert!(status.ends_with(": installed\n"), "{command}: {said}");
    }
    Ok(())
}

/// A second kernel arrives through apt, is booted, and the first one leaves; then a new version of
/// the package comes while the old one is loaded.
#[test]
fn kernels_come_and_go() -> Result<()> {
    let installed = debian::installed()?;
    let [old, new] = &debian::releases(&installed)?[..] else {
        return Err("two releases are needed".into());
    };
    let source = debian::source_package(new);
    let packages = format!("linux-image-{new} linux-headers-{new} {source}");
    let upgrade = upgrade()?;
    let recipe = [ARRIVES, &packages, &upgrade.to_string_lossy()].concat();
    let root = installed.layer("arrived", &recipe, |root| {
        root.bind(&upgrade, "/mnt/packages");
        root.sh(&ARRIVES
            .replace("PACKAGES", &packages)
            .replace("RELEASE", new))?
            .ok()
            .map(drop)
    })?;
    require_installed(&root, new)?;

    let mut machine = Disk::of(&root, "-arrived")?
        .machine(new, "arrived")
        .boot()?;
    assert_eq!(machine.ok("uname -r")?.trim(), new);
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    leaves(&mut machine, old)?;
    upgraded(&mut machine)?;
    machine.require_health()
}

const ARRIVES: &str = "
set -e
apt-get purge -y PACKAGES
apt-get purge -y '~n^linux-.*-RELEASE'
test ! -e /var/cache/rust-kheaders/RELEASE
apt-get update
apt-get install -y --no-install-recommends -t trixie-backports PACKAGES
cp -r /mnt/packages /srv/
";

fn leaves(machine: &mut Machine, release: &str) -> Result<()> {
    machine.ok(&format!("test -e /var/cache/rust-kheaders/{release}"))?;
    machine.ok(&format!(
        "apt-get purge -y linux-image-{release} linux-headers-{release}"
    ))?;
    let status = machine.ok("dkms status")?;
    assert!(!status.contains(release), "{status}");
    machine.ok(&format!(
        "test ! -e /var/cache/rust-kheaders/{release}
         test -z \"$(find /lib/modules/{release} -name 'oximod*')\""
    ))?;
    Ok(())
}

/// What is loaded stays as it is until it is loaded anew, and so does what the administrator has set.
fn upgraded(machine: &mut Machine) -> Result<()> {
    machine.ok("echo 'example.atom = 0' > /etc/sysctl.d/60-local.conf && sysctl --system")?;
    machine.ok("apt-get install -y /srv/packages/*.deb")?;
    let version = debian::version()?;
    for (command, expected) in [
        ("sysctl -n example.atom", "0"),
        ("cat /sys/module/oximod/version", &version),
        ("modinfo -F version oximod", NEWER),
        (
            "rmmod oximod && modprobe oximod && cat /sys/module/oximod/version",
            NEWER,
        ),
        ("udevadm settle && sysctl -n example.atom", "0"),
    ] {
        assert_eq!(machine.ok(command)?.trim(), expected, "{command}");
    }
    Ok(())
}

const NEWER: &str = "0.9.0";

/// The packages as a later version.
fn upgrade() -> Result<PathBuf> {
    let version = debian::version()?;
    let script = format!(
        "sed -i 's/{version}/{NEWER}/' debian/changelog dkms.conf src/oximod.rs
         {}",
        debian::BUILD
    );
    debian::built(
        &debian::workshop()?,
        "upgrade",
        "the packages of a later version",
        debian::PACKAGED,
        &script,
    )
}
