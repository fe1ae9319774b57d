// SPDX-License-Identifier: GPL-2.0

//! The module on a stock kernel that takes only signed ones: with Secure Boot, the lockdown that comes
//! with it, and `module.sig_enforce=1`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use lab::{
    cache, debian,
    disk::Disk,
    machine::Machine,
    root::{Root, Said},
    secure_boot::{Enrolled, Firmware},
    Result,
};

/// Boots this kernel of the disk of `root` with Secure Boot.
pub(crate) fn boot(
    disk: &Disk,
    root: &Root,
    release: &str,
    name: &str,
    enrolled: Enrolled,
) -> Result<Machine> {
    let mut machine = disk
        .machine(release, name)
        .by(Firmware::new(root, release, name, enrolled)?)
        .boot()?;
    let log = machine.ok("dmesg")?;
    assert!(log.contains("Secure boot enabled"), "{log}");
    let lockdown = machine.ok("cat /sys/kernel/security/lockdown")?;
    assert_eq!(lockdown, "none [integrity] confidentiality\n");
    let enforced = machine.ok("cat /sys/module/module/parameters/sig_enforce")?;
    assert_eq!(enforced, "Y\n");
    Ok(machine)
}

/// What DKMS has signed loads once its key is enrolled, and nothing else does.
#[test]
fn an_enrolled_key_is_enough() -> Result<()> {
    loads(&Disk::installed()?, &debian::installed()?, "enrolled")
}

/// The same in a kernel without Rust support.
#[test]
fn an_enrolled_key_is_enough_in_a_kernel_without_rust() -> Result<()> {
    loads(&Disk::own()?, &debian::own()?, "enrolled-own")
}

fn loads(disk: &Disk, root: &Root, name: &str) -> Result<()> {
    let mut machine = boot(disk, root, &disk.releases()[0], name, Enrolled::Dkms)?;
    assert_eq!(
        machine.ok("systemctl is-system-running --wait")?,
        "running\n"
    );
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    let said = machine.ok("entry contract")?;
    assert!(said.ends_with(" tried, 0 different\n"), "{said}");
    // Out of tree, and nothing else.
    assert_eq!(machine.ok("cat /proc/sys/kernel/tainted")?, "4096\n");

    machine.ok("rmmod oximod")?;
    machine.ok(
        "xz -dc $(modinfo -n oximod) > /tmp/unsigned.ko && strip --strip-debug /tmp/unsigned.ko",
    )?;
    let said = machine.sh("insmod /tmp/unsigned.ko")?;
    assert!(said.text.contains("Key was rejected by service"), "{said}");
    let log = machine.ok("dmesg")?;
    assert!(
        log.contains("Loading of unsigned module is rejected"),
        "{log}"
    );

    machine.ok("echo confidentiality > /sys/kernel/security/lockdown")?;
    machine.ok("modprobe oximod && udevadm settle")?;
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    machine.ok("rmmod oximod")?;
    machine.require_health()
}

/// Before, the module is refused, and nothing else suffers.
#[test]
fn a_key_that_is_not_enrolled_is_refused() -> Result<()> {
    let disk = Disk::installed()?;
    let mut machine = boot(
        &disk,
        &debian::installed()?,
        &disk.releases()[0],
        "not-enrolled",
        Enrolled::Nothing,
    )?;
    let said = machine.sh("modprobe oximod")?;
    assert!(said.text.contains("Key was rejected by service"), "{said}");
    machine.ok("test ! -e /proc/sys/example")?;
    let failed = machine.ok("systemctl list-units --failed --plain --no-legend")?;
    assert!(
        failed.starts_with("systemd-modules-load.service ") && failed.lines().count() == 1,
        "{failed}"
    );
    machine.require_health()
}

/// The certificate of a fleet's CA is all that is enrolled, once. It vouches for one key after the other.
#[test]
fn keys_change_under_an_enrolled_ca() -> Result<()> {
    let root = debian::installed()?;
    let fleet = fleet(&root)?;
    let ca = fs::read_to_string(fleet.join("ca.pem"))?;
    let disk = Disk::installed()?;
    let mut machine = boot(
        &disk,
        &root,
        &disk.releases()[0],
        "fleet",
        Enrolled::Certificate(&ca),
    )?;
    let said = machine.sh("modprobe oximod")?;
    assert!(said.text.contains("Key was rejected by service"), "{said}");

    for (name, reason) in [
        (
            "stranger",
            "Loading of module with unavailable key is rejected",
        ),
        ("changed", ""),
    ] {
        let said = insert(&mut machine, &fleet, name)?;
        let refused = said.text.contains("Key was rejected by service");
        assert!(refused && said.text.contains(reason), "{name}: {said}");
    }
    for name in ["release-1", "release-2"] {
        insert(&mut machine, &fleet, name)?.ok()?;
        machine.ok("udevadm settle")?;
        assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
        machine.ok("rmmod oximod")?;
    }
    machine.require_health()
}

/// Inserts the module `name` of the directory `fleet`. After what `insmod` says comes what the kernel has logged since.
fn insert(machine: &mut Machine, fleet: &Path, name: &str) -> Result<Said> {
    let packed = format!("/tmp/{name}.ko.xz");
    machine.put(&fleet.join(format!("{name}.ko.xz")), &packed)?;
    machine.sh(&format!(
        "xz -d {packed} && echo 'inserting {name}' > /dev/kmsg && insmod /tmp/{name}.ko
         code=$?; dmesg | sed '1,/inserting {name}$/d'; exit $code"
    ))
}

/// The directory with the fleet's certificate and the modules of `fleet.sh`.
fn fleet(installed: &Root) -> Result<PathBuf> {
    let script = "tests/system/scripts/fleet.sh";
    let made_by = cache::key_of_files(&["signing/module-signing", script])?;
    cache::once("signed", &cache::key([installed.key(), &made_by]), |path| {
        fs::create_dir_all(path)?;
        let mut root = installed.scratch()?;
        root.bind(path, "/mnt/fleet");
        root.script(script, &["/mnt/fleet"])?.ok().map(drop)
    })
}
