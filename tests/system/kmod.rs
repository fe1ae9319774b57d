// SPDX-License-Identifier: GPL-2.0

//! The RPMs with the finished module: what their names promise, and machines that have no compiler.

use lab::{debian, fedora, machine::Machine, root::Root, Result};

use crate::rpm::dnf;

/// The kernels of [`fedora::modules`], from the first one to the last, which has no module.
fn releases(root: &Root) -> Result<[String; 3]> {
    let first = debian::newest(root)?;
    let later = |number| {
        let at = first.find(['-', '+']).unwrap_or(first.len());
        format!("{}.{number}{}", &first[..at], &first[at..])
    };
    Ok([first.clone(), later(1), later(2)])
}

/// The release as it is in a version of an RPM, which has one dash at most.
fn uname(release: &str) -> String {
    let (version, rest) = release.split_once('-').expect("a dash");
    format!("{version}-{}", rest.replace('-', "_"))
}

/// `root` where `/mnt/modules` has the finished modules, and `/mnt/packages` the other RPMs.
fn scratch(root: Root) -> Result<Root> {
    let mut root = root.scratch()?;
    root.bind(fedora::modules()?, "/mnt/modules");
    root.bind(fedora::packages()?, "/mnt/packages");
    Ok(root)
}

/// Puts RPMs into the root's repository.
fn offer(root: &Root, packages: &[String]) -> Result<()> {
    let packages = packages.join(" ");
    root.sh(&format!(
        "cp {packages} /srv/repository && rm -r /srv/repository/repodata && createrepo_c --quiet /srv/repository"
    ))?
    .ok()
    .map(drop)
}

/// The RPMs that come with this kernel: its own and those of the module.
fn of_kernel(release: &str) -> Result<Vec<String>> {
    let version = debian::version()?;
    let kernel = &release[..release.find(['-', '+']).unwrap_or(release.len())];
    let underscored = release.replace('-', "_");
    Ok(vec![
        format!("/mnt/modules/kernel-core-{kernel}-1*.rpm"),
        format!("/mnt/modules/kmod-oximod-{release}-{version}-1.*.rpm"),
        format!("/mnt/modules/kmod-oximod-{version}-1.{underscored}.*.rpm"),
    ])
}

/// Requires that depmod finds the module for these kernels alone.
fn require(root: &Root, releases: &[&str]) -> Result<()> {
    let found = root.sh("for dir in /lib/modules/*/modules.dep; do
             modinfo -k \"$(basename \"$(dirname $dir)\")\" -n oximod 2>/dev/null
         done; true")?;
    let expected: String = releases
        .iter()
        .map(|release| format!("/lib/modules/{release}/extra/oximod/oximod.ko.xz\n"))
        .collect();
    assert_eq!(found.ok()?, expected);
    Ok(())
}

/// What the package in this file provides, requires and has, a line each.
fn about(root: &Root, file: &str) -> Result<Vec<String>> {
    let format =
        "[P %{PROVIDENEVRS}\\n][R %{REQUIRENEVRS}\\n][C %{CONFLICTNEVRS}\\n][F %{FILENAMES}\\n]";
    let text = root
        .sh(&format!(
            "rpm --query --package --queryformat '{format}' {file}"
        ))?
        .ok()?;
    let mut lines: Vec<_> = text
        .lines()
        .filter(|line| {
            !line.contains("rpmlib(") && *line != "R /bin/sh" && !line.contains("(x86-64)")
        })
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines.dedup();
    Ok(lines)
}

#[test]
fn the_packages_are_what_kmodtools_would_be() -> Result<()> {
    let root = scratch(fedora::node()?)?;
    let version = debian::version()?;
    let [first, next, _] = releases(&root)?;
    let first_uname = uname(&first);
    let [_, of_first, _] = &of_kernel(&first)?[..] else {
        panic!("three packages")
    };
    assert_eq!(
        about(&root, of_first)?,
        [
            "C oximod-dkms".into(),
            format!("F /usr/lib/modules/{first}/extra"),
            format!("F /usr/lib/modules/{first}/extra/oximod"),
            format!("F /usr/lib/modules/{first}/extra/oximod/oximod.ko.xz"),
            format!("P kernel-modules-for-kernel = {first_uname}"),
            format!("P kmod-oximod-{first} = {version}-1"),
            format!("P kmod-oximod-uname-r = {first_uname}"),
            format!("P oximod-kmod = {version}-1"),
            format!("R (kernel-uname-r = {first_uname} or kernel-{first})"),
            "R kmod".into(),
            format!("R oximod-kmod-common >= {version}"),
        ]
    );
    let [_, _, of_newest] = &of_kernel(&next)?[..] else {
        panic!("three packages")
    };
    let release = next.replace('-', "_");
    assert_eq!(
        about(&root, of_newest)?,
        [
            format!("P kmod-oximod = {version}-1.{release}"),
            format!("P oximod-kmod = {version}-1"),
            format!("R (kmod-oximod-{first} = {version}-1 if kernel-uname-r = {first_uname})"),
            format!("R kmod-oximod-{next} = {version}-1"),
        ]
    );
    assert_eq!(
        about(&root, "/mnt/modules/akmod-oximod-*.noarch.rpm")?,
        [
            "C oximod-dkms".into(),
            format!("F /usr/src/akmods/oximod-kmod-{version}-1.src.rpm"),
            "F /usr/src/akmods/oximod-kmod.latest".into(),
            format!("P akmod-oximod = {version}-1"),
            format!("P oximod-kmod = {version}-1"),
            "R akmods".into(),
            "R elfutils-libelf-devel".into(),
            "R module-signing".into(),
            format!("R oximod-kmod-common >= {version}"),
            format!("R rust-kheaders-rpm-macros >= {version}"),
        ]
    );
    assert_eq!(
        about(
            &root,
            &format!("/mnt/modules/kmod-oximod-{version}-1.noarch.rpm")
        )?,
        [
            format!("P kmod-oximod = {version}-1"),
            format!("P oximod-kmod = {version}-1"),
            format!("R akmod-oximod = {version}-1"),
        ]
    );
    Ok(())
}

/// Nothing that is done to other programs in an RPM is done to the module after it was signed.
#[test]
fn the_package_has_what_was_signed() -> Result<()> {
    scratch(fedora::workshop()?)?
        .script("tests/system/scripts/kmod-signed.sh", &[])?
        .ok()
        .map(drop)
}

/// Where, when and with what umask they are built leaves no trace.
#[test]
fn two_builds_of_modules_give_the_same_bytes() -> Result<()> {
    scratch(fedora::workshop()?)?
        .script("tests/system/scripts/kmod-elsewhere.sh", &[])?
        .ok()
        .map(drop)
}

/// The command of akmods, as the user whom akmods runs it as, and its key.
#[test]
fn akmods_builds_and_signs_the_module() -> Result<()> {
    let root = scratch(fedora::workshop()?)?;
    let [first, ..] = releases(&root)?;
    let said = root
        .script("tests/system/scripts/kmod-akmods.sh", &[&first])?
        .ok()?;
    let version = debian::version()?;
    assert_eq!(
        said,
        format!(
            "kmod-oximod-{first}-{version}-1.x86_64.rpm\n\
             signed by akmods' key\n\
             rust-kheaders: {first}: the headers have no Rust metadata; to fix, with the kernel's own sources in DIR: \
             rust-kheaders build --source DIR {first}\n"
        )
    );
    Ok(())
}

/// A machine without compilers: the module comes by dnf, follows kernels, and leaves with them.
#[test]
fn a_machine_without_compilers_has_the_module_with_each_kernel() -> Result<()> {
    let root = scratch(fedora::node()?)?;
    let [first, next, last] = releases(&root)?;
    let missing = |release| {
        format!("oximod: no module for {release}; to fix: dnf install kmod-oximod-{release}\n")
    };

    offer(&root, &of_kernel(&first)?)?;
    offer(&root, &["/mnt/packages/oximod-kmod-common-*.rpm".into()])?;
    root.sh("dnf -y install kernel-core")?.ok()?;
    assert_eq!(dnf(&root, "install kmod-oximod")?, "");
    require(&root, &[&first])?;

    offer(&root, &of_kernel(&next)?)?;
    assert_eq!(dnf(&root, "upgrade")?, "");
    require(&root, &[&first, &next])?;
    // A machine that has both kernels already.
    assert_eq!(dnf(&root, "remove kmod-oximod")?, "");
    require(&root, &[])?;
    assert_eq!(dnf(&root, "install kmod-oximod")?, "");
    require(&root, &[&first, &next])?;

    // A kernel comes before its module, and the oldest one leaves. Its files are Debian's and stay.
    offer(&root, &of_kernel(&last)?[..1])?;
    let said = dnf(&root, "upgrade --setopt=installonly_limit=2")?;
    assert_eq!(said, missing(&first) + &missing(&last));
    require(&root, &[&next])?;

    assert_eq!(dnf(&root, "remove kmod-oximod")?, "");
    let left = root.sh(
        "find / -xdev \\( -name '*oximod*' -o -name extra \\) -not -path '/srv/*' -not -path '/mnt/*' -not -path '/proc/*'
         rpm --query --all '*oximod*'",
    )?;
    assert_eq!(left.text, "");
    Ok(())
}

/// Installs the finished module in a machine that has none, and boots it.
pub(crate) fn loads_at_boot(machine: &mut Machine, release: &str) -> Result<()> {
    let version = debian::version()?;
    let underscored = release.replace('-', "_");
    for (dir, name) in [
        (
            fedora::packages()?,
            format!("oximod-kmod-common-{version}-1.noarch.rpm"),
        ),
        (
            fedora::modules()?,
            format!("kmod-oximod-{release}-{version}-1.x86_64.rpm"),
        ),
        (
            fedora::modules()?,
            format!("kmod-oximod-{version}-1.{underscored}.x86_64.rpm"),
        ),
    ] {
        machine.put(&dir.join(&name), &format!("/srv/{name}"))?;
    }
    machine.ok("dnf install -y /srv/*.rpm && modprobe oximod && udevadm settle")?;
    for boot in [false, true] {
        if boot {
            machine.reboot()?;
        }
        let found = machine.ok("modinfo -n oximod && sysctl example.atom")?;
        assert_eq!(
            found,
            format!("/lib/modules/{release}/extra/oximod/oximod.ko.xz\nexample.atom = 1\n")
        );
    }
    Ok(())
}

/// One command goes from DKMS's module to the finished one, and another one back. Without it dnf says what is in the
/// way, and changes nothing.
#[test]
fn the_finished_module_and_dkms_give_way_to_each_other() -> Result<()> {
    let root = scratch(fedora::system()?)?;
    let [first, ..] = releases(&root)?;
    offer(&root, &of_kernel(&first)?)?;
    offer(&root, &["/mnt/packages/*.noarch.rpm".into()])?;
    root.sh("dnf -y install kernel-core oximod-dkms")?.ok()?;
    let by_dkms = format!("/lib/modules/{first}/extra/oximod.ko.xz\n");
    let finished = format!("/lib/modules/{first}/extra/oximod/oximod.ko.xz\n");
    let found = || root.sh("find /lib/modules/ -name 'oximod.ko*'")?.ok();

    let refused = root.sh("dnf -y install kmod-oximod")?;
    assert_eq!(refused.code, 1, "{refused}");
    assert!(
        refused.text.contains("conflicts with oximod-dkms"),
        "{refused}"
    );
    assert_eq!(found()?, by_dkms);
    for (command, expected) in [
        ("swap oximod-dkms kmod-oximod", &finished),
        ("swap 'kmod-oximod*' oximod-dkms", &by_dkms),
        ("install --allowerasing kmod-oximod", &finished),
        ("install --allowerasing oximod-dkms", &by_dkms),
    ] {
        assert_eq!(dnf(&root, command)?, "", "{command}");
        assert_eq!(&found()?, expected, "{command}");
        assert_eq!(
            &root.sh(&format!("modinfo -k {first} -n oximod"))?.ok()?,
            expected,
            "{command}"
        );
    }
    Ok(())
}

/// The spec in docs/module-authors.md, with the module that `rust-kheaders new` makes.
#[test]
fn the_spec_in_the_documents_makes_such_packages() -> Result<()> {
    let root = scratch(fedora::workshop()?)?;
    let [first, ..] = releases(&root)?;
    let said = root
        .script("tests/system/scripts/kmod-author.sh", &[&first])?
        .ok()?;
    let of_first = format!("kmod-first_try-{first}-0.1.0-1.x86_64.rpm\n");
    let release = first.replace('-', "_");
    assert_eq!(
        said,
        format!(
            "akmod-first_try-0.1.0-1.noarch.rpm\nfirst_try-kmod-common-0.1.0-1.noarch.rpm\n\
             kmod-first_try-0.1.0-1.noarch.rpm\n\
             {of_first}\
             first_try-kmod-common-0.1.0-1.noarch.rpm\nkmod-first_try-0.1.0-1.{release}.x86_64.rpm\n{of_first}\
             /lib/modules/{first}/extra/first_try/first_try.ko.xz\n"
        )
    );
    Ok(())
}

/// As where images are composed: /etc, /var and /boot cannot be written, and another kernel runs.
#[test]
fn the_package_is_installed_where_only_usr_can_be_written() -> Result<()> {
    let root = scratch(fedora::node()?)?;
    let [first, ..] = releases(&root)?;
    offer(&root, &of_kernel(&first)?)?;
    offer(&root, &["/mnt/packages/oximod-kmod-common-*.rpm".into()])?;
    let said = root
        .script("tests/system/scripts/kmod-read-only.sh", &[&first])?
        .ok()?;
    let dir = format!("/usr/lib/modules/{first}");
    for line in said.lines() {
        assert!(
            line.starts_with(&dir)
                || line.starts_with("/usr/lib") && line.contains("oximod")
                || line.starts_with("/usr/share/doc/")
                || line.starts_with("/usr/share/licenses/"),
            "{said}"
        );
    }
    assert!(
        said.contains(&format!("{dir}/extra/oximod/oximod.ko.xz\n")),
        "{said}"
    );
    assert!(said.contains(&format!("{dir}/modules.dep\n")), "{said}");
    Ok(())
}
