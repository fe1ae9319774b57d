// SPDX-License-Identifier: GPL-2.0

//! rust-kheaders for kernels with CONFIG_RUST off: which it takes, and what it does not let pass.

use std::fs;

use lab::{cache, debian, root::Root, system::RT, Result};

use crate::elsewhere::works_where_it_is_loaded;

/// The exit code and the text of a command, in a root of its own, with `RELEASE` for the release. The functions and
/// variables of `lib.sh` are there.
fn decide(command: &str) -> Result<(i32, String)> {
    run(&debian::own()?.scratch()?, command)
}

fn run(root: &Root, command: &str) -> Result<(i32, String)> {
    let release = debian::newest(root)?;
    let said = root.sh(&format!(
        ". /mnt/tree/tests/system/scripts/lib.sh\n{command}"
    ))?;
    Ok((said.code, said.text.replace(&release, "RELEASE")))
}

/// A copy of the headers in `/tmp/headers`, of a kernel that is on no list.
const CUSTOM: &str = "cp -r $headers /tmp/headers
    sed -i 's/^#define UTS_RELEASE .*/#define UTS_RELEASE \"6.12.0-custom\"/' /tmp/headers/include/generated/utsrelease.h";

#[test]
fn kernels_that_no_test_has_booted_are_for_the_brave() -> Result<()> {
    let check = "rust-kheaders check --headers /tmp/headers";
    for (command, code, said) in [
        // Its headers need not be there to know it.
        (
            "rust-kheaders check 6.1.0-18-amd64".into(),
            77,
            "rust-kheaders: 6.1.0-18-amd64: kernels before 7.0 are not supported\n",
        ),
        (
            format!("{check} 6.12.0-custom"),
            77,
            "rust-kheaders: 6.12.0-custom: kernels before 7.0 are not supported\n",
        ),
        (
            format!("{check} --linked 6.12.0-custom"),
            0,
            "6.12.0-custom: can be made from /usr/src/linux-source-6.12.tar.xz with /usr/bin/rustc: linked, untested\n",
        ),
        (
            format!(
                "sed -i s/6.12.0-custom/7.9.0-custom/ /tmp/headers/include/generated/utsrelease.h; {check} 7.9.0-custom"
            ),
            77,
            "rust-kheaders: 7.9.0-custom: this kernel has no Rust support (CONFIG_RUST is off)\n",
        ),
        (
            format!("echo CONFIG_RANDSTRUCT=y >> /tmp/headers/include/config/auto.conf; {check} --linked 6.12.0-custom"),
            77,
            "rust-kheaders: 6.12.0-custom: this kernel has its structures in random order (CONFIG_RANDSTRUCT), \
             and Rust cannot know it\n",
        ),
        (
            format!("echo CONFIG_CFI_CLANG=y >> /tmp/headers/include/config/auto.conf; {check} --linked 6.12.0-custom"),
            77,
            "rust-kheaders: 6.12.0-custom: this kernel checks calls by C's integer types (CONFIG_CFI without \
             CONFIG_CFI_ICALL_NORMALIZE_INTEGERS), and Rust has others\n",
        ),
        (
            format!("sed -i s/6.12.0-custom/6.11.0-custom/ /tmp/headers/include/generated/utsrelease.h; {check} --linked 6.11.0-custom"),
            77,
            "rust-kheaders: 6.11.0-custom: kernels before 7.0 are not supported\n",
        ),
    ] {
        let found = decide(&format!("{CUSTOM}\n{command}"))?;
        assert_eq!((found.0, &*found.1), (code, said), "{command}");
    }
    // What somebody has asked for once is used without asking again, but not what is not finished.
    for (last, is_used) in [("done", true), ("symbols", false)] {
        let (code, said) = decide(&format!(
            "{CUSTOM}
             cache=/tmp/cache/6.12.0-custom/0123456789ab-0123456789ab-0123456789ab
             mkdir -p $cache && echo 'linked, untested' >$cache/about && echo >$cache/{last}
             rust-kheaders check --headers /tmp/headers --cache /tmp/cache 6.12.0-custom"
        ))?;
        assert_eq!((code == 0, code == 77), (is_used, !is_used), "{said}");
    }
    Ok(())
}

/// Any compiler will do that is new enough, but it must have its sources.
#[test]
fn a_compiler_without_its_sources_is_told() -> Result<()> {
    for (lack, said) in [
        (
            "rm -r /usr/src/rustc-*",
            "needs the sources of the library of /usr/bin/rustc; to fix: apt install --reinstall rust-src=",
        ),
        (
            "rm /usr/bin/rustc; printf '#!/bin/sh\\necho rustc 1.80.1\\n' >/usr/bin/rustc; chmod +x /usr/bin/rustc",
            "needs rustc 1.81.0 or later with the sources of its library, found /usr/bin/rustc (rustc 1.80.1); \
             to fix: apt install --reinstall rustc rust-src\n",
        ),
        (
            "rm /usr/bin/patch",
            "needs patch; to fix: apt install --reinstall patch\n",
        ),
    ] {
        let found = decide(&format!("{lack}; rust-kheaders check --cache /tmp/cache $release"))?;
        let line = format!("rust-kheaders: RELEASE: {said}");
        assert!(found.0 == 3 && found.1.starts_with(&line), "{found:?}");
    }
    Ok(())
}

/// Rust code has what the kernel's configuration asks of code, and knows the structures as C does.
#[test]
fn crates_that_are_not_as_the_kernel_are_refused() -> Result<()> {
    let (code, said) = decide(
        "common=/usr/src/linux-headers-${release%-amd64}-common
         sed -i 's/^struct ctl_table {/&\\n#ifdef __BINDGEN__\\n\\tlong more;\\n#endif/' $common/include/linux/sysctl.h
         sed -i '/^RETHUNK_RUSTFLAGS/s/:=.*/:=/' $common/arch/x86/Makefile
         rust-kheaders build --cache /tmp/cache $release
         echo \"exit code: $?\"
         cat /tmp/cache/$release/*.log",
    )?;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("exit code: 1\n"), "{said}");
    for line in [
        "rust-kheaders: RELEASE: checking failed (error: C and bindgen do not agree on ctl_table ctl_table.procname ",
        "\nerror: the kernel has CONFIG_MITIGATION_RETHUNK, and Rust code in it would be without \
         -Zfunction-return=thunk-extern\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    Ok(())
}

/// What is wrong with a module, and what is said of it.
const FAULTS: &[(&str, &str)] = &[
    (
        // A return that the processor may be misled at. It stays refused.
        "sed -i 's/^impl kernel::InPlace/#[no_mangle]\\nextern \"C\" fn naked() { \
         unsafe { core::arch::asm!(\"ret\") } }\\n&/' module.rs",
        "warning: objtool: naked+",
    ),
    (
        "sed -i 's/value <- new_mutex!(1)/value <- new_mutex!([1u32, 2][module as *const _ as usize % 5])/; \
         s/_module:/module:/' module.rs",
        "error: module.ko can panic",
    ),
    (
        "h=/tmp/headers; cp -r $headers $h; sed -i '/\\t_printk\\t/s/^0x[0-9a-f]*/0x00000000/' $h/Module.symvers; \
         set -- --headers $h --cache /tmp/cache",
        "error: the kernel does not export what probe.ko needs: _printk",
    ),
    (
        "sed -i 's/^impl kernel::InPlace/#[no_mangle]\\nextern \"C\" fn wrong(a: u32) { build_assert!(a == 1) }\\n&/' module.rs",
        "error: module.o has a build_assert!() or build_error!() that fails",
    ),
    (
        "sed -i 's/new_mutex!(1)/new_mutex!(u32::try_from(_module as *const _ as usize).unwrap())/' module.rs",
        "error: module.ko can panic",
    ),
    (
        // The facade lacks it.
        "sed -i 's/^use kernel::{/&\\n    debugfs,/' module.rs",
        "error[E0432]: unresolved import `kernel::debugfs`",
    ),
];

#[test]
fn modules_that_are_not_as_the_kernel_are_refused() -> Result<()> {
    for (how, line) in FAULTS {
        let (code, said) = decide(&format!(
            "mkdir /tmp/module && cd /tmp/module
             cp /mnt/tree/kheaders/probe.rs module.rs && echo 'obj-m := module.o' >Kbuild
             {how}
             rust-kheaders module --no-panic \"$@\" $release >/dev/null 2>&1
             rust-kheaders module --no-panic \"$@\" $release"
        ))?;
        assert!(code == 1 && said.contains(line), "{line}: {said}");
    }
    Ok(())
}

/// Those of amd64 are booted by `system.rs` and `secure_boot.rs`, those of the cloud flavour by `entries.rs` and others.
#[test]
fn the_kernels_on_the_list_are_booted() -> Result<()> {
    let booted = [
        debian::newest(&debian::own()?)?,
        debian::releases(&debian::enabled_too()?)?.swap_remove(1),
        debian::newest(&RT.installed()?)?,
    ];
    let list = fs::read_to_string(cache::tree().join("kheaders/linked/kernels"))?;
    let patterns = list.lines().filter(|line| !line.starts_with('#'));
    for pattern in patterns {
        let (start, end) = pattern.split_once('*').ok_or("no series")?;
        let is_one = |release: &String| release.starts_with(start) && release.ends_with(end);
        assert_eq!(
            booted.iter().filter(|release| is_one(release)).count(),
            1,
            "{pattern}"
        );
    }

    works_where_it_is_loaded(&RT)
}
