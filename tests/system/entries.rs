// SPDX-License-Identifier: GPL-2.0

//! The storage types in booted stock kernels: the kernel's own tests, C's handlers side by side, and
//! what cannot be registered.

use std::{fmt::Write, thread, time::Duration};

use lab::{bare::Bare, debian, progress::show, seed, Result};

/// How long `sysctl.sh` and a million calls may take.
const PATIENCE: Duration = Duration::from_secs(900);

/// `sysctl.sh`, as it is in the kernel's sources, against the kernel's own module and against ours.
#[test]
fn the_kernels_own_tests_pass() -> Result<()> {
    its_own_tests_pass(&Bare::newest()?, "")
}

/// The same with the `sysctl.sh` and the module of a kernel without Rust support.
#[test]
#[ignore = "minutes, and calls there are compared with C's anyway: make test-debug"]
fn the_own_tests_of_a_kernel_without_rust_pass() -> Result<()> {
    its_own_tests_pass(&Bare::own()?, "own-")
}

fn its_own_tests_pass(bare: &Bare, prefix: &str) -> Result<()> {
    let (c, rust) = thread::scope(|scope| {
        let c = scope.spawn(|| sysctl_sh(bare, prefix, "test_sysctl"));
        let rust = sysctl_sh(bare, prefix, "stand_in");
        (c.join().expect("no panic"), rust)
    });
    let (c, rust) = (c?, rust?);

    let mut table = format!(
        "{:<74}{:<10}Rust\n",
        "tools/testing/selftests/sysctl/sysctl.sh", "C"
    );
    let mut differences = 0;
    for index in 0..c.len().max(rust.len()) {
        let (name, c) = c
            .get(index)
            .map_or(("", "-"), |(name, outcome)| (name, outcome));
        let (ours, rust) = rust
            .get(index)
            .map_or(("", "-"), |(name, outcome)| (name, outcome));
        differences += u32::from(name != ours || c != rust);
        writeln!(
            table,
            "{:<74}{c:<10}{rust}",
            if name.is_empty() { ours } else { name }
        )?;
    }
    show(&table);
    assert_eq!(differences, 0, "{table}");
    let count = |outcome| c.iter().filter(|(_, found)| found == outcome).count();
    assert!(count("OK") > 100 && count("FAIL") == 0, "{table}");
    Ok(())
}

/// The names and outcomes of what `sysctl.sh` tries.
fn sysctl_sh(bare: &Bare, prefix: &str, module: &str) -> Result<Vec<(String, String)>> {
    let mut machine = bare.machine(&format!("{prefix}{module}")).boot()?;
    machine.set_patience(PATIENCE);
    machine.ok("dmesg -C")?;
    machine.ok(&format!("insmod /modules/{module}.ko"))?;
    let said = machine.sh("bash /modules/selftests/sysctl.sh")?;
    let mut outcomes = Vec::new();
    let mut test = "";
    for line in said.text.lines() {
        if let Some(name) = line.strip_prefix("Running test: ") {
            test = name;
        } else if let Some((what, outcome)) = line.split_once(" ... ") {
            outcomes.push((format!("{test}: {what}"), outcome.to_owned()));
        }
    }
    outcomes.push(("exit code".into(), said.code.to_string()));
    machine.ok(&format!(
        "rmmod {module} && test ! -e /proc/sys/debug/test_sysctl"
    ))?;
    machine.require_health()?;
    Ok(outcomes)
}

/// Makes the same calls to C's handlers and to ours; `OXIMOD_SEED` chooses other ones.
///
/// Ours do what those of Linux 7.3 do.
#[test]
fn a_million_calls_do_what_c_does() -> Result<()> {
    calls_do_what_c_does(&Bare::newest()?, "compare", "--calls 1000000", &DELIBERATE)
}

/// Before, C's handlers for unsigned integers count all of a write, and leave the position alone; those for
/// jiffies round and overflow differently.
#[test]
fn calls_do_what_c_does_in_a_kernel_without_rust() -> Result<()> {
    let mut differences = DELIBERATE.to_vec();
    differences.extend(["OlderUnsigned", "OlderJiffies"]);
    calls_do_what_c_does(&Bare::own()?, "own-compare", "--calls 200000", &differences)
}

/// Where ours are to differ.
const DELIBERATE: [&str; 3] = ["AlwaysStrict", "NothingOfARefusedWrite", "TooLongIsRefused"];

fn calls_do_what_c_does(
    bare: &Bare,
    name: &str,
    options: &str,
    differences: &[&str],
) -> Result<()> {
    let mut machine = bare.machine(name).boot()?;
    machine.set_patience(PATIENCE);
    machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
    let said = machine.sh(&format!("compare {options} --seed {}", seed()))?;
    show(&said);
    assert_eq!(said.code, 0, "{said}");
    assert!(said.text.ends_with(" calls, 0 different\n"), "{said}");
    for difference in differences {
        assert!(said.text.contains(&format!("{difference}: ")), "{said}");
    }
    machine.ok("rmmod twins reference && test ! -e /proc/sys/twins")?;
    machine.require_health()
}

/// The same with BPF programs that allow, refuse, replace and move calls. What these see is compared too.
#[test]
fn under_bpf_programs_calls_do_what_c_does() -> Result<()> {
    for (bare, options) in [
        (Bare::newest()?, "--calls 25000"),
        (Bare::own()?, "--calls 5000"),
    ] {
        let mut machine = bare.machine("filtered").boot()?;
        machine.set_patience(PATIENCE);
        machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
        let said = machine.sh(&format!("compare --filtered {options} --seed {}", seed()))?;
        show(&said);
        assert_eq!(said.code, 0, "{said}");
        assert!(said.text.ends_with(" calls, 0 different\n"), "{said}");
        for decision in ["allow", "refuse", "replace", "seek"] {
            assert!(said.text.contains(&format!("\"{decision}\": ")), "{said}");
        }
        machine.require_health()?;
    }
    Ok(())
}

/// For a BPF program, the kernel has handlers print into a page that nobody has written.
#[test]
fn storage_never_gets_unwritten_memory() -> Result<()> {
    for bare in Bare::all()? {
        let mut machine = bare.with_old_memory("unwritten").boot()?;
        machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
        let said = machine.ok("unwritten /proc/sys/twins/rust/unwritten 100")?;
        assert_eq!(
            said,
            "1300 reads, garbage for the program: 0, for the process: 0\n"
        );
        // C's handlers do get it.
        let said = machine.ok("unwritten /proc/sys/twins/c/unwritten 100")?;
        let found = said
            .strip_prefix("1300 reads, garbage for the program: ")
            .and_then(|rest| rest.split_once(','))
            .and_then(|(found, _)| found.parse().ok());
        assert!(found.is_some_and(|found: u32| found > 1000), "{said}");
        machine.require_health()?;
    }
    Ok(())
}

#[test]
fn every_failure_to_register_has_its_own_error() -> Result<()> {
    for bare in Bare::all()? {
        let mut machine = bare.machine("refusals").boot()?;
        let before = machine.ok("ls /proc/sys/kernel")?;
        machine.ok("insmod /modules/refusals.ko")?;
        let log =
            machine.ok("dmesg | sed -n 's/.*refusals: \\([a-z ]*: -\\?[0-9]*\\)$/\\1/p' | uniq")?;
        assert_eq!(log, REFUSALS);
        // What was there is not harmed.
        assert_eq!(machine.ok("ls /proc/sys/kernel")?, before);
        machine.ok("test ! -e /proc/sys/refusals")?;
        machine.ok("rmmod refusals")?;
        machine.require_health()?;
    }
    Ok(())
}

const REFUSALS: &str = "\
name: -22
path: -22
long: -22
mode: -13
bounds: -34
outside: -34
text: -34
bits: -34
no bits: -34
taken: -17
file: -20
twice: -17
good: 0
";

/// What an author would start from, with a type of its own.
#[test]
fn the_skeleton_works() -> Result<()> {
    for bare in Bare::all()? {
        let mut machine = bare.machine("skeleton").boot()?;
        machine.ok("insmod /modules/skeleton.ko")?;
        for (command, expected) in [
            ("cat colour", "red\n"),
            ("echo blue > colour; cat colour", "blue\n"),
            ("printf ' green ' > colour; cat colour", "green\n"),
            ("dd if=colour bs=2 count=1 status=none", "gr"),
            ("dd if=colour bs=2 status=none", "gr"),
            (
                "echo blue | dd of=colour bs=1 seek=1 status=none; cat colour",
                "green\n",
            ),
        ] {
            let said = machine.ok(&format!("cd /proc/sys/skeleton && {command}"))?;
            assert_eq!(said, expected, "{command}");
        }
        let refused = machine.sh("sysctl -w skeleton.colour=pink")?;
        assert!(refused.text.contains("Invalid argument"), "{refused}");
        assert_eq!(machine.ok("cat /proc/sys/skeleton/colour")?, "green\n");
        machine.ok("rmmod skeleton && test ! -e /proc/sys/skeleton")?;
        machine.require_health()?;
    }
    Ok(())
}

/// A directory with a check, an action and values that the module uses.
#[test]
fn the_settings_work() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("settings").boot()?;
        machine.ok("dmesg -c && insmod /modules/settings.ko")?;
        for (command, expected) in [
            (
                "grep . *",
                "changes:0\nenabled:1\nlevel:50\nname:nobody\ntimeout_ms:1000\n",
            ),
            ("echo 55 | w level; cat level", "Invalid argument\n50\n"),
            ("echo 60 | w level; echo 60 | w level; cat level", "60\n"),
            ("echo 250 | w timeout_ms; cat changes", "1\n"),
            ("ls -l changes | cut -c1-10", "-r--r--r--\n"),
        ] {
            let said = machine.sh(&format!("cd /proc/sys/settings && {WRITE}; {command}"))?;
            assert_eq!(said.text, expected, "{command}");
        }
        machine.ok("rmmod settings && test ! -e /proc/sys/settings")?;
        assert_eq!(
            machine.ok("dmesg | grep -v taint | sed -n 's/.*\\] settings: //p'")?,
            "level: 50, then 60\nlevel: 60, then 60\nnobody: level 60, timeout 63 jiffies, changes 1\n"
        );
        machine.require_health()?;
    }
    Ok(())
}

/// Reads while others write: a string is never half of one value and half of another.
#[test]
fn a_string_is_never_torn() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("torn").cpus(2).boot()?;
        machine.ok("insmod /modules/reference.ko && insmod /modules/twins.ko")?;
        let said = machine.sh("torn /proc/sys/twins/rust/string 200000")?;
        assert_eq!(said.text, "200000 reads, 0 torn\n");
        // It would be seen: C takes no lock. How often depends on the machine.
        let mut tries = 0..20;
        let is_seen = tries.any(|_| {
            let c = machine.sh("torn /proc/sys/twins/c/string 200000");
            c.is_ok_and(|said| said.code == 1)
        });
        assert!(is_seen);
        machine.require_health()?;
    }
    Ok(())
}

/// What a module declares, and initializers, mean the same in a kernel with Rust support and in one without.
#[test]
fn modules_declare_the_same_everywhere() -> Result<()> {
    for bare in Bare::both()? {
        let mut machine = bare.machine("keys").boot()?;
        let info = machine.ok("modinfo /modules/keys.ko")?;
        for line in [
            "author:         The Man from Ox",
            "author:         The Man from Elsewhere",
            "description:    Every key of module!",
            "license:        GPL",
            "alias:          first_alias",
            "alias:          second_alias",
            "firmware:       first.bin",
            "firmware:       second.bin",
            "import_ns:      FIRST",
            "import_ns:      SECOND",
            "parm:           number:A number (i64)",
            "parm:           small:A small number (u8)",
            "parm:           switch:A switch (bool)",
        ] {
            let found = info.lines().filter(|found| *found == line).count();
            assert_eq!(found, 1, "{line}: {info}");
        }
        machine.ok("insmod /modules/keys.ko && rmmod keys")?;
        machine.ok("insmod /modules/keys.ko number=+32 small=0377 switch=y && rmmod keys")?;
        for refused in ["number=one", "small=256", "switch=maybe", "number=-1"] {
            let said = machine.sh(&format!("insmod /modules/keys.ko {refused}"))?;
            assert_ne!(said.code, 0, "{refused}");
        }
        let log = machine.ok("dmesg | sed -n 's/^.*\\] keys: \\([a-z0-9].*\\)$/\\1/p'")?;
        let log = log.lines().filter(|line| !line.contains("taint"));
        let log = Vec::from_iter(log.filter(|line| !line.contains("invalid for parameter")));
        assert_eq!(
            log,
            [
                "number 1, small 16",
                "switch false, continued",
                "1 3680 4",
                "number 32, small 255",
                "switch true, continued",
                "32 3928 35",
                "number -1, small 16",
                "refused",
            ]
        );
        machine.require_health()?;
    }
    Ok(())
}

/// `w FILE` writes what it reads, and says why if it cannot.
pub const WRITE: &str = "w() { dd of=$1 status=none 2>&1 | sed 's/.*: //'; }";

/// The modules of docs/c-and-rust.md: in C and in Rust, they look the same to users.
#[test]
fn the_comparisons_modules_are_alike() -> Result<()> {
    let mut machine = Bare::newest()?.machine("tasks").boot()?;
    let tasks = ["level", "mode", "table", "timeout"];
    for task in tasks {
        machine.ok(&format!(
            "insmod /modules/{task}_c.ko && insmod /modules/{task}_rust.ko"
        ))?;
    }
    for (command, expected) in [
        ("ls -lR . | sed 's/[A-Z][a-z][a-z] .* //'", None),
        ("grep -r . . | sort", None),
        ("cat level/level timeout/timeout_ms", Some("60\n1000\n")),
        ("echo 70 | w level/level; cat level/level", Some("70\n")),
        (
            "echo 101 | w level/level; cat level/level",
            Some("Invalid argument\n70\n"),
        ),
        (
            "echo 1501 | w timeout/timeout_ms; cat timeout/timeout_ms",
            Some("1504\n"),
        ),
        (
            "echo 60001 | w timeout/timeout_ms; cat timeout/timeout_ms",
            Some("Invalid argument\n1504\n"),
        ),
        (
            "echo 4 | w mode/mode; echo 4 | w mode/mode; cat mode/mode",
            Some("4\n"),
        ),
        (
            "echo 5 | w mode/mode; cat mode/mode",
            Some("Invalid argument\n4\n"),
        ),
        (
            "echo 11 | w table/retries; cat table/retries",
            Some("Invalid argument\n3\n"),
        ),
        (
            "echo 80,443 | w table/ports; cat table/ports",
            Some("80,443\n"),
        ),
    ] {
        let mut said = |side| {
            machine
                .sh(&format!("cd /proc/sys/tasks/{side} && {WRITE}; {command}"))
                .map(|said| said.text)
        };
        let (c, rust) = (said("c")?, said("rust")?);
        assert_eq!(c, rust, "{command}");
        assert!(
            expected.is_none_or(|expected| c == expected),
            "{command}: {c}"
        );
    }
    // Each has logged the one change.
    assert_eq!(machine.ok("dmesg | grep -c 'mode: 0, then 4'")?, "2\n");
    assert_eq!(machine.ok("dmesg | grep -c 'mode: '")?, "2\n");
    for task in tasks {
        machine.ok(&format!("rmmod {task}_c {task}_rust"))?;
    }
    machine.require_health()
}

/// Edits of a module that authors might make, and what the compiler or the linker says.
const WRONG: &[(&str, &str, &str)] = &[
    (
        "tests/modules/tasks/timeout_rust.rs",
        "s/0..=60 \\* SECOND/0..=1/",
        "a value is out of its bounds",
    ),
    // What is not a constant to the compiler is found by the linker.
    (
        "tests/modules/tasks/level_rust.rs",
        "s/bounded(60, /bounded(101, /",
        "rust_build_error",
    ),
    (
        "tests/modules/tasks/table_rust.rs",
        "s/Text<15>/Text<5>/",
        "the text is too long",
    ),
    (
        "tests/modules/tasks/table_rust.rs",
        "s/words_for(65_536)/words_for(65_535 - 63)/",
        "the words do not hold the bits",
    ),
    (
        "tests/modules/tasks/table_rust.rs",
        "s/Int<usize> = Int::new(0)/Int<[usize; 0]> = Int::new([])/",
        "there are no integers",
    ),
    (
        "samples/skeleton.rs",
        "s/fn store_value/fn other/",
        "missing: `store_value`",
    ),
    // A value that is only shown is not to be written.
    (
        "samples/skeleton.rs",
        "s/impl SysctlStorage for Colour/impl sysctl::SysctlShow for Colour/; \
         s/fn read_value/fn show/; /fn store_value/,/^    }/d",
        "the trait bound `Colour: SysctlStorage` is not satisfied",
    ),
    // The storage of a directory does not outlive it.
    (
        "tests/modules/tasks/mode_rust.rs",
        "s/on_write(|old, new| {/on_write(|old, new| { static mut KEPT: Option<\\&'static Int<i32>> = None; \
         unsafe { KEPT = Some(mode) };/",
        "borrowed data escapes outside of closure",
    ),
];

#[test]
fn what_is_wrong_does_not_compile() -> Result<()> {
    let root = debian::enabled()?.scratch()?;
    for (file, edit, expected) in WRONG {
        let said = root.sh(&format!(
            "rm -rf /tmp/module && cp -rL /mnt/tree/$(dirname {file}) /tmp/module && cd /tmp/module
             name=$(basename {file} .rs) && cp $name.rs before && echo \"obj-m := $name.o\" >Kbuild
             sed -i \"{edit}\" $name.rs && ! cmp -s before $name.rs || exit 9
             make $(/mnt/tree/kheaders/rust-kheaders path --make {release}) M=$PWD modules 2>&1",
            release = debian::newest(&root)?
        ))?;
        assert!(
            said.code == 2 && said.text.contains(expected),
            "{edit}: {said}"
        );
    }
    Ok(())
}
