// SPDX-License-Identifier: GPL-2.0

//! `make test-matrix`: every system that people have and that can be had here.

use std::{any::Any, env, panic, process::Command};

use lab::{
    debian,
    disk::Disk,
    matrix::{record, title, Row, Trial, HEADING, TRIED},
    progress::show,
    system::{Suite, System},
    Result,
};

use crate::{
    elsewhere::{require_built, works_where_it_is_loaded},
    system::lives,
};

/// Prints the table. `$OXIMOD_SYSTEMS` chooses the rows whose first cell has all of its words, and `$OXIMOD_RECORD`, if it
/// is not empty, puts them into README.
#[test]
#[ignore = "takes hours"]
fn the_module_lives_on_every_system() -> Result<()> {
    let chosen = env::var("OXIMOD_SYSTEMS").unwrap_or_default();
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for (system, trial) in TRIED {
        let title = title(system, *trial);
        if !chosen.split_whitespace().all(|word| title.contains(word)) {
            continue;
        }
        show(format!("== {title}"));
        let result = match panic::catch_unwind(|| attempt(system, *trial)) {
            Ok(Ok(())) => trial.success().to_owned(),
            Ok(Err(error)) => format!("fails: {error}"),
            Err(panic) => format!("fails: {}", message(&*panic)),
        };
        if result != trial.success() {
            failed.push(format!("{title}: {result}"));
        }
        let Facts {
            release,
            rustc,
            gcc,
            kind,
        } = Facts::of(system, *trial).unwrap_or_default();
        let result = result.lines().next().unwrap_or_default().replace('|', "/");
        let cells = [
            &*release,
            system.arch.debian,
            &rustc,
            &gcc,
            &kind,
            trial.what(),
            &result,
            &today()?,
        ];
        let row = Row {
            system: title,
            rest: cells.join(" | "),
        };
        show(&row);
        rows.push(row);
        if env::var("OXIMOD_RECORD").is_ok_and(|record| !record.is_empty()) {
            record(&rows)?;
        }
    }
    show(HEADING);
    rows.iter().for_each(show);
    assert!(!rows.is_empty(), "no system has {chosen:?} in its name");
    assert!(failed.is_empty(), "{failed:?}");
    Ok(())
}

/// What a test that panicked said.
fn message(panic: &dyn Any) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
}

fn today() -> Result<String> {
    let output = Command::new("date").arg("+%F").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// What a row says of a system.
struct Facts {
    release: String,
    rustc: String,
    gcc: String,
    kind: String,
}

impl Default for Facts {
    fn default() -> Self {
        let [release, rustc, gcc, kind] = [(); 4].map(|()| "-".to_owned());
        Self {
            release,
            rustc,
            gcc,
            kind,
        }
    }
}

impl Facts {
    /// Of the newest kernel after a trial.
    fn of(system: &System, trial: Trial) -> Result<Self> {
        let root = match trial {
            Trial::Upgrade(to) => debian::upgraded(to)?,
            _ => system.installed()?,
        };
        let release = debian::newest(&root)?;
        let config = format!("/lib/modules/{release}/build/.config");
        let gcc = root.sh(&format!(
            "sed -n 's/^CONFIG_CC_VERSION_TEXT=.* \\(.*\\)\"/\\1/p' {config}"
        ))?;
        let status = root.sh("rust-kheaders status")?.ok()?;
        let mut entries = status
            .lines()
            .map(|line| line.split('\t').collect::<Vec<_>>());
        let entry = entries.find(|entry| entry.first() == Some(&&*release));
        let cell = |at: usize| {
            entry
                .as_ref()
                .and_then(|entry| entry.get(at))
                .copied()
                .unwrap_or("-")
        };
        Ok(Self {
            rustc: cell(3).split(' ').nth(1).unwrap_or("-").to_owned(),
            gcc: gcc.ok()?.trim().to_owned(),
            kind: cell(4).to_owned(),
            release,
        })
    }
}

fn attempt(system: &System, trial: Trial) -> Result<()> {
    match trial {
        Trial::Life => {
            let disk = Disk::with(system)?;
            lives(&disk, &system.name())?;
            disk.forget()
        }
        Trial::Upgrade(to) => upgraded(to),
        Trial::Boot => works_where_it_is_loaded(system),
        Trial::Build => require_built(system),
        Trial::Skip => skipped(system),
    }
}

/// The module is not there, and one line says why. apt has not failed.
fn skipped(system: &System) -> Result<()> {
    let root = system.installed()?;
    let log = root.sh(&format!("cat {}", debian::INSTALL_LOG))?.ok()?;
    let lines = log
        .lines()
        .filter(|line| line.starts_with("oximod: skipped: "));
    assert_eq!(lines.clone().count(), 1, "{log}");
    lines.for_each(show);
    let release = debian::newest(&root)?;
    let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
    assert!(!status.contains("installed"), "{status}");
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    assert_eq!(root.sh(&format!("rust-kheaders check {release}"))?.code, 77);
    Ok(())
}

/// Debian 13 as it is installed, with our packages, becomes the next release: the module is there before and after, with
/// the kernel that was there and with the one that came.
fn upgraded(to: &Suite) -> Result<()> {
    let before = Disk::own()?;
    is_at_work(&before, &before.releases()[0])?;
    before.forget()?;

    let root = debian::upgraded(to)?;
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    let log = root.sh(&format!(
        "grep -a -i 'oximod\\|kheaders' {}",
        debian::UPGRADE_LOG
    ))?;
    show(&log);
    let releases = debian::releases(&root)?;
    assert_ne!(releases[0], releases[1]);
    root.sh(&format!(
        ". /etc/os-release && test $VERSION_CODENAME = {}",
        to.name
    ))?
    .ok()?;
    let disk = Disk::of(&root, &format!("-{}", to.name))?;
    for release in disk.releases() {
        is_at_work(&disk, release)?;
    }
    disk.forget()?;

    // The tools that came build it for the old kernel, too.
    let rebuilt = root.layer("rebuilt", REBUILD, |root| root.sh(REBUILD)?.ok().map(drop))?;
    let disk = Disk::of(&rebuilt, "-rebuilt")?;
    is_at_work(&disk, &releases[1])?;
    disk.forget()
}

/// Builds the module anew for the older of two kernels.
const REBUILD: &str = "set -e
    release=$(tail -n 1 /usr/local/share/releases)
    module=$(dkms status oximod | sed -n '1s/,.*//p')
    dkms unbuild $module -k $release
    dkms install $module -k $release
    dkms status oximod -k $release | grep ': installed$'";

fn is_at_work(disk: &Disk, release: &str) -> Result<()> {
    let mut machine = disk.machine(release, "upgraded").boot()?;
    assert_eq!(machine.ok("uname -r")?.trim(), release);
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    let said = machine.ok("entry contract")?;
    assert!(said.ends_with(" tried, 0 different\n"), "{said}");
    machine.require_health()
}
