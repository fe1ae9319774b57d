// SPDX-License-Identifier: GPL-2.0

//! Entries of network namespaces, on the newest stock kernel and on Debian's own.

use std::time::Duration;

use lab::{bare::Bare, machine::Machine, progress::show, Result};

/// How long hundreds of namespaces may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// Runs a command in a namespace of its own.
fn apart(machine: &mut Machine, command: &str) -> Result<String> {
    machine.ok(&format!("unshare --net sh -c '{command}'"))
}

/// A command that has a task wait in another namespace, and writes its number to `file`.
fn other(file: &str) -> String {
    format!(
        "unshare --net sleep 1000 >/dev/null 2>&1 & echo $! > {file}
         while [ $(readlink /proc/$!/ns/net) = $(readlink /proc/$$/ns/net) ]; do sleep 0.1; done"
    )
}

#[test]
fn each_namespace_has_its_own_values() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("spaces").boot()?;
        // One that is there before the module.
        machine.ok(&other("/tmp/old"))?;
        machine.ok("insmod /modules/spaces.ko")?;
        const OLD: &str = "nsenter --net=/proc/$(cat /tmp/old)/ns/net";
        let show = "cd /proc/sys/net/spaces && grep -d skip . *";
        let first =
            "enabled:0\nleast:0\nnumber:100\norder:0\nshared:all\nshared_too:all\ntext:own\n";
        assert_eq!(machine.ok(show)?, first);
        assert_eq!(
            machine.ok(&format!("{OLD} sh -c '{show}'"))?,
            first.replace("order:0", "order:1")
        );

        // Some entries are those of the first one alone.
        machine.ok(
            "cd /proc/sys/net/spaces && test 1 = $(cat first/only) && test 1 = $(cat part/up)",
        )?;
        apart(
            &mut machine,
            "cd /proc/sys/net/spaces && test ! -e first && test ! -e part",
        )?;

        // What one writes, others do not see.
        machine.ok(&format!(
            "{OLD} sh -c 'cd /proc/sys/net/spaces && echo 7 > number && echo 1,3-5 > bits && echo old > text'"
        ))?;
        let changed = "bits:1,3-5\nenabled:1\nleast:0\nnumber:7\norder:1\nshared:all\nshared_too:all\ntext:old\n";
        assert_eq!(machine.ok(&format!("{OLD} sh -c '{show}'"))?, changed);
        assert_eq!(machine.ok(show)?, first);
        let fourth = first.replace("order:0", "order:3");
        assert_eq!(apart(&mut machine, show)?, fourth);
        // The module finds those of a namespace as well, and a check looks at the values beside its own.
        assert_eq!(
            apart(
                &mut machine,
                "cd /proc/sys/net/spaces && echo 20 > least && ! echo 19 > number 2>/dev/null && \
                 echo 21 > number && cat /proc/sys/spaces/number"
            )?,
            "21\n"
        );
        assert_eq!(machine.ok("cat /proc/sys/spaces/number")?, "100\n");
        machine.ok("echo 3 > /proc/sys/net/spaces/number")?;

        // What all share, only the first one writes.
        machine.ok("echo ours > /proc/sys/net/spaces/shared")?;
        assert_eq!(
            apart(
                &mut machine,
                "cd /proc/sys/net/spaces && ! (echo theirs > shared) 2>/dev/null && cat shared shared_too && stat -c \"%a %n\" *"
            )?,
            "ours\nours\n644 bits\n600 enabled\n644 least\n644 number\n444 order\n444 shared\n444 shared_too\n644 text\n"
        );

        // Who made the namespace may write there, and nowhere else.
        assert_eq!(
            machine.ok(
                "setpriv --reuid=1234 --clear-groups unshare --user --map-root-user --net sh -c '
                     cd /proc/sys/net/spaces && echo 5 > number && echo 1 > enabled && cat number enabled'
                 ! setpriv --reuid=1234 --clear-groups sh -c 'echo 5 > /proc/sys/net/spaces/number' 2>/dev/null"
            )?,
            "5\n1\n"
        );
        assert_eq!(machine.ok("cat /proc/sys/net/spaces/number")?, "3\n");

        // They go with their namespace.
        machine.ok("kill $(cat /tmp/old)")?;
        machine.ok("until [ $(cat /proc/sys/spaces/alive) = 1 ]; do sleep 0.1; done")?;
        machine
            .ok("rmmod spaces && test ! -e /proc/sys/net/spaces && test ! -e /proc/sys/spaces")?;
        machine.require_health()?;
    }
    Ok(())
}

#[test]
fn what_fails_leaves_nothing_in_any_namespace() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("no-spaces").boot()?;
        let before = machine.ok("ls /proc/sys/net/core")?;
        let tried = |machine: &mut Machine| {
            machine.ok("dmesg -C && insmod /modules/no_spaces.ko")?;
            machine.ok("rmmod no_spaces && test ! -e /proc/sys/net/no_spaces")?;
            machine.ok("dmesg | sed -n 's/.*no_spaces: \\([a-z ]*: -\\?[0-9]*\\)$/\\1/p'")
        };
        assert_eq!(tried(&mut machine)?, REFUSALS);
        machine.ok(&other("/tmp/other"))?;
        // There, an entry is there twice.
        let refusals = REFUSALS.replace("twice: 0", "twice: -17");
        assert_eq!(tried(&mut machine)?, refusals);
        // What was there is not harmed.
        assert_eq!(machine.ok("ls /proc/sys/net/core")?, before);

        // A namespace whose values or entries cannot be made is not made.
        machine.ok("insmod /modules/spaces.ko")?;
        for which in ["values", "entries"] {
            let said = machine.sh(&format!(
                "echo 28 > /proc/sys/spaces/fail_{which}; unshare --net true; echo 0 > /proc/sys/spaces/fail_{which}"
            ))?;
            assert_eq!(
                said.text,
                "unshare: unshare failed: No space left on device\n"
            );
            assert_eq!(machine.ok("cat /proc/sys/spaces/alive")?, "2\n");
        }
        machine.ok("rmmod spaces && kill $(cat /tmp/other)")?;
        machine.require_health()?;
    }
    Ok(())
}

const REFUSALS: &str = "\
path: -22
name: -22
taken: -17
static: -22
announced: -22
twice: 0
good: 0
again: -16
for all: -12
";

#[test]
fn namespaces_come_and_go_while_the_module_does() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("spaces-churn").cpus(2).boot()?;
        machine.set_patience(PATIENCE);
        let said = machine.ok("spaces /modules/spaces.ko 100")?;
        show(&said);
        assert!(said.ends_with(" 0 left, 0 wrong\n"), "{said}");
        machine.require_health()?;
    }
    Ok(())
}

/// What authors start from.
#[test]
fn the_sample_works() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("per-net").boot()?;
        machine.ok("insmod /modules/per_net.ko")?;
        let show = "cd /proc/sys/net/per_net && grep . *";
        let expected = "ceiling:1000\nenabled:1\nlimit:100\nwrites:0\n";
        assert_eq!(machine.ok(show)?, expected);
        let other = expected.replace("enabled:1", "enabled:0");
        assert_eq!(apart(&mut machine, show)?, other);
        assert_eq!(
            machine.ok(&format!(
                "unshare --user --map-root-user --net sh -c '{show}'"
            ))?,
            other.replace("enabled:0\n", "")
        );
        assert_eq!(
            machine.ok("cd /proc/sys/net/per_net
                 echo 200 > ceiling
                 unshare --net sh -c 'cd /proc/sys/net/per_net && echo 200 > limit && ! echo 201 > limit && cat limit writes' 2>/dev/null
                 cat limit writes")?,
            "200\n1\n100\n0\n"
        );
        machine.ok("rmmod per_net && test ! -e /proc/sys/net/per_net")?;
        machine.require_health()?;
    }
    Ok(())
}
