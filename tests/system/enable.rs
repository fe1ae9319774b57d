// SPDX-License-Identifier: GPL-2.0

//! Plain make: after `rust-kheaders enable`, modules that know nothing of it build, and nothing is left of it afterwards.

use lab::{debian, fedora, Result};

const SCRIPTS: &str = "tests/system/scripts";

/// Upstream's template in both its forms, and bcachefs's probes: by root and by others, with the kernel's crates.
#[test]
fn strangers_build_as_they_are() -> Result<()> {
    let root = debian::enabled()?.scratch()?;
    let release = debian::newest(&root)?;
    let said = root.script(&format!("{SCRIPTS}/strangers.sh"), &[&release])?;
    let before = said.ok()?;
    // What the manual page and the package's description say that strangers meet.
    let line = format!(
        "error: target file \"/usr/src/linux-headers-{release}/scripts/target.json\" does not exist\n"
    );
    assert!(before.contains(&line), "{before}");
    for text in ["debian/control", "kheaders/rust-kheaders.8"] {
        let text = root.sh(&format!("tr -s ' \\n' ' ' </mnt/tree/{text}"))?;
        let text = text.ok()?.replace("\\(dq", "\"");
        assert!(
            text.contains("/scripts/target.json\" does not exist"),
            "{text}"
        );
    }
    Ok(())
}

/// Debian's own kernel, which has no Rust.
#[test]
fn linked_modules_build_by_plain_make() -> Result<()> {
    let root = debian::own()?.scratch()?;
    let release = debian::newest(&root)?;
    let said = root.sh(&format!(
        "cp -r /mnt/tree/tests/strangers/template /tmp/mine && cd /tmp/mine &&
         rust-kheaders enable {release} && make KDIR=/lib/modules/{release}/build &&
         rust-kheaders check rust_out_of_tree.ko {release} && rust-kheaders disable {release}"
    ))?;
    let said = said.ok()?;
    assert!(
        said.contains(&format!("{release}: loads rust_out_of_tree.ko\n")),
        "{said}"
    );
    Ok(())
}

/// Our hook comes before DKMS's. Where it can do nothing, the headers are as they would be without it, and a line says so.
#[test]
fn dkms_builds_strangers_when_headers_come() -> Result<()> {
    let root = debian::informed()?.scratch()?;
    let release = debian::newest(&root)?;
    let said = root
        .script(&format!("{SCRIPTS}/enabled-dkms.sh"), &[])?
        .ok()?;
    let lines: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("rust-kheaders: "))
        .collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(
        lines[0].starts_with(&format!("rust-kheaders: {release}: needs 'rustc 1."))
            && lines[0].ends_with(&format!(" && rust-kheaders enable {release}")),
        "{said}"
    );
    Ok(())
}

#[test]
#[ignore = "makes the metadata five times: make test-debug"]
fn what_is_enabled_stays_and_leaves_without_a_trace() -> Result<()> {
    let mut root = debian::arrived()?.scratch()?;
    root.bind(debian::packages()?, "/mnt/packages");
    root.script(&format!("{SCRIPTS}/enabled-life.sh"), &[])?
        .ok()
        .map(drop)
}

#[test]
fn wrong_usage_is_told() -> Result<()> {
    let root = debian::informed()?.scratch()?;
    let release = debian::newest(&root)?;
    for (command, code, line) in [
        (
            "enable --cache /tmp/x",
            2,
            "enable takes neither --headers nor --cache; see rust-kheaders --help",
        ),
        (
            "enable --all RELEASE",
            2,
            "RELEASE: --all is for all kernels, without a release; see rust-kheaders --help",
        ),
        (
            "disable --kept",
            2,
            "--kept is for enable; see rust-kheaders --help",
        ),
        (
            "build --all",
            2,
            "--all and --kept are for enable; see rust-kheaders --help",
        ),
        (
            "enable 6.1.0",
            77,
            "6.1.0: kernels before 7.0 are not supported",
        ),
        (
            "enable 7.9.0",
            3,
            "7.9.0: no headers in /lib/modules/7.9.0/build",
        ),
    ] {
        let said = root.sh(&format!(
            "rust-kheaders {}",
            command.replace("RELEASE", &release)
        ))?;
        let expected = format!("rust-kheaders: {line}\n").replace("RELEASE", &release);
        assert_eq!((said.code, said.text), (code, expected), "{command}");
    }
    let said = root.sh(&format!(
        "setpriv --reuid=nobody --clear-groups rust-kheaders enable {release}"
    ))?;
    assert_eq!(said.code, 1, "{said}");
    assert!(
        said.text.ends_with("; to fix: run rust-kheaders as root\n"),
        "{said}"
    );
    Ok(())
}

/// kernel-devel has the metadata: there is nothing to enable. kernel-install calls our plugin before that of DKMS.
#[test]
fn headers_with_metadata_stay_as_they_are() -> Result<()> {
    let root = fedora::installed()?.scratch()?;
    let release = debian::newest(&root)?;
    let before = root.sh(&format!("readlink /lib/modules/{release}/build"))?;
    let said = root.sh(&format!(
        "rust-kheaders enable {release} && rust-kheaders enable --all &&
         /usr/lib/kernel/install.d/35-rust-kheaders.install add {release} /boot/vmlinuz && readlink /lib/modules/{release}/build &&
         dnf -y -q remove rust-kheaders >/dev/null && test ! -e /var/lib/rust-kheaders && ls /usr/lib/kernel/install.d"
    ))?;
    let nothing = format!(
        "{release}: nothing to do, the headers have the metadata: /usr/src/kernels/{release}\n"
    );
    let start = [nothing.repeat(2), before.ok()?].concat();
    let said = said.ok()?;
    assert!(said.starts_with(&start), "{said}");
    assert!(!said.contains("rust-kheaders.install"), "{said}");
    Ok(())
}
