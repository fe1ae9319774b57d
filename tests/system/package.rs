// SPDX-License-Identifier: GPL-2.0

//! The Debian packages: as built, and as apt and DKMS install them.

use std::fs;

use lab::{cache, debian, Result};

#[test]
fn lintian_has_nothing_to_say() -> Result<()> {
    let mut root = debian::workshop()?;
    root.bind(debian::packages()?, "/mnt/packages");
    let said = root.sh("lintian --allow-root -EviIL +pedantic /mnt/packages/*.changes")?;
    assert_eq!((said.code, said.text.as_str()), (0, ""));
    Ok(())
}

/// Where, when and with what umask they are built leaves no trace.
#[test]
fn two_builds_give_the_same_bytes() -> Result<()> {
    let mut root = debian::workshop()?.scratch()?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    root.bind(debian::packages()?, "/mnt/packages");
    let files = debian::PACKAGED.join(" ");
    root.sh(&format!(
        "set -e
         build() {{
             mkdir -p $1/oximod
             cd /mnt/tree
             cp -r {files} $1/oximod
             find $1 -exec touch {{}} +
             cd $1/oximod
             dpkg-buildpackage --no-sign
             rm -r $1/oximod
         }}
         build /tmp/one
         umask 077
         export TZ=Asia/Tokyo LC_ALL=C
         sleep 2
         build /tmp/another/place
         cd /tmp/one
         test $(ls *.deb | wc -l) = 2
         for file in *.deb; do
             cmp $file /tmp/another/place/$file
             cmp $file /mnt/packages/$file
         done"
    ))?
    .ok()
    .map(drop)
}

/// Installed with nothing else there, removed and purged, they leave the system as it was.
#[test]
fn piuparts_finds_nothing() -> Result<()> {
    let base = debian::base()?;
    let tar = cache::once("base-tar", base.key(), |path| {
        fs::create_dir_all(path)?;
        let mut base = base.scratch()?;
        base.bind(path, "/mnt/tar");
        base.sh("tar -c -z --one-file-system -C / -f /mnt/tar/base.tar.gz .")?
            .ok()
            .map(drop)
    })?;
    let mut root = debian::workshop()?.scratch()?;
    root.bind(tar, "/mnt/tar");
    root.bind(debian::packages()?, "/mnt/packages");
    let said = root.sh(
        "set -e
         mkdir /srv/repository
         cp /mnt/packages/*.deb /srv/repository
         (cd /srv/repository && dpkg-scanpackages . > Packages)
         unset APT_CONFIG
         piuparts --basetgz /mnt/tar/base.tar.gz --distribution trixie --no-eatmydata \
             --scriptsdir /etc/piuparts/scripts --bindmount /srv/repository \
             --extra-repo 'deb [trusted=yes] file:/srv/repository ./' --apt oximod-dkms rust-kheaders",
    )?;
    let said = said.ok()?;
    assert!(
        said.contains("PASS: Installation and purging test."),
        "{said}"
    );
    Ok(())
}

/// debian/changelog has the version that the others must have.
#[test]
fn versions_agree() -> Result<()> {
    let version = debian::version()?;
    let root = debian::installed()?;
    let read = |path| fs::read_to_string(cache::tree().join(path));
    let spec = read("oximod.spec")?;
    let (_, log) = spec.split_once("%changelog").ok_or("no changelog")?;
    let texts = [
        ("dkms.conf", read("dkms.conf")?, "PACKAGE_VERSION=\"", '"'),
        ("oximod.spec", spec.clone(), "Version:        ", '\n'),
        ("the changelog of oximod.spec", log.into(), "> - ", '-'),
        ("src/oximod.rs", read("src/oximod.rs")?, "version=", '\\'),
        (
            "modinfo",
            root.sh("modinfo /lib/modules/*/updates/dkms/oximod.*")?
                .ok()?,
            "\nversion:        ",
            '\n',
        ),
        ("dkms status", root.sh("dkms status")?.ok()?, "oximod/", ','),
    ];
    let others: Vec<_> = texts
        .iter()
        .map(|(what, text, before, after)| {
            let found = text.split_once(before).map_or("", |(_, rest)| rest);
            (*what, found.split(*after).next().unwrap_or_default())
        })
        .filter(|(_, found)| *found != version)
        .collect();
    assert!(others.is_empty(), "not {version}: {others:?}");
    Ok(())
}

/// What apt says: for each kernel one line that tells what is missing, by name and version. The
/// layer under test was made by doing as they say.
#[test]
fn apt_tells_what_else_is_needed() -> Result<()> {
    let root = debian::installed()?;
    let log = root.sh(&format!("cat {}", debian::INSTALL_LOG))?.ok()?;
    let (before, after) = log.split_once("== mended\n").expect("two parts");
    for release in debian::releases(&root)? {
        let source = root
            .sh(&format!(
                "dpkg-query -W -f '${{Version}}' linux-headers-{release}"
            ))?
            .ok()?;
        let package = debian::source_package(&release);
        let line = format!(
            "oximod: skipped: rust-kheaders: {release}: needs the kernel's sources, {package} {source}; \
             to fix: apt install {package}={source} && dkms autoinstall -k {release}\n"
        );
        assert_eq!(before.matches(&line).count(), 1, "{line}{before}");
        assert!(
            after.contains(&format!(
                "Autoinstall on {release} succeeded for module(s) oximod."
            )),
            "{after}"
        );
        let status = root.sh(&format!("dkms status oximod -k {release}"))?.ok()?;
        assert!(status.ends_with(": installed\n"), "{status}");
    }
    assert_eq!(before.matches("rust-kheaders: ").count(), 2, "{before}");
    Ok(())
}

#[test]
fn no_other_package_is_touched() -> Result<()> {
    let root = debian::installed()?;
    let changed = root.sh(
        "dpkg --verify $(dpkg-query -W -f '${db:Status-Status} ${Package}\\n' |
             sed -nE 's/^installed ((linux-|rust|oximod).*)$/\\1/p')",
    )?;
    assert_eq!(changed.ok()?, "");
    Ok(())
}

/// A kernel that has no Rust support is installed as if we were not there.
#[test]
fn debians_own_kernel_is_skipped() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let said = root
        .sh("apt-get update && apt-get install -y linux-headers-amd64/trixie")?
        .ok()?
        .replace('\r', "");
    let line = "oximod: skipped: rust-kheaders: 6.12.";
    assert!(said.contains(line), "{said}");
    assert!(
        said.contains(": kernels before 7.0 are not supported\n"),
        "{said}"
    );
    assert_eq!(root.sh("dpkg --audit")?.ok()?, "");
    let status = root.sh("dkms status oximod")?.ok()?;
    assert!(!status.contains("6.12."), "{status}");
    Ok(())
}

/// A build that fails for a reason that shows only on the way is skipped too.
#[test]
fn a_build_that_fails_is_skipped() -> Result<()> {
    for (options, line) in [
        ("size=30m", "no space left in /var/cache/rust-kheaders"),
        ("ro", "cannot write to /var/cache/rust-kheaders"),
    ] {
        let root = debian::installed()?.scratch()?;
        let release = &debian::releases(&root)?[0];
        let version = debian::version()?;
        let said = root.sh(&format!(
            "rm -r /var/cache/rust-kheaders
             mount -t tmpfs -o {options} tmpfs /var/cache
             dkms unbuild oximod/{version} -k {release} --force
             dkms autoinstall -k {release}
             code=$?
             cat /var/lib/dkms/oximod/*/build/make.log
             ls /var/cache/rust-kheaders/{release}
             exit $code"
        ))?;
        assert_eq!(said.code, 0, "{said}");
        assert!(
            said.text
                .contains(&format!("Autoinstall on {release} was skipped")),
            "{said}"
        );
        assert!(said.text.contains(line), "{said}");
        assert!(!said.text.contains(".new"), "{said}");
    }
    Ok(())
}

/// Headers whose bindings lack what the module calls.
#[test]
fn bindings_without_sysctl_are_skipped() -> Result<()> {
    let root = debian::installed()?.scratch()?;
    let release = &debian::releases(&root)?[0];
    let said = root.sh(&format!(
        "sed -i s/register_sysctl_sz/register_sysctl_xx/g \
             $(rust-kheaders path {release})/rust/libbindings.rmeta
         /usr/src/oximod-*/dkms-pre-build {release}"
    ))?;
    assert_eq!(said.code, 77, "{said}");
    assert!(said.text.contains("have no register_sysctl_sz"), "{said}");
    Ok(())
}
