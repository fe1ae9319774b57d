// SPDX-License-Identifier: GPL-2.0

//! The life of an installation in Debian: what comes and goes around it, and what is missing.

use std::{fs, path::PathBuf, time::Duration};

use lab::{debian, disk::Disk, machine::Machine, root::Root, Result};

/// Runs commands of tests/lab/scripts/apt.sh, `update` and `install` among them, which must succeed.
fn apt(root: &Root, commands: &str) -> Result<String> {
    root.sh(&format!(
        ". /mnt/tree/tests/lab/scripts/apt.sh && {commands}"
    ))?
    .ok()
}

/// Whether DKMS has installed the module for a kernel.
fn is_installed(root: &Root, release: &str) -> Result<bool> {
    let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
    Ok(status.ends_with(": installed\n"))
}

/// The packages come before any kernel. Then a kernel comes, and comes again, with something missing each
/// time. apt always succeeds for the kernel, one line says what to do, and to do that is enough.
#[test]
fn the_packages_may_come_first_and_what_a_kernel_lacks_is_told() -> Result<()> {
    let mut root = debian::base()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let said = apt(
        &root,
        &format!("update && install initramfs-tools {}", debian::USERS),
    )?;
    assert!(said.contains("No kernel headers were found"), "{said}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");

    let release = &debian::newest(&debian::kernels()?)?;
    let kernel = format!("linux-image-{release} linux-headers-{release}");
    let source = debian::source_package(release);
    for (lack, line, help) in [
        (
            "true",
            &*format!("needs the kernel's sources, {source} "),
            "true",
        ),
        (
            "mv /usr/bin/rustc /usr/bin/away",
            ", found no rustc; to fix: apt install --reinstall rustc=",
            "mv /usr/bin/away /usr/bin/rustc",
        ),
        // The compiler of trixie-backports is not the one that the kernels there were built with.
        (
            "install -t trixie-backports rustc",
            ", found /usr/bin/rustc (rustc 1.",
            "true",
        ),
    ] {
        apt(&root, lack)?;
        let said = apt(
            &root,
            &format!("install --reinstall -t trixie-backports {kernel}"),
        )?;
        assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
        assert!(!is_installed(&root, release)?, "{said}");
        let told = said
            .lines()
            .find(|told| told.starts_with("oximod: skipped: ") && told.contains(line))
            .ok_or_else(|| format!("{line}: {said}"))?;
        let check = root.sh(&format!("rust-kheaders check {release}"))?;
        assert_eq!(check.code, 3, "{check}");
        assert_eq!(
            told,
            format!(
                "oximod: skipped: {} && dkms autoinstall -k {release}",
                check.text.trim()
            )
        );

        // To install what is named is enough: the module is built then.
        let (_, command) = told.split_once("to fix: ").ok_or(told)?;
        let (command, _) = command.split_once(" && dkms ").ok_or(told)?;
        let command = command.replace("apt install", "install --allow-downgrades");
        let said = apt(&root, &format!("{help} && {command}"))?;
        let log = "cat /var/lib/dkms/oximod/*/build/make.log";
        assert!(
            is_installed(&root, release)?,
            "{command}: {said}{}",
            root.sh(log)?
        );
        // The metadata that was there already could have been made now.
        let check = root.sh(&format!("rust-kheaders check --cache /tmp/cache {release}"))?;
        assert!(check.ok()?.contains(": can be made from /usr/src/"));
    }
    Ok(())
}

#[test]
fn a_kernel_that_comes_by_apt_is_built_for() -> Result<()> {
    let root = debian::arrived()?;
    let [before, after] = &debian::releases(&root)?[..] else {
        return Err("two releases are needed".into());
    };
    let log = root.sh(&format!("cat {}", debian::ARRIVAL_LOG))?.ok()?;
    let line = format!("Autoinstall on {after} succeeded for module(s) oximod.");
    assert!(log.contains(&line), "{log}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    assert!(is_installed(&root, before)? && is_installed(&root, after)?);
    Ok(())
}

/// The kernel that came last is booted, the first one leaves, and the packages are upgraded.
#[test]
fn a_loaded_module_stays_while_kernels_and_packages_change() -> Result<()> {
    let disk = Disk::arrived()?;
    let [other, release] = disk.releases() else {
        return Err("two releases are needed".into());
    };
    let mut machine = disk.machine(release, "arrived").boot()?;
    // A compiler, and depmod with the 4,200 modules of this flavour, take minutes with TCG.
    machine.set_patience(Duration::from_secs(900));
    assert_eq!(machine.ok("uname -r")?.trim(), release);
    loaded_at_boot(&mut machine)?;
    leaves(&mut machine, other)?;
    upgraded(&mut machine)?;
    machine.require_health()
}

fn loaded_at_boot(machine: &mut Machine) -> Result<()> {
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    assert_eq!(
        machine.ok("systemctl is-system-running --wait")?,
        "running\n"
    );
    assert_eq!(
        machine.ok("cat /sys/module/oximod/version")?.trim(),
        debian::version()?
    );
    let said = machine.ok("entry contract")?;
    assert!(said.ends_with(" tried, 0 different\n"), "{said}");
    Ok(())
}

/// A kernel's module and metadata leave with it.
fn leaves(machine: &mut Machine, release: &str) -> Result<()> {
    machine.ok(&format!("test -e /var/cache/rust-kheaders/{release}"))?;
    machine.ok(&format!(
        "apt-get purge -y linux-image-{release} linux-headers-{release}"
    ))?;
    let status = machine.ok("dkms status")?;
    assert!(!status.contains(release), "{status}");
    machine.ok(&format!("test ! -e /var/cache/rust-kheaders/{release}"))?;
    let left = machine.sh(&format!("find /lib/modules/{release} -name 'oximod*'"))?;
    assert!(!left.text.contains("/oximod"), "{left}");
    Ok(())
}

/// The loaded module stays as it is until it is loaded again. What the administrator has set stays.
fn upgraded(machine: &mut Machine) -> Result<()> {
    machine.ok("echo 'example.atom = 0' > /etc/sysctl.d/60-local.conf && sysctl --system")?;
    for entry in fs::read_dir(newer_packages()?)? {
        let path = entry?.path();
        let name = path.file_name().ok_or("no name")?.to_string_lossy();
        // The add-on for debhelper needs what the machine lacks.
        if name.ends_with(".deb") && !name.starts_with("dh-") {
            machine.put(&path, &format!("/srv/{name}"))?;
        }
    }
    machine.ok("apt-get install -y /srv/*.deb")?;
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

pub(crate) const NEWER: &str = "0.9.0";

/// The directory with the packages as a later version.
pub(crate) fn newer_packages() -> Result<PathBuf> {
    let version = debian::version()?;
    let script = format!(
        "sed -i 's/{version}/{NEWER}/' debian/changelog dkms.conf src/oximod.rs && {}",
        debian::BUILD
    );
    debian::built(
        &debian::workshop()?,
        "newer-packages",
        "the packages of a later version",
        debian::PACKAGED,
        &script,
    )
}
