// SPDX-License-Identifier: GPL-2.0

//! The entries of three of the kernel's own modules, with our types: see `tests/modules/ports`. On
//! a booted stock kernel, `describe` tells the same of both.

use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
    time::Duration,
};

use lab::{bare::Bare, machine::Machine, progress::show, Result};

/// How long a description may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// A driver: a text that is computed, and switches that act. Its drive is made by the kernel, too.
#[test]
fn the_entries_of_cdrom_do_what_c_does() -> Result<()> {
    let mut machine = boot("ports-cdrom")?;
    machine.ok("modprobe sr_mod && modprobe scsi_debug ptype=5 &&
         until grep -q sr0 /proc/sys/dev/cdrom/info; do sleep 0.1; done")?;
    let c = describe(&mut machine, "dev/cdrom")?;
    machine.ok("rmmod scsi_debug")?;
    let c_without = describe(&mut machine, "dev/cdrom")?;
    machine.ok("rmmod sr_mod cdrom && test ! -e /proc/sys/dev/cdrom")?;

    // The drive can close, open and lock its tray, read sessions and numbers, tell of new disks,
    // and play.
    machine.ok("insmod /modules/cdrom_port.ko speed=1 slots=1 features=0x1e7")?;
    compare(&c, &describe(&mut machine, "dev/cdrom")?, &[])?;
    assert!(c.contains("drive name:\\t\\tsr0\\n"), "{c}");
    machine.ok("rmmod cdrom_port && insmod /modules/cdrom_port.ko")?;
    compare(&c_without, &describe(&mut machine, "dev/cdrom")?, &[])?;

    // This one cannot open its tray, so it does not do so by itself either.
    machine.ok(
        "rmmod cdrom_port && insmod /modules/cdrom_port.ko speed=1 features=0x5 && dmesg -C &&
         cd /proc/sys/dev/cdrom && echo 5 > autoeject && echo -1 > check_media && echo 0 > lock &&
         rmmod cdrom_port && test ! -e /proc/sys/dev/cdrom",
    )?;
    let log = machine.ok("dmesg")?;
    assert!(log.contains("sr0 has the options 0x11\n"), "{log}");
    machine.require_health()
}

/// A filesystem: numbers with bounds, and one that acts, is 0 again, and logs each time.
#[test]
fn the_entries_of_xfs_do_what_c_does() -> Result<()> {
    let mut machine = boot("ports-xfs")?;
    let mut described = |load: &str, unload: &str| -> Result<_> {
        machine.ok(&format!("dmesg -C && {load}"))?;
        let told = describe(&mut machine, "fs/xfs")?;
        machine.ok(&format!("{unload} && test ! -e /proc/sys/fs/xfs"))?;
        Ok((told, machine.ok("dmesg | grep -c 'Clearing xfsstats$'")?))
    };
    let (c, cleared) = described("modprobe xfs", "rmmod xfs")?;
    let (ours, cleared_ours) = described("insmod /modules/xfs_port.ko", "rmmod xfs_port")?;
    compare(&c, &ours, &[])?;
    assert_eq!(cleared, cleared_ours);
    machine.require_health()
}

/// A protocol: a table for each network namespace, bounds that depend on other entries, and
/// choices. In the initial namespace, in one of root's, and in one that a user has made, who is root
/// there.
///
/// C's module cannot be unloaded, so each has a machine for itself.
#[test]
fn the_entries_of_sctp_do_what_c_does() -> Result<()> {
    let mut c = boot("ports-sctp-c")?;
    let mut ours = boot("ports-sctp")?;
    // What C works out of memory, and of the size of a packet, is a parameter of ours.
    let numbers = c.ok("modprobe sctp && cd /proc/sys/net/sctp && cat sctp_mem sctp_rmem")?;
    let numbers = numbers.split_whitespace().map(str::parse);
    let numbers: Vec<u64> = numbers.collect::<std::result::Result<_, _>>()?;
    let (pages, packet) = (numbers[1], numbers[4] / 1500);
    ours.ok(&format!(
        "insmod /modules/sctp_port.ko pages={pages} packet={packet}"
    ))?;
    let (told, told_by_ours) = thread::scope(|scope| {
        let c = scope.spawn(|| descriptions(&mut c));
        let ours = descriptions(&mut ours);
        (c.join().expect("no panic"), ours)
    });
    // Only the initial namespace has vectors.
    let deliberate = [
        &Deliberate::ALL[..],
        &Deliberate::ALL[1..],
        &Deliberate::ALL[1..],
    ];
    for ((c, ours), deliberate) in told?.iter().zip(told_by_ours?).zip(deliberate) {
        compare(c, &ours, deliberate)?;
    }
    ours.ok(
        "cd /proc/sys/net/sctp && echo none > cookie_hmac_alg && echo 1 > auth_enable &&
         echo 9899 > udp_port && cd / && rmmod sctp_port && test ! -e /proc/sys/net/sctp",
    )?;
    let log = ours.ok("dmesg")?;
    let last = "signs cookies: false, authenticates: 1, tunnel: 9899\n";
    assert!(log.contains(last), "{log}");
    for machine in [&mut c, &mut ours] {
        assert_eq!(machine.ok("dmesg | grep -c 'Changing rto_alpha'")?, "1\n");
        machine.require_health()?;
    }
    Ok(())
}

fn descriptions(machine: &mut Machine) -> Result<[String; 3]> {
    Ok([
        describe(machine, "net/sctp")?,
        machine.ok("unshare --net describe /proc/sys/net/sctp")?,
        machine.ok(
            "setpriv --reuid=1000 unshare --user --map-root-user --net describe /proc/sys/net/sctp",
        )?,
    ])
}

fn boot(name: &str) -> Result<Machine> {
    let mut machine = Bare::newest()?.machine(name).boot()?;
    machine.set_patience(PATIENCE);
    Ok(machine)
}

fn describe(machine: &mut Machine, path: &str) -> Result<String> {
    machine.ok(&format!("describe /proc/sys/{path}"))
}

/// Where ours are to differ from C's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deliberate {
    /// C's vectors keep the numbers before a refused one.
    NothingOfARefusedWrite,
    /// A write of nothing, or at an offset, is ignored. Where C's handlers of sctp parse into a
    /// variable of their own, they go on with a number that nobody has set: stock kernels have 0
    /// there, and store it or refuse it.
    NothingOfAnIgnoredWrite,
    /// The same for a text, which C has parsed into an empty one. With our type it can also be
    /// written in pieces.
    TextInPieces,
}

impl Deliberate {
    const ALL: [Self; 3] = [
        Self::NothingOfARefusedWrite,
        Self::NothingOfAnIgnoredWrite,
        Self::TextInPieces,
    ];

    /// Which difference this is, if both did exactly what is documented.
    fn of(entry: &str, call: &str, c: &str, ours: &str) -> Option<Self> {
        const REFUSED: &str = "errno 22";
        let changed = |returned: &str| c.starts_with(&format!("{returned}, {entry} is \""));
        match entry {
            "sctp_mem" | "sctp_rmem" | "sctp_wmem" => {
                (changed(REFUSED) && ours == REFUSED).then_some(Self::NothingOfARefusedWrite)
            }
            "rto_min" | "rto_max" | "auth_enable" | "udp_port" | "plpmtud_probe_interval" => {
                let length = ignored(call)?.to_string();
                let is_c = c == REFUSED || c == format!("{length}, {entry} is \"0\\n\"");
                (is_c && ours == length).then_some(Self::NothingOfAnIgnoredWrite)
            }
            "cookie_hmac_alg" => {
                let length = ignored(call)?.to_string();
                (c == REFUSED && ours == length).then_some(Self::TextInPieces)
            }
            _ => None,
        }
    }
}

/// The length of what a call writes, if it writes nothing or at an offset other than 0.
fn ignored(call: &str) -> Option<usize> {
    let (_, data) = call.split_once("write \"")?;
    let (data, rest) = data.split_once("\" at ")?;
    let is_at_0 = rest.split(' ').next() == Some("0");
    // What is escaped is longer than it looks.
    (!data.contains('\\') && (data.is_empty() || !is_at_0)).then_some(data.len())
}

/// Fails if `describe` has told something else of ours than of C's, but for differences of these
/// kinds. Each must be there.
fn compare(c: &str, ours: &str, deliberate: &[Deliberate]) -> Result<()> {
    let mut entries = BTreeSet::new();
    let mut found = BTreeMap::new();
    let mut wrong = Vec::new();
    for (c, ours) in c.lines().zip(ours.lines()) {
        let fields = |line| Vec::from_iter(str::split(line, '\t'));
        let (c, ours) = (fields(c), fields(ours));
        let ([entry, call, c], [entry_ours, call_ours, ours]) = (&c[..], &ours[..]) else {
            return Err(format!("no lines of a description: {c:?}, {ours:?}").into());
        };
        entries.insert(*entry);
        if (entry, call) != (entry_ours, call_ours) {
            // From here on, nothing fits.
            wrong.push(format!("{entry} {call}, not {entry_ours} {call_ours}"));
            break;
        }
        if c == ours {
            continue;
        }
        match Deliberate::of(entry, call, c, ours) {
            Some(difference) if deliberate.contains(&difference) => {
                *found.entry(difference).or_insert(0u32) += 1;
            }
            _ => wrong.push(format!("{entry} {call}\n  C:    {c}\n  ours: {ours}")),
        }
    }
    let lines = c.lines().count();
    show(format!(
        "{} entries, {lines} lines, on purpose: {found:?}",
        entries.len()
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(lines, ours.lines().count());
    assert!(lines > 100 * entries.len(), "{c}");
    let found = Vec::from_iter(found.into_keys());
    assert_eq!(found, deliberate);
    Ok(())
}
