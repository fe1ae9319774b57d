// SPDX-License-Identifier: GPL-2.0

//! What a Rust panic in a module does to a stock kernel.

use lab::{bare::Bare, Result};

#[test]
fn a_panic_stops_one_task() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("crash").boot()?;

        // With panic_on_oops it stops the machine, which reboots: the command line has panic=-1.
        machine.ok("echo 1 > /proc/sys/kernel/panic_on_oops")?;
        let error = machine
            .sh("insmod /modules/timebomb.ko")
            .unwrap_err()
            .to_string();
        assert!(error.contains("the machine is off"), "{error}");
        machine.wait_for_reboot()?;
        let console = machine.console();
        assert!(console.contains("Kernel panic - not syncing"), "{console}");

        let said = machine.sh("insmod /modules/timebomb.ko")?;
        assert_eq!(
            (said.code, said.text.as_str()),
            (139, "Segmentation fault\n")
        );

        let log = machine.ok("dmesg | sed 's/^[^]]*\\] //'")?;
        let lines: Vec<_> = log.lines().collect();
        let find = |text: &str| {
            let found = lines.iter().position(|line| line.contains(text));
            found.unwrap_or_else(|| panic!("no {text:?} in {log}"))
        };
        for (index, step) in ["2", "1", "0"].into_iter().enumerate() {
            assert_eq!(
                lines[find("timebomb: 2") + index],
                format!("timebomb: {step}")
            );
        }
        let panicked = find("rust_kernel: panicked at ");
        let (_, place) = lines[panicked].split_once(" at ").unwrap_or_default();
        let mut place = place.split(':');
        let file = place.next().unwrap_or_default();
        assert!(file.ends_with("timebomb.rs"), "{}", lines[panicked]);
        let number: usize = place.next().unwrap_or_default().parse()?;
        let source = include_str!("../../samples/timebomb/timebomb.rs");
        let culprit = source.lines().nth(number - 1).unwrap_or_default();
        assert!(culprit.contains("COUNTDOWN[step]"), "{culprit}");
        assert_eq!(
            lines[panicked + 1].trim_start(),
            "index out of bounds: the len is 3 but the index is 3"
        );
        let bug = find("kernel BUG at rust/helpers/bug.c:");
        let trace = find("Call Trace:");
        assert!(panicked < bug && bug < trace, "{log}");
        let is_frame = |line: &&str| line.contains("init_module+") && line.contains("[timebomb]");
        assert!(lines[trace..].iter().any(is_frame), "{log}");
        assert!(
            lines[bug..trace]
                .iter()
                .any(|line| line.contains("Comm: insmod")),
            "{log}"
        );

        // The module is neither usable nor removable.
        let state = machine.ok("cat /sys/module/timebomb/initstate /sys/module/timebomb/refcnt")?;
        assert_eq!(state, "coming\n1\n");
        let said = machine.sh("rmmod timebomb")?;
        assert!(said.text.contains("Module timebomb is in use"), "{said}");
        assert_eq!(machine.ok("ps -C insmod -o stat=; true")?, "");

        // Everything else goes on, other modules included.
        machine.ok("insmod /modules/oximod.ko")?;
        let said = machine.ok("entry contract")?;
        assert!(said.ends_with(" tried, 0 different\n"), "{said}");
        machine.ok("rmmod oximod && sync && ls -R /etc > /dev/null")?;
        // D, for a task that died, besides what a module of ours is always marked with.
        assert_eq!(machine.ok("cat /proc/sys/kernel/tainted")?, "12416\n");
    }
    Ok(())
}
