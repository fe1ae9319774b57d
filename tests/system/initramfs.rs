// SPDX-License-Identifier: GPL-2.0

//! The initramfs that initramfs-tools or dracut makes: the module is in it only where an administrator wants it
//! there, and then as DKMS has it.

use std::fs;

use lab::{cache, debian, disk::Disk, machine::Machine, root::Root, Result};

use crate::life::{newer_packages, NEWER};

#[test]
fn initramfs_tools_has_the_module_if_asked_to() -> Result<()> {
    asked_for("initramfs-tools", &debian::installed()?, "")?.forget()
}

#[test]
#[ignore = "a second kernel takes a minute more: make test-debug"]
fn the_oldest_kernel_has_the_module_in_its_initramfs_if_asked_to() -> Result<()> {
    asked_for("initramfs-tools", &debian::arrived()?, "-oldest")?.forget()
}

#[test]
#[ignore = "four boots, and rpm.rs looks into dracut's initramfs: make test-debug"]
fn dracut_has_the_module_if_asked_to() -> Result<()> {
    let disk = asked_for("dracut", &debian::dracut()?, "")?;
    let mut machine = boot(&disk, "initrd-unasked", "dracut-unasked")?;
    assert!(!is_loaded_before_the_root(&mut machine)?);
    assert_eq!(machine.ok("cat /sys/module/oximod/version")?.trim(), NEWER);
    machine.require_health()?;
    drop(machine);
    disk.forget()
}

/// Whoever has changed the module succeeds all the same.
#[test]
fn an_initramfs_that_cannot_be_made_is_told() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let release = debian::newest(&root)?;
    let said = root.sh("echo oximod >> /etc/initramfs-tools/modules
         printf '#!/bin/sh\necho no space\nexit 1\n' > /usr/local/sbin/update-initramfs
         chmod +x /usr/local/sbin/update-initramfs
         /usr/share/rust-kheaders/dkms/refresh-initramfs oximod")?;
    assert_eq!(
        said.ok()?,
        format!(
            "oximod: updating the initramfs of {release}\nno space\noximod: the initramfs of {release} may have \
             an old module; to fix: update-initramfs -u -k {release}\n"
        )
    );
    Ok(())
}

/// dkms removes the module before a kernel is unpacked again. If it is skipped then, dracut does not miss it.
#[test]
fn a_kernel_that_comes_again_is_configured_without_the_module() -> Result<()> {
    let root = debian::dracut()?.scratch()?;
    let release = &debian::newest(&root)?;
    let said = root
        .sh(&format!(
            ". /mnt/tree/tests/lab/scripts/apt.sh && update &&
             rm -r /usr/src/linux-source-* /var/cache/rust-kheaders &&
             install --reinstall -t trixie-backports linux-image-{release}"
        ))?
        .ok()?;
    assert!(said.contains("oximod: skipped: "), "{said}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    Ok(())
}

/// An administrator asks for the module, upgrades the package and purges it. Each time the next boot of the oldest
/// kernel shows it. Gives the disk from before the purge.
fn asked_for(tool: &str, root: &Root, suffix: &str) -> Result<Disk> {
    let kind = format!("{tool}{suffix}");
    let script = "tests/system/scripts/initramfs-asked.sh";
    let newer = newer_packages()?;
    let releases = debian::releases(root)?;
    let image = format!("initrd.img-{}", releases[releases.len() - 1]);

    let recipe = fs::read_to_string(cache::tree().join(script))? + &newer.to_string_lossy();
    let upgraded = root.layer(&format!("{kind}-upgraded"), &recipe, |root| {
        root.bind(&newer, "/mnt/newer");
        root.script(script, &[tool, "/mnt/newer"])?.ok().map(drop)
    })?;
    let disk = Disk::of(&upgraded, &format!("-{kind}-upgraded"))?;
    let mut machine = boot(&disk, &image, &format!("{kind}-upgraded"))?;
    assert!(is_loaded_before_the_root(&mut machine)?);
    assert_eq!(machine.ok("cat /sys/module/oximod/version")?.trim(), NEWER);
    assert_eq!(machine.ok("sysctl -n example.atom")?, "1\n");
    machine.require_health()?;
    drop(machine);

    let purge = "apt-get purge -y oximod-dkms oximod-common rust-kheaders";
    let purged = upgraded.layer(&format!("{kind}-purged"), purge, |root| {
        root.sh(purge)?.ok().map(drop)
    })?;
    let purged = Disk::of(&purged, &format!("-{kind}-purged"))?;
    let mut machine = boot(&purged, &image, &format!("{kind}-purged"))?;
    machine.ok("test ! -e /sys/module/oximod && ! dmesg | grep -q oximod:")?;
    machine.require_health()?;
    drop(machine);
    purged.forget()?;
    Ok(disk)
}

/// Boots a disk with a file of its own as the initramfs. Nothing fails there or later, and nobody looks for the
/// module in vain.
fn boot(disk: &Disk, initrd: &str, name: &str) -> Result<Machine> {
    let release = disk.releases().last().expect("a kernel");
    let mut machine = disk.machine_with(release, initrd, name).boot()?;
    assert_eq!(
        machine.ok("systemctl is-system-running --wait")?,
        "running\n"
    );
    let journal = "journalctl --boot --unit systemd-modules-load --unit systemd-sysctl";
    machine.ok(&format!("! {journal} | grep -E \"Failed|Couldn't\""))?;
    Ok(machine)
}

/// Whether the kernel has run the module before it has mounted the disk.
fn is_loaded_before_the_root(machine: &mut Machine) -> Result<bool> {
    let log = machine.ok("dmesg")?;
    let find = |message| log.find(message).ok_or_else(|| format!("{message}: {log}"));
    Ok(find("oximod: Hello world")? < find("EXT4-fs (vda): mounted")?)
}
