// SPDX-License-Identifier: GPL-2.0

//! rust-kheaders: what it decides, and what becomes of builds that fail.

use lab::{
    cache, debian,
    root::{Root, Said},
    seed, Result,
};

/// Where the scripts are. `lib.sh` there sets `$release`, `$headers`, `$tarball` and `$entry`, which
/// the commands below use.
const SCRIPTS: &str = "tests/system/scripts";

/// The exit code and the text of a command, in a root of its own where apt knows the archive.
fn decide(command: &str) -> Result<(i32, String)> {
    run(&debian::informed()?.scratch()?, command)
}

/// The exit code and the text of a command.
fn run(root: &Root, command: &str) -> Result<(i32, String)> {
    let said = root.sh(&format!(". /mnt/tree/{SCRIPTS}/lib.sh\n{command}"))?;
    general(root, said)
}

/// The exit code and the text of a script.
fn script(root: &Root, name: &str, arguments: &[&str]) -> Result<(i32, String)> {
    let said = root.script(&format!("{SCRIPTS}/{name}"), arguments)?;
    general(root, said)
}

/// What was said, with `RELEASE` for the release, and for that of the flavour rt.
fn general(root: &Root, said: Said) -> Result<(i32, String)> {
    let release = debian::newest(root)?;
    let text = said.text.replace(&release, "RELEASE");
    let rt = release.replace("-cloud-", "-rt-");
    Ok((said.code, text.replace(&rt, "RELEASE")))
}

/// Requires that a command, in a root of its own, prints one line, with this start and with this in it,
/// and exits with this code.
fn stops(command: &str, code: i32, starts: &str, contains: &str) -> Result<()> {
    let said = decide(command)?;
    assert_eq!(said.0, code, "{said:?}");
    assert_eq!(said.1.lines().count(), 1, "{said:?}");
    assert!(
        said.1.starts_with(&format!("rust-kheaders: {starts}")),
        "{said:?}"
    );
    assert!(said.1.contains(contains), "{said:?}");
    Ok(())
}

#[test]
fn help_names_everything_and_wrong_usage_is_told() -> Result<()> {
    let (code, help) = decide("rust-kheaders --help")?;
    assert_eq!(code, 0);
    for word in [
        "build",
        "module",
        "path",
        "check",
        "check MODULE.ko",
        "dkms",
        "status",
        "clean",
        "enable",
        "disable",
        "--all",
        "--kept",
        "--make",
        "--fix",
        "--linked",
        "--no-panic",
        "--then",
        "--name",
        "--jobs",
        "--source",
        "--headers",
        "--cache",
        "77",
    ] {
        assert!(help.contains(word), "{help}");
    }
    for (command, starts, contains) in [
        ("frobnicate", "no such command: frobnicate", "--help"),
        ("build --frob", "no such option: --frob", "--help"),
        ("build --cache", "--cache needs a value", "--help"),
        (
            "build --cache '/tmp/a b' $release",
            "kbuild cannot use '/tmp/a b'",
            "give --cache another path",
        ),
        (
            "build $release $release",
            "RELEASE: one release at a time",
            "--help",
        ),
        (
            "build --headers /tmp/nowhere $release",
            "RELEASE: /tmp/nowhere is not a kernel build directory",
            "",
        ),
        (
            "check --source /tmp $release",
            "RELEASE: /tmp is neither a tarball nor a kernel source tree (no rust/Makefile)",
            "",
        ),
        (
            "build --fix $release",
            "RELEASE: --fix is for check",
            "--help",
        ),
        ("dkms", "dkms needs the name of a module", "--help"),
    ] {
        stops(&format!("rust-kheaders {command}"), 2, starts, contains)?;
    }
    Ok(())
}

#[test]
fn what_is_made_is_used_at_once() -> Result<()> {
    let (code, said) = decide(
        "test \"$(rust-kheaders build $release)\" = $entry/build && rust-kheaders check $release",
    )?;
    assert_eq!(
        (code, said.split_once(": ready, ").map(|line| line.0)),
        (0, Some("RELEASE")),
        "{said}"
    );
    // rpm calls scriptlets with /bin first, which is /usr/bin.
    let (_, elsewhere) = decide("PATH=/sbin:/bin:/usr/sbin:/usr/bin rust-kheaders check $release")?;
    assert!(said.ends_with(&elsewhere), "{elsewhere}");
    let (_, made) = decide("rust-kheaders path --make $release")?;
    assert!(made.ends_with("/build RUSTC=/usr/bin/rustc\n"), "{made}");
    stops(
        "rust-kheaders path --cache /tmp/cache $release",
        1,
        "RELEASE: the metadata has not been made",
        "to fix: rust-kheaders build RELEASE",
    )
}

/// What DKMS says of it goes to make.
#[test]
fn so_many_compilers_run_as_are_allowed() -> Result<()> {
    let (code, said) = decide(
        "mkdir /tmp/module && cd /tmp/module && echo '$(error flags: $(MAKEFLAGS))' >Kbuild
         rust-kheaders module --jobs 1 $release",
    )?;
    assert!(code == 1 && said.contains("-j1 "), "{said}");
    Ok(())
}

/// kbuild cannot work there, so `make` says so, in the tree and in `src` alone.
#[test]
fn a_directory_with_blanks_is_refused() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    run(
        &root,
        "mkdir '/tmp/a b' && cp -r /mnt/tree/Makefile /mnt/tree/src /mnt/tree/samples '/tmp/a b'",
    )?;
    for directory in ["/tmp/a b", "/tmp/a b/src"] {
        let (code, said) = run(
            &root,
            &format!("make -C '{directory}' KVER=$release modules"),
        )?;
        assert_eq!(code, 2, "{said}");
        let line = "the kernel's build takes no blanks in paths; to fix: move '/tmp/a b";
        assert!(said.contains(line), "{said}");
        let (code, said) = run(&root, &format!("make -C '{directory}' clean"))?;
        assert_eq!(code, 0, "{said}");
    }
    // rust-kheaders works in any directory.
    let (code, said) = run(&root, "cd '/tmp/a b' && rust-kheaders path $release")?;
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("/var/cache/rust-kheaders/"), "{said}");
    Ok(())
}

#[test]
fn a_kernel_without_rust_is_skipped() -> Result<()> {
    stops(
        "rust-kheaders check --headers $headers 6.19.14",
        77,
        "6.19.14: kernels before 7.0",
        "",
    )?;
    stops(
        "cp -r $headers /tmp/headers && sed -i '/^CONFIG_RUST=/d' /tmp/headers/include/config/auto.conf
         rust-kheaders build --headers /tmp/headers $release",
        77,
        "RELEASE: this kernel has no Rust support (CONFIG_RUST is off)",
        "",
    )
}

#[test]
fn missing_headers_are_named() -> Result<()> {
    stops(
        "rust-kheaders build ${release%-cloud-amd64}-rt-amd64",
        3,
        "RELEASE: no headers in /lib/modules/RELEASE/build",
        "to fix: apt install linux-headers-RELEASE",
    )?;
    // apt knows no package with this one's.
    stops(
        "rust-kheaders build 7.9.9-nowhere",
        3,
        "7.9.9-nowhere: no headers in /lib/modules/7.9.9-nowhere/build\n",
        "",
    )
}

/// What callers run comes without prose.
#[test]
fn fix_prints_the_command_alone() -> Result<()> {
    for (command, code, expected) in [
        ("check --fix $release", 0, ""),
        ("check --fix 7.9.9-nowhere", 3, ""),
        (
            "check --fix --then 'echo done' ${release%-cloud-amd64}-rt-amd64",
            3,
            "apt install linux-headers-RELEASE && echo done\n",
        ),
    ] {
        let said = decide(&format!("rust-kheaders {command}"))?;
        assert_eq!((said.0, &*said.1), (code, expected), "{command}");
    }
    Ok(())
}

/// Parts may be missing, empty or of something else. Nothing is ready then.
#[test]
fn headers_that_only_look_complete_are_refused() -> Result<()> {
    for (damage, starts) in [
        (
            ": >$h/include/config/auto.conf",
            "RELEASE: the headers are damaged: /tmp/h/include/config/auto.conf is missing or empty",
        ),
        (
            "rm $h/Module.symvers",
            "RELEASE: the headers are damaged: /tmp/h/Module.symvers is missing or empty",
        ),
        (
            "sed -i 's/^\\(#define UTS_RELEASE\\) .*/\\1 \"7.9.9\"/' $h/include/generated/utsrelease.h",
            "RELEASE: /tmp/h has the headers of another kernel, 7.9.9",
        ),
        (
            "truncate -s 5000 $h/rust/libkernel.rmeta",
            "RELEASE: the headers are damaged: no module can be built with /tmp/h \
             (error[E0786]: found invalid metadata files for crate `kernel`)",
        ),
        (
            ": >$h/rust/libkernel.rmeta",
            "RELEASE: the headers are damaged: /tmp/h/rust/libkernel.rmeta is no metadata",
        ),
        (
            "truncate -s 5000 $h/rust/libmacros.so",
            "RELEASE: the headers are damaged: no module can be built with /tmp/h \
             (error[E0463]: can't find crate for `kernel`)",
        ),
        (
            "rm $h/scripts/target.json",
            "RELEASE: the headers are damaged: no module can be built with /tmp/h \
             (error: target file \"/tmp/h/scripts/target.json\" does not exist)",
        ),
        (
            "sed -i '/\\tmodule_layout\\t\\|_R.*6kernel5print11call_printk/d' $h/Module.symvers",
            "RELEASE: the headers are damaged: no module can be built with /tmp/h \
             (ERROR: modpost: probe.ko: symbol ",
        ),
    ] {
        stops(
            &format!(
                "h=/tmp/h; cp -r $entry/build $h
                 sed -i \"s,^KBUILD_OUTPUT = .*,KBUILD_OUTPUT = $h,\" $h/Makefile
                 for file in Module.symvers include; do
                     cp -rL --remove-destination $headers/$file /tmp/copy && rm -r $h/$file && mv /tmp/copy $h/$file
                 done
                 {damage}
                 rust-kheaders check --headers $h --cache /tmp/cache $release"
            ),
            1,
            starts,
            "",
        )?;
    }
    // The headers that a package owns can be installed anew.
    stops(
        ": >$headers/Module.symvers; rust-kheaders check $release",
        1,
        "RELEASE: the headers are damaged: /usr/src/linux-headers-RELEASE/Module.symvers is missing or empty",
        "to fix: apt install --reinstall linux-headers-RELEASE",
    )
}

/// What bindings are made from may change under the same release name: as a build of one's own does, or a package
/// that was built again.
#[test]
fn whatever_the_result_depends_on_is_in_its_key() -> Result<()> {
    let common = "common=/usr/src/linux-headers-${release%-cloud-amd64}-common";
    for change in [
        "sed -i 's/^struct ctl_table {/& long more;/' $common/include/linux/sysctl.h",
        // The size and the time stay.
        "touch -r $headers/.config /tmp/time; sed -i 's/CONFIG_HZ=250/CONFIG_HZ=100/' $headers/.config
         touch -r /tmp/time $headers/.config",
        "sed -i '1s/0x0/0x1/' $headers/Module.symvers",
        "cd /usr/bin && mv x86_64-linux-gnu-gcc-14 real
         printf '#!/bin/sh\\n/usr/bin/real \"$@\" | sed s/Debian/Another/\\n' >x86_64-linux-gnu-gcc-14
         chmod +x x86_64-linux-gnu-gcc-14",
    ] {
        let (code, said) = decide(&format!(
            "rust-kheaders check $release && {common} && {change} && rust-kheaders check $release"
        ))?;
        let ready: Vec<_> = said.lines().map(|line| line.contains(": ready, ")).collect();
        assert_eq!((code, &ready[..]), (0, &[true, false][..]), "{change}: {said}");
    }
    // So do the sources that --source names.
    let (code, said) = decide(
        "unpack_sources /tmp/source
         rust-kheaders check --source /tmp/source $release
         rust-kheaders check $release",
    )?;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.starts_with("RELEASE: can be made from /tmp/source "),
        "{said}"
    );
    assert!(said.contains("\nRELEASE: ready, "), "{said}");
    Ok(())
}

/// The same bytes come from any shell, and the directory for modules does not build anything else.
#[test]
fn nothing_leaks_in_and_a_slip_harms_nothing() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let (code, said) = script(&root, "leaks.sh", &[])?;
    assert_eq!(code, 0, "{said}");
    Ok(())
}

/// DKMS would call them installed.
#[test]
fn modules_that_the_kernel_would_refuse_are_not_built() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    for (how, line) in [
        (
            "modinfo",
            "has more than one section .modinfo, and the kernel takes one",
        ),
        (
            "parameter",
            "has more than one section __param, and the kernel takes one",
        ),
        (
            "symbol",
            "the kernel does not export what refused.ko needs: nobody_has_this",
        ),
        ("nothing", "no module was built"),
        ("text", "refused.rs"),
    ] {
        let (code, said) = script(&root, "refused.sh", &[how])?;
        let last = said.lines().last().unwrap_or_default();
        assert_eq!(code, 1, "{said}");
        assert!(
            last.starts_with("rust-kheaders: RELEASE: the module refused cannot be built for this kernel (error: "),
            "{said}"
        );
        assert!(said.contains(line), "{said}");
        assert!(
            last.contains("; see /var/cache/rust-kheaders/RELEASE/refused.log"),
            "{said}"
        );
    }
    Ok(())
}

/// The module that DKMS has built, and what somebody could make of it.
#[test]
fn a_module_loads_or_is_told_why_not() -> Result<()> {
    let root = debian::arrived()?.scratch()?;
    let other = debian::releases(&root)?.swap_remove(1);
    let (code, said) = run(
        &root,
        "mkdir /tmp/m; cd /tmp/m; xz -dc /lib/modules/$release/updates/dkms/oximod.ko.xz >oximod.ko
         cp /lib/modules/$release/updates/dkms/oximod.ko.xz packed.ko.xz
         rust-kheaders check oximod.ko $release && rust-kheaders check packed.ko.xz $release",
    )?;
    let loads = "RELEASE: loads oximod.ko\nRELEASE: loads packed.ko\n";
    assert_eq!((code, &*said), (0, loads));

    // $rust is a symbol of the kernel crate that the module needs.
    for (make, lines) in [
        (
            "objcopy --redefine-sym $rust=nobody_has_this oximod.ko x.ko",
            &["it needs nobody_has_this, and the kernel exports nothing of that name\n"][..],
        ),
        (
            "objcopy --redefine-sym $rust=$(echo $rust | sed 's/call_printk/call_prontk/') oximod.ko x.ko",
            &["it needs kernel::print::call_prontk (_R", "), and the kernel exports nothing of that name of the crate kernel\n"],
        ),
        (
            "objcopy --redefine-sym $rust=$(echo $rust | sed 's/Cs[^_]*_6kernel/Csz_6kernel/') oximod.ko x.ko",
            &[
                "::print::call_printk (_R",
                "), and the kernel has another hash of the crate kernel: \
                 the module was built with metadata of other sources or of another rustc\n",
                "to fix, where the sources of the module are: rust-kheaders module RELEASE\n",
            ],
        ),
        (
            "sed 's/license=GPL/license=BSD/' oximod.ko >x.ko",
            &[" more, and the kernel exports that to modules under the GPL only: the license of this one is BSD\n"],
        ),
        (
            "symbol=$(awk '$5 == \"CXL\" { print $2; exit }' $headers/Module.symvers)
             objcopy --redefine-sym $rust=$symbol oximod.ko x.ko",
            &[", and it does not import the namespace CXL\n"],
        ),
        (
            "symbol=$(awk '$5 ~ /^module:/ { print $2; exit }' $headers/Module.symvers)
             objcopy --redefine-sym $rust=$symbol oximod.ko x.ko",
            &[", and the kernel exports it to other modules only: "],
        ),
        (
            "objcopy --rename-section .exit.text=.text oximod.ko x.ko",
            &["it has more than one section .text, and the kernel takes one\n"],
        ),
        (
            "cp /lib/modules/$other/updates/dkms/oximod.ko.xz x.ko.xz",
            &["its vermagic is 'OTHER SMP preempt mod_unload", ", and the kernel's is 'RELEASE SMP preempt mod_unload"],
        ),
    ] {
        let (code, said) = run(
            &root,
            &format!(
                "cd /tmp/m; rm -f x.*; other={other}
                 rust=$(readelf -sW oximod.ko | awk '$7 == \"UND\" && $8 ~ /^_RNv.*_6kernel5print11call_printk$/ {{ print $8; exit }}')
                 {make}; rust-kheaders check x.* $release"
            ),
        )?;
        assert_eq!(code, 1, "{make}: {said}");
        let said = said.replace(&other, "OTHER");
        assert!(said.starts_with("RELEASE: does not load x.ko: "), "{said}");
        for line in lines {
            assert!(said.contains(line), "{line}: {said}");
        }
    }

    for (command, code, line) in [
        ("check nowhere.ko", 2, "no such module: /tmp/m/nowhere.ko"),
        (
            "check /etc/hostname",
            2,
            "/etc/hostname is no kernel module",
        ),
        (
            "check /usr/bin/true",
            2,
            "/usr/bin/true is no kernel module",
        ),
        (
            "check oximod.ko /tmp/m/oximod.ko",
            2,
            "two modules of one name: oximod.ko",
        ),
        (
            "check --headers /tmp oximod.ko",
            2,
            "/tmp is not a kernel build directory",
        ),
        (
            "check --fix oximod.ko",
            2,
            "modules are for check, without --fix; see rust-kheaders --help",
        ),
        (
            "build oximod.ko",
            2,
            "modules are for check, without --fix; see rust-kheaders --help",
        ),
        (
            "check packed.ko.xz",
            1,
            "/tmp/m/packed.ko.xz cannot be unpacked",
        ),
    ] {
        let (found, said) = run(
            &root,
            &format!("cd /tmp/m; truncate -s 1000 packed.ko.xz; rust-kheaders {command} $release"),
        )?;
        let expected = format!("rust-kheaders: RELEASE: {line}\n");
        assert_eq!((found, said), (code, expected), "{command}");
    }
    Ok(())
}

/// A kernel that compares checksums of symbols, and modules that export symbols for each other.
#[test]
fn checksums_and_other_modules_count() -> Result<()> {
    let root = debian::own()?.scratch()?;
    let (code, said) = script(&root, "loads.sh", &[])?;
    assert_eq!(code, 0, "{said}");
    Ok(())
}

/// Fedora, Arch and Ubuntu have headers with metadata. The build directory that rust-kheaders made stands for
/// such headers here: it is the same.
#[test]
fn metadata_in_the_headers_is_used() -> Result<()> {
    let (code, said) = decide(
        "h=/tmp/h; cp -r $entry/build $h; sed -i \"s,^KBUILD_OUTPUT = .*,KBUILD_OUTPUT = $h,\" $h/Makefile; rust-kheaders build --headers $h --cache /tmp/cache $release; ls -d /tmp/cache/*/*/build",
    )?;
    assert_eq!(code, 2, "no entry is made: {said}");
    assert!(said.starts_with("/tmp/h\n"), "{said}");

    stops(
        "cp -r $entry/build /tmp/headers && sed -i '1s/rustc 1[.]/rustc 2./' /tmp/headers/rust/libkernel.rmeta
         rust-kheaders build --headers /tmp/headers $release",
        3,
        "RELEASE: needs 'rustc 2.",
        "found /usr/bin/rustc (rustc 1.",
    )?;
    stops(
        "cp -r $headers /tmp/headers && ln -s ../linux-perf/rust /tmp/headers/rust
         rust-kheaders build --headers /tmp/headers $release",
        3,
        "RELEASE: /tmp/headers/rust is a link to a directory that is not installed",
        "to fix: apt install linux-perf",
    )
}

#[test]
fn missing_tools_are_named() -> Result<()> {
    for (take_away, starts, fix) in [
        (
            "rm /usr/bin/rustc",
            "RELEASE: needs 'rustc 1.",
            "apt install --reinstall rustc=",
        ),
        (
            "rm -r /usr/src/rustc-*",
            "RELEASE: needs the sources of Rust's library 1.",
            "apt install --reinstall rust-src=",
        ),
        (
            "rm /usr/bin/bindgen",
            "RELEASE: needs 'bindgen ",
            "apt install --reinstall bindgen",
        ),
        (
            "rm /usr/lib/*/libclang-*.so*",
            "RELEASE: /usr/bin/bindgen cannot load libclang",
            "apt install --reinstall libclang1-",
        ),
        (
            "rm /usr/bin/*-linux-gnu-gcc-*",
            "RELEASE: needs the C compiler ",
            "apt install --reinstall gcc-",
        ),
        (
            "rm /usr/bin/make",
            "RELEASE: needs make",
            "apt install --reinstall make",
        ),
        // Those of kernels that clang has built. Distributions put their names before the version.
        (
            "sed -i 's/^CONFIG_CC_IS_GCC=y/CONFIG_CC_IS_CLANG=y/; \
             s/^CONFIG_CC_VERSION_TEXT=.*/CONFIG_CC_VERSION_TEXT=\"Debian clang version 19.1.7 (3)\"/' \
             $headers/include/config/auto.conf",
            "RELEASE: needs clang, lld and llvm 19, found no clang",
            "apt install clang-19 lld-19 llvm-19",
        ),
    ] {
        stops(
            &format!("{take_away}; rm -rf $entry; rust-kheaders build $release"),
            3,
            starts,
            &format!("to fix: {fix}"),
        )?;
    }
    // What compiles modules is looked at, too, when the metadata is there.
    stops(
        "rm /usr/bin/make; rust-kheaders check $release",
        3,
        "RELEASE: needs make",
        "",
    )?;
    // Another program's free memory.
    let (code, said) = decide(
        "rm -r $entry; sed 's/^\\(MemAvailable: *\\|SwapFree: *\\).*/\\1 1000 kB/' /proc/meminfo >/tmp/meminfo
         mount --bind /tmp/meminfo /proc/meminfo; rust-kheaders build $release",
    )?;
    assert_eq!(
        (code, &*said),
        (
            1,
            "rust-kheaders: RELEASE: a compiler needs 1100 MB of memory, but only 1 MB are free\n"
        )
    );
    Ok(())
}

/// The first command of each name may be another one: rustup's, say, or one from cargo install.
#[test]
fn every_candidate_is_tried() -> Result<()> {
    let (code, said) = decide(
        "mkdir /tmp/bin
         for tool in rustc:1.99.0 bindgen:0.1.0 clang:1.0 x86_64-linux-gnu-gcc-14:1; do
             printf '#!/bin/sh\\necho %s %s\\n' ${tool%:*} ${tool#*:} >/tmp/bin/${tool%:*}
         done
         chmod +x /tmp/bin/*
         PATH=/tmp/bin:$PATH rust-kheaders check $release && PATH=/tmp/bin /usr/bin/rust-kheaders path --make $release",
    )?;
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with("RELEASE: ready, "), "{said}");
    assert!(said.ends_with(" RUSTC=/usr/bin/rustc\n"), "{said}");
    // All of them are named where none fits.
    stops(
        "mkdir /tmp/bin; cp /usr/bin/rustc /tmp/bin
         printf '#!/bin/sh\\necho rustc 1.99.0\\n' >/usr/bin/rustc; mv /tmp/bin/rustc /usr/bin/rustc-1.00
         printf '#!/bin/sh\\necho rustc 1.98.0\\n' >/usr/bin/rustc-1.00
         PATH=/tmp/bin:$PATH rust-kheaders check $release",
        3,
        "RELEASE: needs 'rustc 1.",
        "found /usr/bin/rustc (rustc 1.99.0), /usr/bin/rustc-1.00 (rustc 1.98.0)",
    )
}

#[test]
fn a_cache_that_cannot_be_written_is_told() -> Result<()> {
    for cache in ["/var/cache/rust-kheaders", "/var/cache/new"] {
        stops(
            &format!(
                "rm -r $entry
                 setpriv --reuid=nobody --clear-groups rust-kheaders build --cache {cache} $release"
            ),
            1,
            &format!("RELEASE: cannot write to {cache}"),
            "to fix: run rust-kheaders as root, or give a writable directory with --cache",
        )?;
    }
    Ok(())
}

#[test]
fn sources_that_do_not_fit_are_refused() -> Result<()> {
    stops(
        "rm -r $entry $tarball; rust-kheaders build $release",
        3,
        "RELEASE: needs the kernel's sources, linux-source-",
        "to fix: apt install --reinstall linux-source-",
    )?;
    stops(
        "rm -r $entry; sed -i \"/^Package: linux-source-$series$/,/^$/ s/^Version: /Version: 1:/\" /var/lib/dpkg/status
         rust-kheaders build $release",
        3,
        "RELEASE: needs linux-source-",
        ", found 1:",
    )?;
    let (code, said) =
        decide("rm -r $entry; truncate -s 20M $tarball; rust-kheaders build $release")?;
    assert_eq!(code, 1, "{said}");
    let line = said.lines().last().unwrap_or_default();
    assert!(
        line.contains(": unpacking failed; see /var/cache/")
            && line.contains("; to fix: apt install --reinstall linux-source-"),
        "{said}"
    );

    // The sources of another kernel.
    let root = debian::arrived()?.scratch()?;
    let other = debian::source_package(&debian::releases(&root)?[1]);
    let (code, said) = run(
        &root,
        &format!(
            "rust-kheaders build --cache /tmp/cache --source /usr/src/{other}.tar.xz $release"
        ),
    )?;
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("is not what the headers were built from: the top Makefiles differ"),
        "{said}"
    );
    let (_, left) = run(&root, "find /tmp/cache -mindepth 3")?;
    assert_eq!(left, "");
    Ok(())
}

/// 30 runs are killed, most of them in the first steps, which are short: compiling takes the rest of 30 s.
#[test]
fn a_killed_run_leaves_no_half_entry_and_two_at_once_make_one() -> Result<()> {
    let times: Vec<_> = (0..30u64)
        .map(|kill| {
            let random = cache::key([seed().to_le_bytes(), kill.to_le_bytes()]);
            let random = u64::from_str_radix(&random, 16).expect("a number") as f64;
            let random = random / u64::MAX as f64;
            let longest = if kill % 10 == 1 { 35.0 } else { 5.0 };
            format!("{:.3}", random * longest)
        })
        .collect();
    let times: Vec<_> = times.iter().map(String::as_str).collect();
    let root = debian::installed()?.scratch()?;
    let (code, said) = script(&root, "killed.sh", &times)?;
    assert_eq!(code, 0, "{said}");
    // A few runs finish before they are killed.
    let line = said.lines().last().unwrap_or_default();
    let killed: u32 = line.trim_end_matches(" killed").parse()?;
    assert!(killed >= 24, "{said}");
    Ok(())
}

#[test]
fn a_wrong_clock_a_directory_and_a_versioned_compiler_do_no_harm() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let (code, said) = script(&root, "tomorrow.sh", &[])?;
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains(" from /tmp/source with /usr/bin/rustc-1.85\n"),
        "{said}"
    );
    assert!(said.contains("Clock skew detected"), "{said}");
    assert!(
        said.ends_with(&format!("\n{}\n", debian::version()?)),
        "{said}"
    );
    Ok(())
}

#[test]
fn an_interrupted_run_says_so_and_leaves_nothing() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let (code, said) = script(&root, "interrupted.sh", &[])?;
    assert_eq!(code, 0, "{said}");
    let line = "rust-kheaders: RELEASE: interrupted; to try again: rust-kheaders build RELEASE\n";
    assert_eq!(said, line.repeat(3));
    Ok(())
}

#[test]
fn a_full_disk_is_told_and_nothing_is_left() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let (code, said) = script(&root, "full-disk.sh", &[])?;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no space left in /tmp/cache ("), "{said}");
    assert!(!said.contains("\n/tmp/cache"), "{said}");
    Ok(())
}

#[test]
fn a_symbol_that_the_kernel_does_not_export_fails_the_build() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let (code, said) = script(&root, "missing-symbol.sh", &[])?;
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains(
            ": checking failed (error: the kernel does not export symbols that the metadata promises:); see /tmp/cache/"
        ),
        "{said}"
    );
    assert!(!said.contains("/build"), "{said}");
    Ok(())
}

#[test]
fn status_shows_and_clean_removes_what_is_of_no_use() -> Result<()> {
    let root = debian::arrived()?.scratch()?;
    let (code, said) = script(&root, "status-and-clean.sh", &[])?;
    assert_eq!(code, 0, "{said}");
    for line in [
        "RELEASE\tchanged\t",
        "\tgone\t",
        "(its headers are gone)",
        "(its headers are changed)",
    ] {
        assert!(said.contains(line), "{line:?}: {said}");
    }
    Ok(())
}

/// Whoever runs it as root runs nobody else's files.
#[test]
fn what_others_can_write_is_refused() -> Result<()> {
    for (command, starts, contains) in [
        (
            "mkdir -m 777 /tmp/c; rust-kheaders check --cache /tmp/c $release",
            "RELEASE: others can write to /tmp/c;",
            "to fix: chown -R root: /tmp/c && chmod -R go-w /tmp/c",
        ),
        (
            "mkdir -p /tmp/c/x; chown nobody /tmp/c/x; rust-kheaders clean --cache /tmp/c",
            "others can write to /tmp/c/x;",
            "",
        ),
        (
            "mkdir /tmp/c; chown nobody /tmp/c; rust-kheaders build --cache /tmp/c/new $release",
            "RELEASE: others can write to /tmp/c, where /tmp/c/new is",
            "",
        ),
        (
            "mkdir /tmp/c; ln -s /etc /tmp/c/x; rust-kheaders clean --cache /tmp/c",
            "/tmp/c/x must not be a symbolic link;",
            "to fix: rm /tmp/c/x",
        ),
        (
            "mkdir -p /tmp/s/rust; touch /tmp/s/rust/Makefile; chmod g+w /tmp/s/rust/Makefile
             rust-kheaders build --cache /tmp/c --source /tmp/s $release",
            "RELEASE: others can write to /tmp/s/rust/Makefile;",
            "to fix: chown -R root: /tmp/s/rust && chmod -R go-w /tmp/s/rust",
        ),
        (
            "rm -r $entry; chmod o+w $tarball; rust-kheaders build $release",
            "RELEASE: others can write to /usr/src/linux-source-",
            "",
        ),
    ] {
        stops(command, 1, starts, contains)?;
    }
    // The user who called sudo is root already.
    let (code, said) = decide(
        "mkdir -p /tmp/s/rust; touch /tmp/s/Makefile /tmp/s/rust/Makefile; chown -R 1000 /tmp/s
         SUDO_UID=1000 rust-kheaders check --cache /tmp/c --source /tmp/s $release",
    )?;
    assert_eq!(code, 0, "{said}");
    Ok(())
}
