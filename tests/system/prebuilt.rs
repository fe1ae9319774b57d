// SPDX-License-Identifier: GPL-2.0

//! Packages with the finished module, for machines without compilers: as built, and as nodes of a fleet use them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use lab::{debian, disk::Disk, fleet, machine::Machine, secure_boot::Enrolled, Result};

use crate::secure_boot;

/// Where packages put the module.
fn finished(release: &str) -> String {
    format!("/lib/modules/{release}/updates/oximod.ko.xz")
}

/// Neither when nor where they are built leaves a trace, nor which kernel was built for before. So the signature can come
/// from elsewhere.
#[test]
fn two_builds_give_the_same_bytes() -> Result<()> {
    let mut root = fleet::builder()?.scratch()?;
    let [newest, _] = fleet::releases(&root)?;
    root.bind(fleet::repositories()?, "/mnt/fleet");
    let script = "tests/system/scripts/prebuilt-elsewhere.sh";
    root.script(script, &[&newest])?.ok().map(drop)
}

/// Its packages are the same in form. There is one more: DKMS's has what is common, and gives way.
#[test]
fn what_new_makes_is_packaged_as_it_is() -> Result<()> {
    let mut root = fleet::builder()?.scratch()?;
    let [release, _] = fleet::releases(&root)?;
    let flavour = release.split_once('-').ok_or("no flavour")?.1;
    root.bind(debian::packages()?, "/mnt/packages");
    root.sh("dpkg --install --force-depends /mnt/packages/rust-kheaders_*.deb && cd /tmp && rust-kheaders new a_name")?
        .ok()?;
    root.sh(&format!(
        "cd /tmp/a_name && rust-kheaders package --module --output /tmp/out {release}"
    ))?
    .ok()?;
    let common = "dpkg-deb --fsys-tarfile /tmp/out/a-name-common_*.deb | tar -t | grep a_name.conf";
    for (command, expected) in [
        (
            "cd /tmp/out && ls | sed 's/_.*//'",
            format!("a-name-common\na-name-modules-{release}\na-name-modules-{flavour}\n"),
        ),
        (
            "for deb in /tmp/out/*.deb; do dpkg-deb --field $deb Conflicts; done | grep .",
            "a-name-dkms\na-name-dkms\n".into(),
        ),
        (
            common,
            "./usr/lib/dracut/dracut.conf.d/50-a_name.conf\n./usr/lib/modules-load.d/a_name.conf\n\
             ./usr/lib/sysctl.d/10-a_name.conf\n"
                .into(),
        ),
    ] {
        assert_eq!(root.sh(command)?.ok()?, expected, "{command}");
    }
    Ok(())
}

#[test]
fn lintian_has_nothing_to_say() -> Result<()> {
    let mut root = debian::checkers()?;
    root.bind(fleet::repositories()?, "/mnt/fleet");
    let said =
        root.sh("lintian --allow-root -EviIL +pedantic /mnt/fleet/second/*-modules-*.deb")?;
    assert_eq!((said.code, said.text.as_str()), (0, ""));
    Ok(())
}

/// A node has one kernel with its module. An "apt upgrade" brings the next kernel, and its module with it. Both can be
/// booted from then on, with Secure Boot: each module is signed with another key, and only the CA's certificate is enrolled.
#[test]
fn a_node_without_compilers_follows_its_kernels() -> Result<()> {
    let node = fleet::node()?;
    let upgraded = fleet::upgraded()?;
    let [newest, own] = fleet::releases(&fleet::builder()?)?;
    for root in [&node, &upgraded] {
        root.sh("for tool in rustc clang gcc make dkms bindgen rust-kheaders; do ! command -v $tool || exit; done")?
            .ok()?;
        assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
        root.sh(&format!("test -e {}", finished(&own)))?.ok()?;
        let found = root.sh(&format!("modinfo -k {own} -n oximod"))?.ok()?;
        assert_eq!(found.trim(), finished(&own));
    }
    node.sh(&format!("test ! -e /lib/modules/{newest}"))?.ok()?;
    let kept = upgraded.sh("apt-get autoremove --dry-run")?.ok()?;
    assert!(!kept.contains("Remv oximod-"), "{kept}");

    let disk = Disk::of(&upgraded, "-node")?;
    let ca = fs::read_to_string(fleet::repositories()?.join("ca.pem"))?;
    let boot = |release: &str, name| {
        secure_boot::boot(&disk, &upgraded, release, name, Enrolled::Certificate(&ca))
    };
    let mut machine = boot(&own, "node-before")?;
    works(&mut machine, &own)?;
    drop(machine);
    let mut machine = boot(&newest, "node")?;
    works(&mut machine, &newest)?;
    without_a_module(&mut machine, &newest)?;
    machine.require_health()?;
    drop(machine);
    disk.forget()
}

/// The module is loaded and does what it should, and nothing has failed.
fn works(machine: &mut Machine, release: &str) -> Result<()> {
    assert_eq!(machine.ok("uname -r")?.trim(), release);
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    assert_eq!(
        machine.ok("systemctl is-system-running --wait")?,
        "running\n"
    );
    let said = machine.ok("entry contract")?;
    assert!(said.ends_with(" tried, 0 different\n"), "{said}");
    Ok(())
}

/// The kernel has no module yet: a line at boot says so, and nothing else is different. When the module comes, it can be
/// loaded at once.
fn without_a_module(machine: &mut Machine, release: &str) -> Result<()> {
    machine.ok(&format!("apt-get remove -y oximod-modules-{release}"))?;
    machine.reboot()?;
    assert_eq!(
        machine.ok("systemctl is-system-running --wait")?,
        "running\n"
    );
    machine.ok("test ! -e /proc/sys/example")?;
    let told =
        machine.ok("journalctl --boot --quiet --output cat --grep oximod | grep -v Hostname")?;
    assert_eq!(told, "Failed to find module 'oximod'\n");
    let flavour = release.split_once('-').expect("a flavour").1;
    machine.ok(&format!("apt-get install -y oximod-modules-{flavour}"))?;
    machine.ok("modprobe oximod && udevadm settle")?;
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    Ok(())
}

/// The packages in a directory whose names begin so.
fn beginning(dir: &Path, name: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(name) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// The packages of finished modules for `release`: that of the module, and the one that follows the flavour.
fn finished_for(release: &str) -> Result<Vec<PathBuf>> {
    let dir = fleet::repositories()?.join("second");
    let (version, flavour) = release.split_once('-').ok_or("no flavour")?;
    let (version, _) = version.split_once('+').ok_or("no version")?;
    let mut found = beginning(&dir, &format!("oximod-modules-{release}_"))?;
    found.extend(beginning(
        &dir,
        &format!("oximod-modules-{flavour}_{}+{version}-", debian::version()?),
    )?);
    assert_eq!(found.len(), 2, "{found:?}");
    Ok(found)
}

/// Each takes the place of the other, and modprobe finds what was installed last.
#[test]
fn dkms_and_finished_modules_give_way_to_each_other() -> Result<()> {
    let mut root = debian::installed()?.scratch()?;
    let release = debian::newest(&root)?;
    root.bind(fleet::repositories()?, "/mnt/fleet");
    root.bind(debian::packages()?, "/mnt/packages");
    let mut install = String::from("apt-get install -y");
    for file in finished_for(&release)? {
        let name = file.file_name().ok_or("no name")?.to_string_lossy();
        install += &format!(" /mnt/fleet/second/{name}");
    }
    let is_installed =
        "dpkg-query -W -f '${db:Status-Status} ${Package}\\n' 'oximod-*' | grep '^installed'";
    for (command, file, packages) in [
        (
            &*install,
            finished(&release),
            format!(
                "installed oximod-common\ninstalled oximod-modules-{release}\ninstalled oximod-modules-{}\n",
                release.split_once('-').ok_or("no flavour")?.1
            ),
        ),
        (
            "apt-get install -y /mnt/packages/oximod-dkms_*.deb",
            format!("/lib/modules/{release}/updates/dkms/oximod.ko.xz"),
            "installed oximod-common\ninstalled oximod-dkms\n".into(),
        ),
    ] {
        let said = root.sh(command)?.ok()?;
        assert_eq!(root.sh(is_installed)?.ok()?, packages, "{said}");
        let found = root.sh(&format!("modinfo -k {release} -n oximod; ls /lib/modules/{release}/updates"))?;
        let found = found.ok()?;
        assert_eq!(found.lines().next(), Some(&*file), "{found}");
        assert_eq!(found.matches("oximod").count(), 1 + usize::from(!file.contains("dkms")), "{found}");
        assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    }
    Ok(())
}

/// What is loaded stays, with its value, until it is loaded again.
#[test]
fn a_loaded_module_stays_when_the_other_comes() -> Result<()> {
    let disk = Disk::installed()?;
    let release = &disk.releases()[0];
    let mut machine = disk.machine(release, "dkms-and-finished").boot()?;
    machine.set_patience(Duration::from_secs(900));
    machine.ok("sysctl -q -w example.atom=0")?;
    for file in finished_for(release)? {
        let name = file.file_name().ok_or("no name")?.to_string_lossy();
        machine.put(&file, &format!("/srv/{name}"))?;
    }
    machine.ok("apt-get install -y /srv/oximod-modules-*.deb && test -e /proc/sys/example/atom")?;
    machine.ok(
        "test ! -e /var/lib/dkms/oximod && rmmod oximod && modprobe oximod && udevadm settle",
    )?;
    assert_eq!(machine.ok("sysctl -n example.atom")?, "1\n");

    let [dkms] = &beginning(&debian::packages()?, "oximod-dkms_")?[..] else {
        return Err("one package was expected".into());
    };
    machine.put(dkms, "/srv/oximod-dkms.deb")?;
    // A compiler takes minutes with TCG.
    machine.ok("mv /usr/bin/rustc /usr/bin/away && sysctl -q -w example.atom=0")?;
    let said = machine.ok("apt-get install -y /srv/oximod-dkms.deb")?;
    assert!(said.contains("oximod: skipped: "), "{said}");
    assert_eq!(machine.ok("sysctl -n example.atom")?, "0\n");
    machine.ok("dpkg --audit && ! modinfo oximod && rmmod oximod")?;
    machine.require_health()
}
