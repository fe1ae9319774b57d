// SPDX-License-Identifier: GPL-2.0

//! Distributions that cannot be had here: what rust-kheaders decides where headers, compilers and packages are laid out
//! and named as there. Each file in `layouts` is a distribution.

use lab::{debian, root::Root, Result};

/// A root with these layouts together.
fn laid_out(layouts: &str) -> Result<Root> {
    let root = debian::workshop()?.scratch()?;
    let layouts = layouts.split(' ');
    let layouts =
        Vec::from_iter(layouts.map(|name| format!("/mnt/tree/tests/system/layouts/{name}")));
    let layouts = Vec::from_iter(layouts.iter().map(String::as_str));
    root.script("tests/system/scripts/layout.sh", &layouts)?
        .ok()?;
    Ok(root)
}

/// Layouts, what is done before, options of `rust-kheaders check`, its exit code, and what it says of the release.
type Case = (&'static str, &'static str, &'static str, i32, &'static str);

const CASES: &[Case] = &[
    (
        "fedora", "", "", 3,
        "needs 'rustc 1.98.0 (88d9e12ae 2026-08-18) (Fedora 1.98.0-1.fc44)', found no rustc",
    ),
    (
        "fedora-old", "", "", 77,
        "kernel-devel has no Rust metadata before 7.1.6; to fix: dnf upgrade kernel kernel-devel",
    ),
    (
        "fedora-damaged", "", "", 1,
        "the headers are damaged: /usr/src/kernels/RELEASE/rust/libkernel.rmeta is missing",
    ),
    (
        "ubuntu", "", "", 3,
        "/usr/src/linux-headers-RELEASE/rust is a link to a directory that is not installed; \
         to fix: apt install linux-lib-rust-RELEASE",
    ),
    (
        "ubuntu", "rm /usr/bin/x86_64-linux-gnu-gcc-15", "", 3,
        "needs the C compiler x86_64-linux-gnu-gcc-15; to fix: apt install gcc-15-x86-64-linux-gnu",
    ),
    (
        "ubuntu ubuntu-metadata", "", "", 3,
        "needs 'rustc 1.93.1 (01f6ddf75 2026-02-11) (built from a source tarball)', found no rustc; \
         to fix: apt install rustc-1.93=1.93.1+dfsg-0ubuntu6",
    ),
    (
        "ubuntu-hwe", "", "", 3,
        "/usr/src/linux-headers-RELEASE/rust is a link to a directory that is not installed; \
         to fix: apt install linux-lib-rust-RELEASE",
    ),
    (
        "ubuntu-hwe", "mkdir -p /usr/src/linux-lib-rust-7.0.0-38-generic/rust", "", 3,
        "/usr/src/linux-headers-RELEASE/rust is a link to a directory that is not installed; \
         to fix: ln -sfn /usr/src/linux-lib-rust-RELEASE/rust /usr/src/linux-headers-RELEASE/rust",
    ),
    (
        "arch", "", "", 3,
        "needs 'rustc 1.98.1 (48a229cea 2026-09-01) (Arch Linux rust 1:1.98.1-1)', found no rustc",
    ),
    (
        "debian-arm64",
        "rm /usr/bin/aarch64-linux-gnu-gcc-14",
        "",
        3,
        "needs the C compiler aarch64-linux-gnu-gcc-14; to fix: apt install gcc-14-aarch64-linux-gnu",
    ),
    (
        // A cross compiler that is called gcc does not do.
        "debian-arm64",
        "rm /usr/bin/gcc* && cp /usr/bin/aarch64-linux-gnu-gcc-14 /usr/local/bin/gcc",
        "",
        3,
        "needs a C compiler for this machine, beside /usr/bin/aarch64-linux-gnu-gcc-14; \
         to fix: apt install --reinstall gcc",
    ),
    ("rhel", "", "", 77, "kernels before 7.0 are not supported"),
    ("sles", "", "", 77, "kernels before 7.0 are not supported"),
    (
        // What it lacks comes next: the headers are whole.
        "sles", "", "--linked", 3,
        "the headers have no Rust metadata; to fix, with the kernel's own sources in DIR: \
         rust-kheaders build --linked --source DIR RELEASE",
    ),
    (
        "tumbleweed", "", "", 3,
        "the headers have no Rust metadata; to fix, with the kernel's own sources in DIR: \
         rust-kheaders build --source DIR RELEASE",
    ),
];

#[test]
fn what_other_distributions_have_is_understood() -> Result<()> {
    for (layout, before, options, code, said) in CASES {
        let root = laid_out(layout)?;
        let release = root.sh("cd /lib/modules && echo *")?.ok()?;
        let release = release.trim();
        let found = root.sh(&format!(
            "{before}
             /mnt/tree/kheaders/rust-kheaders check {options} {release}"
        ))?;
        let text = found.text.replace(release, "RELEASE");
        let said = format!("rust-kheaders: RELEASE: {said}\n");
        assert_eq!((found.code, &*text), (*code, &*said), "{layout} {options}");
    }
    Ok(())
}

/// What is behind links counts as the headers' own.
#[test]
fn a_change_behind_a_link_is_noticed() -> Result<()> {
    let root = laid_out("ubuntu ubuntu-metadata")?;
    let digest = |function: &str| {
        root.sh(&format!(
            ". /mnt/tree/kheaders/headers.sh
             headers=$(readlink -f /lib/modules/*/build) srctree=$headers
             {function}"
        ))?
        .ok()
    };
    let (state, contents) = (digest("state")?, digest("digest_contents")?);
    root.sh("echo changed > /usr/src/linux-headers-7.0.0-15/include/linux/module.h")?
        .ok()?;
    assert_ne!(digest("digest_contents")?, contents);
    let changed = digest("state")?;
    assert_ne!(changed, state);
    root.sh("echo changed > /usr/src/linux-lib-rust-7.0.0-15-generic/rust/libkernel.rmeta")?
        .ok()?;
    assert_ne!(digest("state")?, changed);
    Ok(())
}
