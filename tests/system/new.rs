// SPDX-License-Identifier: GPL-2.0

//! `rust-kheaders new`: what it makes works at once, and its packages live as ours do.

use std::path::PathBuf;

use lab::{cache, debian, disk::Disk, fedora, root::Root, Result};

const MAKE: &str = "tests/system/scripts/new.sh";

/// The directory with the Debian packages of two versions of a module that `rust-kheaders new` has made, and a
/// `log` of what making, trying and building it said.
fn made() -> Result<PathBuf> {
    let packages = debian::packages()?;
    let script = "tests/system/scripts/author.sh";
    let recipe = cache::key_of_files(&[script])? + &packages.to_string_lossy();
    let author = debian::installed()?.layer("author", &recipe, |root| {
        root.bind(&packages, "/mnt/packages");
        root.script(script, &[])?.ok().map(drop)
    })?;
    let run = format!("bash {MAKE} /mnt/packages");
    debian::built(&author, "made", "rust-kheaders new", &[MAKE], &run)
}

/// The script fails if anything is not as it should be; it also spoils the boot test, which must then fail.
#[test]
fn what_new_makes_can_be_built_tried_and_packaged_as_it_is() -> Result<()> {
    let log = std::fs::read_to_string(made()?.join("log"))?.replace('\r', "");
    let tried: Vec<_> = log.split("== make try ").skip(1).collect();
    assert_eq!(tried.len(), 2, "{log}");
    for (tried, end) in tried.iter().zip(["+ rmmod first_try\n", "] Error 1\n"]) {
        assert!(
            tried.contains("+ cat /proc/sys/first_try/level\n50\n"),
            "{tried}"
        );
        assert!(tried.contains(end), "{tried}");
    }
    Ok(())
}

/// The package is installed and upgraded by apt. What the administrator has set is there at the next boot. A purge
/// leaves nothing.
#[test]
fn its_debian_package_is_installed_upgraded_booted_and_purged() -> Result<()> {
    let made = made()?;
    let recipe = "0.1.0, a value, and 0.2.0".to_owned() + &made.to_string_lossy();
    let root = debian::installed()?.layer("new-installed", &recipe, |root| {
        root.bind(&made, "/mnt/made");
        install(root, "0.1.0")?;
        root.sh("echo 'first_try.level = 70' > /etc/sysctl.d/60-local.conf")?
            .ok()?;
        install(root, "0.2.0")
    })?;

    let disk = Disk::of(&root, "-new")?;
    let mut machine = disk.machine(&disk.releases()[0], "new").boot()?;
    assert_eq!(
        machine.ok("sysctl first_try.level")?,
        "first_try.level = 70\n"
    );
    // Without that value it is the package's. udev applies it when the module is loaded.
    let reload =
        "rm /etc/sysctl.d/60-local.conf && rmmod first_try && modprobe first_try && udevadm settle";
    machine.ok(reload)?;
    assert_eq!(
        machine.ok("sysctl first_try.level")?,
        "first_try.level = 60\n"
    );
    machine.ok("rmmod first_try && apt-get purge -y first-try-dkms")?;
    let status = machine.ok("dkms status")?;
    assert!(status.starts_with("oximod/") && !status.contains("first_try"));
    let left = machine.ok("find / -xdev -name '*first[_-]try*'")?;
    assert_eq!(left, "");
    machine.require_health()?;
    drop(machine);
    disk.forget()
}

/// Has apt install this version, and requires that DKMS has it and no other.
fn install(root: &Root, version: &str) -> Result<()> {
    let said = root
        .sh(&format!(
            "apt-get install -y --no-install-recommends /mnt/made/first-try-dkms_{version}_all.deb"
        ))?
        .ok()?;
    let release = debian::newest(root)?;
    let status = root.sh("dkms status first_try; ls -d /usr/src/first_try-*")?;
    assert_eq!(
        status.text,
        format!(
            "first_try/{version}, {release}, x86_64: installed\n/usr/src/first_try-{version}\n"
        ),
        "{said}"
    );
    Ok(())
}

#[test]
fn its_rpm_is_installed_upgraded_and_removed() -> Result<()> {
    let mut root = fedora::system()?.scratch()?;
    root.bind(fedora::packages()?, "/mnt/packages");
    let release = debian::newest(&root)?;
    let said = root.script("tests/system/scripts/new-rpm.sh", &[])?.ok()?;
    let mut expected = String::new();
    for version in ["0.1.0", "0.2.0"] {
        expected += &format!(
            "first_try/{version}, {release}, x86_64: installed\n\
             /lib/modules/{release}/extra/first_try.ko.xz\n\
             /usr/src/first_try-{version}\n\
             /usr/src/first_try-{version}/first_try.rs\n"
        );
    }
    assert_eq!(said, expected + "removed\n");
    Ok(())
}

/// One line says why, and nothing is made.
#[test]
fn a_name_that_no_module_can_have_is_refused() -> Result<()> {
    let root = debian::base()?.scratch()?;
    let no_name = "is no name for a module: 2 to 55 lower-case letters and digits, with single underscores between them";
    for (name, line) in [
        (
            "my-module",
            "a module's name has no dash; to fix: rust-kheaders new my_module".into(),
        ),
        ("My", format!("'My' {no_name}")),
        ("9lives", format!("'9lives' {no_name}")),
        ("a", format!("'a' {no_name}")),
        ("a__b", format!("'a__b' {no_name}")),
        ("../a", format!("'../a' {no_name}")),
        (
            "kernel",
            "there is a crate 'kernel' already; choose another name".into(),
        ),
        ("there", "/tmp/new/there exists".into()),
    ] {
        let said = root.sh(&format!(
            "mkdir -p /tmp/new/there && cd /tmp/new && /mnt/tree/kheaders/rust-kheaders new {name}
             code=$?; find . ! -name . ! -name there; exit $code"
        ))?;
        assert_eq!(said.code, 2, "{said}");
        assert_eq!(said.text, format!("rust-kheaders: {line}\n"));
    }
    Ok(())
}
