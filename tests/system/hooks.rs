// SPDX-License-Identifier: GPL-2.0

//! What a module does about a write: checks and actions, in booted stock kernels.

use lab::{bare::Bare, machine::Machine, Result};

use crate::entries::WRITE;

fn boot(bare: &Bare, name: &str) -> Result<Machine> {
    let mut machine = bare.machine(name).cpus(2).boot()?;
    machine.ok("insmod /modules/hooks.ko")?;
    Ok(machine)
}

/// What the module has logged since the last time.
fn log(machine: &mut Machine) -> Result<String> {
    machine.ok("dmesg -c | sed -n 's/.*\\] hooks: //p'")
}

#[test]
fn a_check_refuses_and_an_action_gets_the_old_and_the_new_value() -> Result<()> {
    for bare in Bare::all()? {
        let mut machine = boot(&bare, "hooks")?;
        log(&mut machine)?;
        for (command, said, logged) in [
            ("echo 10 | w even; cat even", "10\n", "even: 2, 10\n"),
            ("echo 10 | w even; cat even", "10\n", "even: 10, 10\n"),
            // The bounds come first, then the checks in their order.
            ("echo 101 | w even", "Invalid argument\n", ""),
            ("echo 11 | w even", "Operation not permitted\n", ""),
            ("echo 42 | w even", "Device or resource busy\n", ""),
            ("cat even acted", "10\n2\n", ""),
            // A refused write does not move the position.
            (
                "exec 3<> even; echo 11 | dd status=none 2>&1 >&3 | sed 's/.*: //'; echo 12 >&3; cat even",
                "Operation not permitted\n12\n",
                "even: 10, 12\n",
            ),
            // A short write acts once; what is left of it is ignored.
            ("printf '14 x' | w even; cat even", "14\n", "even: 12, 14\n"),
            (
                "printf 16 | dd of=even bs=1 seek=1 status=none; cat even",
                "14\n",
                "",
            ),
            (
                "echo 9 8 | w row; cat row",
                "9\t8\t3\n",
                "row: [1, 2, 3], [9, 8, 3]\n",
            ),
            ("echo 1 x | w row", "Invalid argument\n", ""),
            ("echo 1000 | w ms; cat ms", "1000\n", "ms: 0, 250\n"),
            (
                "echo 1 | w static; cat static",
                "1\n",
                "static: false, true\n",
            ),
            (
                "echo hello | w word; cat word",
                "hello\n",
                "word: word, hello\n",
            ),
            (
                "printf y | dd of=word bs=1 seek=4 status=none; cat word",
                "helly\n",
                "word: hello, helly\n",
            ),
            (
                "printf y | dd of=word bs=1 seek=6 status=none; cat word",
                "helly\n",
                "",
            ),
            ("echo | w word", "Argument list too long\n", ""),
            (
                "echo 1,64 | w bits; cat bits",
                "1,50,64\n",
                "bits: [0, 0], [2, 1]\n",
            ),
            // The module changes other parts of both while a write to one is under way.
            ("echo 5 | w pair; cat pair bits", "5\t1\n1,50,64,99\n", ""),
            (
                "echo 2 | w bits; cat bits",
                "2\n",
                "bits: [4000000000002, 800000001], [4, 0]\n",
            ),
            // A closure that writes to its own entry.
            ("echo 3 | w again; cat again", "3\n", "again: 3, -35\n"),
        ] {
            let found = machine.sh(&format!("cd /proc/sys/hooks && {WRITE}; {command}"))?;
            assert_eq!(found.text, said, "{command}");
            assert_eq!(log(&mut machine)?, logged, "{command}");
        }
        machine.ok("rmmod hooks && test ! -e /proc/sys/hooks")?;
        machine.require_health()?;
    }
    Ok(())
}

/// Each action sees the value that the one before it has seen stored, whoever writes.
#[test]
fn actions_come_in_the_order_of_the_values() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = boot(&bare, "hooks-order")?;
        machine.ok("contend 50000 /proc/sys/hooks/chain")?;
        assert_eq!(machine.ok("cat /proc/sys/hooks/breaks")?, "0\n");
        machine.require_health()?;
    }
    Ok(())
}

#[test]
fn unloading_waits_for_an_action() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = boot(&bare, "hooks-unload")?;
        log(&mut machine)?;
        let said = machine.sh(
            "cd /proc/sys/hooks && exec 3<> slow && cd / &&
             { echo 7 >&3 && echo written & } && sleep 1 && rmmod hooks && echo removed && wait && cat <&3",
        )?;
        let mut lines: Vec<_> = said.text.lines().collect();
        lines.sort_unstable();
        let [cat, "removed", "written"] = lines[..] else {
            return Err(said.text.into());
        };
        assert!(cat.ends_with(": No such file or directory"), "{cat}");
        let expected = "slow: 7, closure\ndropped: closure\ndropped: storage\n";
        assert_eq!(log(&mut machine)?, expected);
        machine.require_health()?;
    }
    Ok(())
}
