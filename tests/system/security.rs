// SPDX-License-Identifier: GPL-2.0

//! What those can do to the bit who should not, and what they should not write, on a booted stock
//! kernel.

use lab::{bare::Bare, disk::Disk, progress::show, seed, Result};

const NOBODY: &str = "setpriv --reuid=nobody --regid=nogroup --clear-groups";

/// What may be read only: by whom, and how a write is refused.
const OTHERS: &[(&str, &str, &str)] = &[
    ("an unprivileged user", NOBODY, "Permission denied"),
    (
        "root of a user namespace",
        "NOBODY unshare --user --map-root-user",
        "Permission denied",
    ),
    (
        "root of a container, with a /proc of its own",
        "NOBODY unshare --user --map-root-user --mount --pid --fork --mount-proc",
        "Permission denied",
    ),
    (
        "root of a container without capabilities",
        "NOBODY unshare --user --map-root-user --mount --pid --fork --mount-proc \
         setpriv --bounding-set=-all --inh-caps=-all --no-new-privs",
        "Permission denied",
    ),
    (
        "root of a container of systemd's",
        "systemd-run --quiet --pipe --wait -p PrivateUsers=yes -p ProtectKernelTunables=yes \
         -p CapabilityBoundingSet=",
        "Read-only file system",
    ),
];

#[test]
fn others_read_and_do_not_write() -> Result<()> {
    let disk = Disk::installed()?;
    let mut machine = disk.machine(&disk.releases()[0], "others").boot()?;
    for (who, how, refusal) in OTHERS {
        let how = how.replace("NOBODY", NOBODY);
        for value in ["0", "1"] {
            machine.ok(&format!("sysctl -q -w example.atom={value}"))?;
            let said = machine.ok(&format!("{how} cat /proc/sys/example/atom"))?;
            assert_eq!(said.trim(), value, "{who}");
            // A C entry is the measure.
            for entry in ["example/atom", "vm/swappiness"] {
                for write in [
                    "echo flip > ENTRY",
                    "echo 0 | tee ENTRY",
                    "echo 0 | dd of=ENTRY conv=notrunc",
                ] {
                    let write = write.replace("ENTRY", &format!("/proc/sys/{entry}"));
                    let said = machine.sh(&format!("{how} sh -c '{write}'"))?;
                    assert_ne!(said.code, 0, "{who}: {write}");
                    assert!(said.text.contains(refusal), "{who}: {said}");
                }
            }
            assert_eq!(machine.ok("sysctl -n example.atom")?.trim(), value, "{who}");
        }
    }
    // Whoever gets a file that root has opened for writing is asked again.
    let said = machine.sh(&format!(
        "exec 3> /proc/sys/example/atom; {NOBODY} sh -c 'env printf flip >&3'"
    ))?;
    assert!(said.text.contains("Operation not permitted"), "{said}");
    assert_eq!(machine.ok("sysctl -n example.atom")?, "1\n");
    machine.require_health()
}

#[test]
fn hostile_writes_do_what_the_contract_says() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("hostile").boot()?;
        machine.ok("insmod /modules/oximod.ko && insmod /modules/reference.ko")?;
        let said = machine.sh(&format!("hostile {} 100000", seed()))?;
        assert!(said.text.starts_with("100000 writes, "), "{said}");
        assert!(said.text.ends_with(" flips, 0 wrong\n"), "{said}");
        show(&said);
        machine.require_health()?;
    }
    Ok(())
}

/// A BPF program of a cgroup decides about reads and writes of the bit, as for any entry.
#[test]
fn bpf_programs_decide_about_the_bit() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("decide").boot()?;
        machine.ok("insmod /modules/oximod.ko")?;
        let contract = machine.ok("filter allow entry contract")?;
        assert!(contract.contains(" tried, 0 different\n"), "{contract}");

        const READ: &str = "cat ATOM";
        const WRITE: &str = "env printf 1111 > ATOM";
        for (decision, command, code, said, after) in [
            ("allow", READ, 0, "0\n", "0"),
            ("allow", "env printf 1 > ATOM", 0, "", "1"),
            ("allow", WRITE, 1, "Invalid argument", "0"),
            ("refuse", READ, 1, "Operation not permitted", "0"),
            ("refuse", WRITE, 1, "Operation not permitted", "0"),
            // As long as what they replace: who writes would go on with the rest.
            ("replace=flip", WRITE, 0, "", "1"),
            ("replace=0001", WRITE, 0, "", "1"),
            ("replace=0002", WRITE, 1, "Invalid argument", "0"),
            ("replace=0001", READ, 0, "0\n", "0"),
        ] {
            let command = command.replace("ATOM", "/proc/sys/example/atom");
            machine.ok("echo 0 > /proc/sys/example/atom")?;
            let result = machine.sh(&format!("filter {decision} sh -c '{command}'"))?;
            assert_eq!(result.code, code, "{decision}: {result}");
            assert!(result.text.contains(said), "{decision}: {result}");
            assert!(
                result.text.ends_with("seen: 0\\n\n"),
                "{decision}: {result}"
            );
            let value = machine.ok("cat /proc/sys/example/atom")?;
            assert_eq!(value.trim(), after, "{decision}: {command}");
        }
        machine.require_health()?;
    }
    Ok(())
}
