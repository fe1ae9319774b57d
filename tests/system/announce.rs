// SPDX-License-Identifier: GPL-2.0

//! What is heard of a change: who sleeps until an entry changes, and uevents, in booted stock kernels.

use lab::{bare::Bare, machine::Machine, progress::show, Result};

use crate::entries::WRITE;

const SLEEPERS: [&str; 5] = ["poll", "select", "epoll", "uring", "aio"];

/// A machine that writes all uevents of modules down.
fn boot(bare: &Bare, name: &str) -> Result<Machine> {
    let mut machine = bare.machine(name).cpus(2).boot()?;
    machine.ok("uevents >> /events 2>&1 & sleep 1")?;
    Ok(machine)
}

/// The uevents since the last time, when no more can come.
fn events(machine: &mut Machine) -> Result<String> {
    machine.ok("sleep 0.5; cat /events; : > /events")
}

#[test]
fn a_change_is_heard_of() -> Result<()> {
    for bare in Bare::all()? {
        let mut machine = boot(&bare, "announce")?;
        uevents_tell_of_changes(&mut machine)?;
        changes_wake_sleepers(&mut machine)?;
        unloading_wakes_sleepers(&mut machine)?;
        machine.require_health()?;
    }
    Ok(())
}

fn uevents_tell_of_changes(machine: &mut Machine) -> Result<()> {
    machine.ok("insmod /modules/oximod.ko")?;
    assert_eq!(
        events(machine)?,
        "add /module/oximod\nchange /module/oximod OXIMOD_ATOM=0\n"
    );
    let told = |value| format!("change /module/oximod OXIMOD_ATOM={value}\n");
    for (command, expected) in [
        ("echo 1 > atom", told(1)),
        ("echo 1 > atom", "".into()),
        ("echo flip > atom", told(0)),
        ("echo 0 > atom", "".into()),
        ("echo 2 | w atom", "".into()),
        // A write that is ignored.
        ("printf 1 | dd of=atom bs=1 seek=1 status=none", "".into()),
        // What comes together is one event, even if nothing is left of it: somebody may have read in between.
        ("echo 1 > atom; echo 0 > atom; echo 1 > atom", told(1)),
        ("echo 0 > atom; echo 1 > atom", told(1)),
    ] {
        machine.sh(&format!("cd /proc/sys/example && {WRITE}; {command}"))?;
        assert_eq!(events(machine)?, expected, "{command}");
    }
    machine.ok("echo 0 > /proc/sys/example/atom; rmmod oximod")?;
    let last = events(machine)?;
    assert!(last.ends_with("remove /module/oximod\n"), "{last}");
    Ok(())
}

/// As for `kernel/hostname`, which is C's.
fn changes_wake_sleepers(machine: &mut Machine) -> Result<()> {
    machine.ok("insmod /modules/oximod.ko")?;
    for kind in SLEEPERS {
        let mut said = Vec::new();
        for (entry, other) in [("kernel/hostname", "other"), ("example/atom", "flip")] {
            said.push(machine.ok(&format!(
                "cd /proc/sys && {{ sleeper {kind} {entry} 3 3 & }}
                 sleep 1; echo {other} > {entry}; sleep 1; echo {other} > {entry}; wait"
            ))?);
        }
        let [hostname, atom] = &said[..] else {
            return Err("not two".into());
        };
        assert_eq!(hostname, atom);
        let flags = match kind {
            "select" => "PRI\nPRI\nnothing\n",
            _ => "PRI ERR\nPRI ERR\nnothing\n",
        };
        assert_eq!(atom, flags, "{kind}");
        // Hostname wakes its sleepers here.
        let same = "sleeper {kind} atom 2 1 & sleep 1; cat atom > atom; echo 2 > atom; wait";
        let same = same.replace("{kind}", kind);
        let woken = machine.sh(&format!(
            "cd /proc/sys/example && {{ {same}; }} 2>/dev/null"
        ))?;
        assert_eq!(woken.text, "nothing\n", "{kind}");
    }
    machine.ok("rmmod oximod").map(drop)
}

fn unloading_wakes_sleepers(machine: &mut Machine) -> Result<()> {
    for kind in SLEEPERS {
        let woken = machine.ok(&format!(
            "insmod /modules/oximod.ko
             {{ sleeper {kind} /proc/sys/example/atom 3 2 & }}; sleep 1; rmmod oximod; wait"
        ))?;
        // The second time, it says that before the entry is gone, or afterwards, when nothing can be an exception.
        let flags = match kind {
            "select" => ["PRI\n", "nothing\n"],
            _ => ["PRI ERR\n", "HUP"],
        };
        let rest = woken.strip_prefix(flags[0]);
        assert!(
            rest.is_some_and(|rest| rest.contains(flags[1])),
            "{kind}: {woken}"
        );
    }
    Ok(())
}

#[test]
fn any_storage_can_be_announced() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = boot(&bare, "announce-any")?;
        machine.ok("insmod /modules/news.ko")?;
        let mut first: Vec<_> = events(&mut machine)?.lines().map(str::to_owned).collect();
        first.sort_unstable();
        let expected = [
            "add /module/news",
            "change /module/news NEWS_AGAIN=0",
            "change /module/news NEWS_BIT=0",
            "change /module/news NEWS_BITS=",
            "change /module/news NEWS_EVEN=0",
            "change /module/news NEWS_PAIR=1\t2",
        ];
        assert_eq!(first[..6], expected);
        let told = |variable: &str| format!("change /module/news {variable}\n");
        let long = "x".repeat(300);
        let cut = told(&format!("NEWS_WORD={}", &long[..255 - "NEWS_WORD=".len()]));
        for (command, expected) in [
            ("echo 1 > bit", told("NEWS_BIT=1")),
            ("echo 2 > bit", "".into()),
            ("echo 3 > pair", told("NEWS_PAIR=3\t2")),
            ("echo 3 2 > pair", "".into()),
            ("echo 3 4 > pair", told("NEWS_PAIR=3\t4")),
            ("echo hello > word", told("NEWS_WORD=hello")),
            ("echo hello > word", "".into()),
            ("printf 'a\\033b\\n' > word", told("NEWS_WORD=a")),
            (&format!("echo {long} > word"), cut),
            ("echo 1,3-5 > bits", told("NEWS_BITS=1,3-5")),
            // Every write of a bitmap counts.
            ("echo 1,3-5 > bits", told("NEWS_BITS=1,3-5")),
            ("echo 2 > even; echo 3 > even", told("NEWS_EVEN=2")),
            ("echo 2 > even", "".into()),
            // The module changes this one.
            (
                "echo 7 > set_state",
                told("NEWS_PAIR=7\t7") + &told("NEWS_STATE=7"),
            ),
        ] {
            machine.sh(&format!("cd /proc/sys/news && {command}"))?;
            // Each entry has its own work, so they come in any order.
            let mut found: Vec<_> = events(&mut machine)?.lines().map(str::to_owned).collect();
            found.sort_unstable();
            assert_eq!(found, Vec::from_iter(expected.lines()), "{command}");
        }
        let log = machine.ok("dmesg | sed -n 's/.*\\] news: \\([ers]\\)/\\1/p'")?;
        assert_eq!(
            log,
            "refused: true, true\neven: 0, 2\neven: 2, 2\nstate: 7, true, true, true\n"
        );
        for kind in SLEEPERS {
            for (entry, write) in [
                ("pair", "echo 5 $$ > pair"),
                ("word", "echo $$ > word"),
                ("bits", "echo 9 > bits"),
                ("even", "echo 4 > even; echo 6 > even"),
                ("own/state", "echo $$ > set_state"),
            ] {
                let woken = machine.ok(&format!(
                    "cd /proc/sys/news && {{ sleeper {kind} {entry} 20 1 & }} && sleep 0.5 && {{ {write}; }} && wait"
                ))?;
                assert!(woken.contains("PRI"), "{kind} {entry}: {woken}");
            }
        }
        machine.ok("rmmod news")?;
        machine.require_health()?;
    }
    Ok(())
}

/// Two processors flip the bit as fast as they can. What comes of it is bounded, and the end is told.
#[test]
fn a_storm_is_a_handful_of_events() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = boot(&bare, "announce-storm")?;
        machine.ok("insmod /modules/oximod.ko && sleep 1 && : > /events")?;
        let memory = "awk '/^Slab:/ { print $2 }' /proc/meminfo";
        let before: i64 = machine.ok(memory)?.trim().parse()?;
        let elapsed = machine.ok("start=$(cut -d. -f1 /proc/uptime)
             entry flip 200000 & entry flip 200001 & wait %1 && wait %2
             echo $(($(cut -d. -f1 /proc/uptime) - start + 1))")?;
        let after: i64 = machine.ok(memory)?.trim().parse()?;
        let events = events(&mut machine)?;
        let (count, seconds) = (events.lines().count(), elapsed.trim().parse::<usize>()?);
        show(format!(
            "400,001 flips in {seconds} s: {count} events, {} KB more",
            after - before
        ));
        assert!(count > 0 && count <= 10 * seconds + 1, "{events}");
        assert!(events.ends_with("OXIMOD_ATOM=1\n"), "{events}");
        assert!(after - before < 2048, "{before} KB, then {after}");
        machine.require_health()?;
    }
    Ok(())
}
