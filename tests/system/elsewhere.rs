// SPDX-License-Identifier: GPL-2.0

//! Other machines than most: modules that were built here for 64-bit ARM. The table of systems, which `matrix.rs` tries, has
//! those with larger pages, and the next release of Debian.

use std::time::Duration;

use lab::{
    bare::Bare,
    debian,
    progress::show,
    seed,
    system::{System, ARM64_CROSS},
    Result,
};

#[test]
fn on_64_bit_arm_all_is_as_elsewhere() -> Result<()> {
    works_where_it_is_loaded(&ARM64_CROSS)
}

/// How long the calls may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// apt and DKMS have built oximod for the kernel, which need not be this machine's. There it does what it does elsewhere, as
/// do all types.
pub(crate) fn works_where_it_is_loaded(system: &System) -> Result<()> {
    require_built(system)?;
    let name = system.name();
    let mut machine = Bare::of(system)?.machine(&name).cpus(2).boot()?;
    machine.set_patience(PATIENCE);
    let release = machine.ok("uname -r")?;
    assert_eq!(release.trim(), debian::newest(&system.installed()?)?);
    let version = machine.ok("uname -v")?;
    let is_real_time = system.flavour.starts_with("rt-");
    assert_eq!(version.contains(" PREEMPT_RT "), is_real_time, "{version}");
    show(machine.ok("uname -m && getconf PAGESIZE")?);

    machine.ok(
        "insmod /modules/oximod.ko && insmod /modules/reference.ko && insmod /modules/twins.ko",
    )?;
    let compare = format!("compare --calls 200000 --seed {}", seed());
    for (command, end) in [
        ("entry contract", " tried, 0 different\n"),
        (&*compare, " calls, 0 different\n"),
        ("hostile 1 20000", " 0 wrong\n"),
        ("torn /proc/sys/twins/rust/string 20000", " reads, 0 torn\n"),
    ] {
        let said = machine.sh(command)?;
        assert!(
            said.code == 0 && said.text.ends_with(end),
            "{command}: {said}"
        );
        let last = said.text.lines().last().unwrap_or_default();
        show(format!("{command}: {last}"));
    }
    machine.ok("set -e
         rmmod oximod twins reference
         test ! -e /proc/sys/example && test ! -e /proc/sys/twins
         for _ in 1 2 3 4 5; do
             insmod /modules/oximod.ko && insmod /modules/settings.ko && rmmod settings oximod
         done")?;
    machine.require_health()
}

/// DKMS has installed the module.
pub(crate) fn require_built(system: &System) -> Result<()> {
    let root = system.installed()?;
    let release = debian::newest(&root)?;
    let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
    assert!(status.ends_with(": installed\n"), "{status}");
    Ok(())
}
