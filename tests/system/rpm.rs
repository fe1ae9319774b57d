// SPDX-License-Identifier: GPL-2.0

//! The RPM packages: as built, and as dnf and DKMS install them.

use lab::{debian, disk::Disk, fedora, root::Root, Result};

use crate::kmod;

#[test]
fn rpmlint_has_nothing_to_say() -> Result<()> {
    let mut root = fedora::system()?.scratch()?;
    root.bind(fedora::packages()?, "/mnt/packages");
    root.bind(fedora::modules()?, "/mnt/modules");
    let said = root.sh(
        "cd /mnt/tree && rpmlint -c rpmlint.toml oximod.spec oximod-kmod.spec /mnt/packages/*.rpm \
         /mnt/modules/*kmod-oximod-*.rpm",
    )?;
    assert_eq!(said.code, 0, "{said}");
    assert!(
        said.text
            .contains(" 11 packages and 2 specfiles checked; 0 errors, 0 warnings,"),
        "{said}"
    );
    Ok(())
}

/// Where, when and with what umask they are built leaves no trace.
#[test]
fn two_builds_give_the_same_bytes() -> Result<()> {
    let root = variants(&[])?;
    root.script("tests/system/scripts/rpm-elsewhere.sh", &[])?
        .ok()
        .map(drop)
}

/// A root whose repository also has our packages as these versions: the version, the release, and a line
/// that is appended to the module's source. `/tmp/oximod` has their source.
fn variants(variants: &[(&str, &str, &str)]) -> Result<Root> {
    let mut root = fedora::system()?.scratch()?;
    root.bind(fedora::packages()?, "/mnt/packages");
    let version = debian::version()?;
    let mut arguments = vec![version.as_str()];
    for (other, release, line) in variants {
        arguments.extend([other, release, line]);
    }
    root.script("tests/system/scripts/rpm-variants.sh", &arguments)?
        .ok()?;
    Ok(root)
}

/// What the packages' scriptlets said while dnf did `what`.
pub fn dnf(root: &Root, what: &str) -> Result<String> {
    let said = root.sh(&format!("dnf -y {what}"))?.ok()?;
    let (_, after) = said
        .split_once("\nRunning transaction\n")
        .ok_or_else(|| format!("dnf {what}: {said}"))?;
    Ok(after
        .lines()
        .take_while(|line| !line.ends_with("ed:") && *line != "New leaves:")
        .filter(|line| !line.starts_with("  ") && !line.is_empty())
        .flat_map(|line| [line, "\n"])
        .collect())
}

/// Requires that DKMS has built and installed `version`, or nothing.
fn require(root: &Root, version: Option<&str>) -> Result<()> {
    let release = &debian::newest(root)?;
    let found = root.sh("dkms status
         find /lib/modules -name 'oximod.*' -exec modinfo -F version {} +
         ls -d /usr/src/oximod-*")?;
    let expected = match version {
        Some(version) => format!(
            "oximod/{version}, {release}, x86_64: installed\n{version}\n/usr/src/oximod-{version}\n"
        ),
        None => String::from("ls: cannot access '/usr/src/oximod-*': No such file or directory\n"),
    };
    assert_eq!(found.text, expected);
    Ok(())
}

/// From the first installation to the removal. Only the build that fails makes the packages say anything.
#[test]
fn dnf_leaves_the_wanted_version_and_then_nothing() -> Result<()> {
    let root = variants(&[
        ("0.9.0", "1", ""),
        ("0.9.0", "2", ""),
        ("0.9.1", "1", ""),
        ("0.9.2", "1", "compile_error!(\"on purpose\");"),
    ])?;
    let step = |what: &str, version| -> Result<()> {
        assert_eq!(dnf(&root, what)?, "", "{what}");
        require(&root, version)
    };
    step("install oximod-dkms-0.9.0-1", Some("0.9.0"))?;
    step("reinstall oximod-dkms", Some("0.9.0"))?;
    step("upgrade oximod-dkms-0.9.0-2", Some("0.9.0"))?;
    step("upgrade oximod-dkms-0.9.1", Some("0.9.1"))?;
    step("reinstall oximod-dkms rust-kheaders", Some("0.9.1"))?;
    step("downgrade oximod-dkms-0.9.0-2", Some("0.9.0"))?;

    let release = &debian::newest(&root)?;
    let said = dnf(&root, "upgrade oximod-dkms")?;
    let line = format!(
        "oximod: skipped: rust-kheaders: {release}: the module oximod cannot be built for this kernel (error: on purpose); \
         see /var/cache/rust-kheaders/{release}/oximod.log; a later version of it may support the kernel\n"
    );
    assert_eq!(said.matches(&line).count(), 1, "{said}");
    assert!(!said.contains("scriptlet failed"), "{said}");
    let left = root.sh("dkms status; find /lib/modules -name 'oximod.*'")?;
    assert_eq!(left.text, "oximod/0.9.2: added\n");

    step("downgrade oximod-dkms-0.9.1", Some("0.9.1"))?;

    // kernel-devel has lost a part. To install it anew is enough.
    root.sh(&format!("rm /usr/src/kernels/{release}/Module.symvers"))?
        .ok()?;
    let said = dnf(&root, "reinstall oximod-dkms")?;
    let line = format!(
        "oximod: skipped: rust-kheaders: {release}: the headers are damaged: \
         /usr/src/kernels/{release}/Module.symvers is missing or empty; to fix: dnf "
    );
    let (_, fix) = said.split_once(&line).ok_or(said.as_str())?;
    let (fix, _) = fix.split_once(" && ").ok_or(fix)?;
    dnf(&root, fix)?;
    require(&root, Some("0.9.1"))?;
    step("remove oximod-dkms rust-kheaders", None)?;
    let left = root.sh(
        "find / -xdev \\( -name '*oximod*' -o -name '*rust-kheaders*' \\) -not -path '/srv/*' -not -path '/tmp/*' \
             -not -path '/mnt/*' -not -path '/proc/*'
         ls /var/lib/dkms",
    )?;
    assert_eq!(left.text, "mok.key\nmok.pub\n", "DKMS's own keys");
    Ok(())
}

/// rust-kheaders and DKMS use a kernel-devel like Fedora's as it is.
#[test]
fn metadata_of_kernel_devel_is_used() -> Result<()> {
    let root = fedora::installed()?;
    let log = root.sh(&format!("cat {}", fedora::INSTALL_LOG))?.ok()?;
    assert!(log.ends_with("\nComplete!\n"), "{log}");
    require(&root, Some(&debian::version()?))?;
    let release = &debian::newest(&root)?;
    let made = root.sh(&format!(
        "rust-kheaders build {release}; ls -d /var/cache/rust-kheaders/*/*/build /lib/modules/{release}/extra/oximod.*"
    ))?;
    assert_eq!(
        made.text.lines().collect::<Vec<_>>(),
        [
            &format!("/usr/src/kernels/{release}"),
            "ls: cannot access '/var/cache/rust-kheaders/*/*/build': No such file or directory",
            &format!("/lib/modules/{release}/extra/oximod.ko.xz"),
        ]
    );
    Ok(())
}

/// dracut is asked for the module. Then dnf installs the package and removes it: DKMS's, and that with the finished module.
#[test]
fn the_initramfs_has_the_module_as_long_as_dnf_has() -> Result<()> {
    let mut root = fedora::system()?.scratch()?;
    root.bind(fedora::packages()?, "/mnt/packages");
    root.bind(fedora::modules()?, "/mnt/modules");
    root.script("tests/lab/scripts/dracut.sh", &[])?.ok()?;
    root.sh("echo 'add_drivers+=\" oximod \"' > /etc/dracut.conf.d/oximod.conf")?
        .ok()?;
    let release = debian::newest(&root)?;
    let list = format!("lsinitrd --kver {release}");
    let finished = format!(
        "install /mnt/modules/kmod-oximod-{release}-*.rpm /mnt/packages/oximod-kmod-common-*.rpm"
    );
    root.sh("dnf -y install kernel-core")?.ok()?;
    for (command, is_there) in [
        ("install /mnt/packages/*.noarch.rpm", true),
        ("remove oximod-dkms", false),
        (&finished, true),
        ("remove oximod-kmod-common", false),
    ] {
        let said = dnf(&root, command)?;
        assert!(
            said.contains("oximod: updating the initramfs of "),
            "{said}"
        );
        let files = root.sh(&list)?.ok()?;
        for file in ["/extra/oximod", "/modules-load.d/oximod.conf"] {
            assert_eq!(files.contains(file), is_there, "{command}: {files}");
        }
    }
    Ok(())
}

/// A kernel from `make binrpm-pkg` comes, the line about it is followed, and it leaves.
#[test]
#[ignore = "the kernel takes minutes to build: make test-debug"]
fn a_kernel_of_ones_own_is_skipped_until_its_sources_are_named() -> Result<()> {
    let mut root = fedora::installed()?.scratch()?;
    root.bind(fedora::own_kernel()?, "/mnt/own");
    root.bind(fedora::packages()?, "/mnt/packages");
    let reinstall = "reinstall /mnt/packages/oximod-dkms-*.rpm";
    let stock = root.sh("dkms status")?.ok()?;
    let said = root.sh("rpm --install /mnt/own/rpms/*.rpm")?.ok()?;
    let own = root.sh("ls /lib/modules | grep -e -own$")?.ok()?;
    let own = own.trim();
    let line = format!(
        "oximod: skipped: rust-kheaders: {own}: the headers have no Rust metadata; to fix, with the kernel's own \
         sources in DIR: rust-kheaders build --source DIR {own} && dkms autoinstall -k {own}\n"
    );
    assert_eq!(said.matches(&line).count(), 1, "{said}");
    assert!(
        said.contains(&format!("Autoinstall on {own} was skipped")),
        "{said}"
    );
    assert_eq!(root.sh("dkms status")?.ok()?, stock);
    // Our own installation says which kernel it skips, too.
    let said = dnf(&root, reinstall)?;
    assert_eq!(said.matches(&line).count(), 1, "{said}");
    assert_eq!(root.sh("dkms status")?.ok()?, stock);

    let command = line.split_once("sources in DIR: ").expect("a command").1;
    let mended = root.sh(&command.replace("DIR", "/mnt/own/source"))?.ok()?;
    assert!(
        mended.contains(&format!("Autoinstall on {own} succeeded")),
        "{mended}"
    );
    let version = debian::version()?;
    assert_eq!(
        root.sh(&format!(
            "dkms status -k {own}; modinfo -k {own} -F version oximod"
        ))?
        .ok()?,
        format!("oximod/{version}, {own}, x86_64: installed\n{version}\n")
    );
    assert_eq!(dnf(&root, reinstall)?, "");

    for command in [
        format!("test -d /var/cache/rust-kheaders/{own}"),
        String::from("rpm --erase kernel"),
        format!("test -z \"$(find /lib/modules/{own} -name 'oximod*')\""),
        String::from("rpm --erase $(rpm --query kernel-devel | grep _own-)"),
        format!("test ! -e /var/cache/rust-kheaders/{own}"),
    ] {
        root.sh(&command)?
            .ok()
            .map_err(|error| format!("{command}: {error}"))?;
    }
    assert_eq!(root.sh("dkms status")?.ok()?, stock);
    Ok(())
}

#[test]
fn rust_kheaders_names_dnf_where_dnf_helps() -> Result<()> {
    let root = fedora::installed()?.scratch()?;
    let release = &debian::newest(&root)?;
    root.sh(&format!(
        "cp -r /usr/src/kernels/{release} /tmp/own && rm -r /tmp/own/rust"
    ))?
    .ok()?;
    let found = root.sh("rustc --version")?.ok()?;
    let found = found.trim();
    let bindgen = root.sh("bindgen --version")?.ok()?;
    let bindgen = bindgen.trim();
    // The headers in /tmp/own as those of another kernel.
    let of = |release: &str, options: &str| {
        format!(
            "sed -i 's/UTS_RELEASE .*/UTS_RELEASE \"{release}\"/' /tmp/own/include/generated/utsrelease.h
             rust-kheaders check --headers /tmp/own {options} {release}"
        )
    };
    // dnf knows no such package.
    let fedoras = "rustc 2.91.0 (f8297e351 2027-10-28) (Fedora 2.91.0-1.fc47)";
    for (script, code, line) in [
        (
            String::from("rust-kheaders check 7.9.9-100.fc44.x86_64"),
            3,
            String::from(
                "7.9.9-100.fc44.x86_64: no headers in /lib/modules/7.9.9-100.fc44.x86_64/build",
            ),
        ),
        (
            of("7.1.5-200.fc44.x86_64", ""),
            77,
            String::from(
                "7.1.5-200.fc44.x86_64: kernel-devel has no Rust metadata before 7.1.6; to fix: \
                 dnf upgrade kernel kernel-devel",
            ),
        ),
        (
            format!(
                "cp -r /usr/src/kernels/{release} /tmp/h
                 sed -i \"1s/{found}/{fedoras}/\" /tmp/h/rust/libkernel.rmeta
                 rust-kheaders check --headers /tmp/h {release}"
            ),
            3,
            format!("{release}: needs '{fedoras}', found /usr/bin/rustc ({found})"),
        ),
        (
            format!("rm /usr/bin/bindgen; {}", of("7.3.0-own", "--source /tmp")),
            3,
            format!("7.3.0-own: needs '{bindgen}' or later, found no bindgen; to fix: dnf reinstall bindgen-cli"),
        ),
    ] {
        let said = root.sh(&script)?;
        assert_eq!(said.code, code, "{said}");
        assert_eq!(said.text, format!("rust-kheaders: {line}\n"));
    }
    Ok(())
}

/// systemd loads it, and sysctl.d sets it. The finished module that comes after it does so, too.
#[test]
fn the_module_loads_at_boot_and_goes_with_its_package() -> Result<()> {
    let disk = Disk::fedora()?;
    let release = &disk.releases()[0];
    let mut machine = disk.machine(release, "fedora").boot()?;
    assert_eq!(machine.ok("uname -r")?.trim(), release);
    assert_eq!(machine.ok("sysctl example.atom")?, "example.atom = 1\n");
    assert_eq!(
        machine.ok("cat /sys/module/oximod/version")?.trim(),
        debian::version()?
    );
    machine.ok("dnf remove -y oximod-dkms")?;
    assert_eq!(machine.ok("dkms status")?, "");
    machine.ok("test ! -e /sys/module/oximod && test ! -e /proc/sys/example")?;
    assert_eq!(
        machine.ok("dmesg | grep -o 'oximod: Bye!'")?,
        "oximod: Bye!\n"
    );
    kmod::loads_at_boot(&mut machine, release)?;
    machine.require_health()
}
