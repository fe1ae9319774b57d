// SPDX-License-Identifier: GPL-2.0

//! Debian 13 with stock kernels from trixie-backports, and our packages in it.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    cache,
    progress::step,
    root::{contained, said, Root},
    Result,
};

/// For how many seconds a base is used, and all that is built on it: the archive moves.
const MAX_AGE: u64 = 7 * 24 * 60 * 60;

/// What the packages are built from.
pub const PACKAGED: &[&str] = &[
    "LICENSE",
    "Makefile",
    "debian",
    "dkms-pre-build",
    "dkms.conf",
    "kheaders",
    "modules-load.d",
    "src",
    "sysctl.d",
    "udev",
];

/// The smallest Debian 13 that boots: what everybody has, and no more.
pub fn base() -> Result<Root> {
    cache::sweep()?;
    let age = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / MAX_AGE;
    let key = cache::key([BASE.concat(), age.to_string()]);
    Root::base("base", &key, |path| {
        step("Debian 13", || {
            let output = contained("mmdebstrap")
                .args(BASE)
                .args(apt_options()?)
                .arg("trixie")
                .arg(path)
                .args(mirror()?)
                .output()?;
            said(&output).ok().map(drop)
        })
    })
}

/// mmdebstrap's arguments. The initrd gets what QEMU's machine needs and is as quick to unpack as
/// can be: with the drivers of all machines it takes half a minute.
const BASE: &[&str] = &[
    "--variant=minbase",
    "--include=ca-certificates,dbus,kmod,procps,systemd-sysv,udev",
    "--customize-hook=passwd --root $1 --delete root >/dev/null",
    "--customize-hook=echo oximod > $1/etc/hostname",
    "--customize-hook=echo '/dev/vda / ext4 defaults 0 1' > $1/etc/fstab",
    "--customize-hook=mkdir -p $1/etc/initramfs-tools/conf.d",
    "--customize-hook=printf 'MODULES=list\nCOMPRESS=lz4\n' > $1/etc/initramfs-tools/conf.d/qemu",
    "--customize-hook=printf 'virtio_pci\nvirtio_blk\next4\n' > $1/etc/initramfs-tools/modules",
    "--customize-hook=sed -n 's/ trixie main.*/ trixie-backports main/p' $1/etc/apt/sources.list \
     > $1/etc/apt/sources.list.d/backports.list",
];

/// The archive that this machine's own apt uses for Debian; none: mmdebstrap's default.
fn mirror() -> Result<Option<String>> {
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", "$(SITE)"])
        .args(["Created-By: Packages", "Origin: Debian", "Label: Debian"])
        .output()?;
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .next()
        .map(str::to_owned))
}

/// What this machine's apt has been told about the dates of the archive.
fn apt_options() -> Result<Vec<String>> {
    let output = Command::new("apt-config").arg("dump").output()?;
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .filter(|line| line.starts_with("Acquire::Check-"))
        .map(|line| format!("--aptopt={}", line.trim_end_matches(';')))
        .collect())
}

/// `base` with the stock kernels of [`releases`] and their headers.
pub fn kernels() -> Result<Root> {
    scripted(&base()?, "kernels", "the stock kernels", KERNELS)
}

/// `below` with what a script changes in it.
fn scripted(below: &Root, kind: &str, what: &str, script: &str) -> Result<Root> {
    below.layer(kind, script, |root| {
        step(what, || root.sh(script)?.ok().map(drop))
    })
}

/// Installs the newest kernel of each of the two newest series that trixie-backports has headers
/// for, and writes their releases, the newest first, to /usr/local/share/releases.
const KERNELS: &str = r#"
set -e
apt-get update
apt-cache pkgnames linux-headers- |
	sed -n 's/^linux-headers-\([7-9][0-9.]*+deb13-amd64\)$/\1/p' | sort -rV |
	awk -F. '!seen[$1 "." $2]++' | head -n 2 > /usr/local/share/releases
for release in $(cat /usr/local/share/releases); do
	set -- "$@" linux-image-$release linux-headers-$release
done
apt-get install -y --no-install-recommends -t trixie-backports initramfs-tools lz4 "$@"
rm -rf /var/lib/apt/lists/*
"#;

/// The kernel releases in a root, the newest first.
pub fn releases(root: &Root) -> Result<Vec<String>> {
    let text = root.sh("cat /usr/local/share/releases")?.ok()?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The package with the sources of a kernel release.
pub fn source_package(release: &str) -> String {
    let series: Vec<_> = release.splitn(3, '.').take(2).collect();
    format!("linux-source-{}", series.join("."))
}

/// `base` with what building and checking the packages takes.
pub fn workshop() -> Result<Root> {
    scripted(&base()?, "workshop", "what builds packages", WORKSHOP)
}

const WORKSHOP: &str = r#"
set -e
apt-get update
apt-get install -y --no-install-recommends build-essential debhelper dh-dkms lintian man-db piuparts rustfmt shellcheck
rm -rf /var/lib/apt/lists/*
"#;

/// [`kernels`] with what building the newest of them takes, by gcc or by clang, sources included.
pub fn kernel_workshop() -> Result<Root> {
    scripted(&kernels()?, "forge", "what builds kernels", KERNEL_WORKSHOP)
}

const KERNEL_WORKSHOP: &str = r#"
set -e
series=$(sed -n '1s/^\([0-9]*\.[0-9]*\).*/\1/p' /usr/local/share/releases)
apt-get update
apt-get install -y --no-install-recommends -t trixie-backports libelf-dev linux-source-$series
apt-get install -y --no-install-recommends bc bindgen bison busybox-static clang cpio flex gcc libssl-dev lld llvm make \
	python3 rpm rsync rust-src rustc xz-utils
rm -rf /var/lib/apt/lists/*
"#;

/// `base` with what boots Debian where Secure Boot is on.
pub fn firmware() -> Result<Root> {
    scripted(&base()?, "firmware", "firmware", FIRMWARE)
}

const FIRMWARE: &str = r#"
set -e
apt-get update
apt-get install -y --no-install-recommends grub-efi-amd64-signed ovmf python3-virt-firmware shim-signed
rm -rf /var/lib/apt/lists/*
"#;

/// The version in debian/changelog.
pub fn version() -> Result<String> {
    let changelog = fs::read_to_string(cache::tree().join("debian/changelog"))?;
    let version = changelog
        .split(['(', ')'])
        .nth(1)
        .ok_or("debian/changelog has no version")?;
    Ok(version.to_owned())
}

/// The directory with the packages, their `.changes`, and a `log` of what building them said.
pub fn packages() -> Result<PathBuf> {
    built(&workshop()?, "packages", "the packages", PACKAGED, BUILD)
}

/// How the packages are built.
pub const BUILD: &str = r#"
dpkg-buildpackage --no-sign
rm -r ../oximod
mv ../* /mnt/packages
"#;

/// The directory of the packages that `script` builds in `root` of a copy of `files`, and a `log` of what
/// it said.
pub fn built(root: &Root, kind: &str, what: &str, files: &[&str], script: &str) -> Result<PathBuf> {
    let mut root = root.scratch()?;
    let key = cache::key([root.key(), &cache::key_of_files(files)?, script]);
    cache::once(kind, &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(cache::tree().canonicalize()?, "/mnt/tree");
        root.bind(path, "/mnt/packages");
        step(what, || {
            let log = root
                .sh(&format!(
                    "set -e
                     mkdir -p /tmp/build/oximod
                     cd /mnt/tree
                     cp -r --parents {} /tmp/build/oximod
                     cd /tmp/build/oximod
                     {script}",
                    files.join(" ")
                ))?
                .ok()?;
            Ok(fs::write(path.join("log"), log)?)
        })
    })
}

/// `kernels` with our packages: apt installs them, then the lines are followed by which it tells
/// what else is needed. What was said is in [`INSTALL_LOG`].
pub fn installed() -> Result<Root> {
    let packages = packages()?;
    let kernels = kernels()?;
    let recipe = [INSTALL, &packages.to_string_lossy()].concat();
    kernels.layer("installed", &recipe, |root| {
        root.bind(&packages, "/mnt/packages");
        step(
            "apt install ./oximod-dkms_*.deb ./rust-kheaders_*.deb",
            || root.sh(INSTALL)?.ok().map(drop),
        )
    })
}

/// Where [`installed`] has what apt and DKMS said, with a line `== mended` before what they said
/// once all was there.
pub const INSTALL_LOG: &str = "/usr/local/share/install.log";

const INSTALL: &str = r#"
set -e
log=/usr/local/share/install.log
apt-get update
cd /mnt/packages
apt-get install -y ./oximod-dkms_*.deb ./rust-kheaders_*.deb 2>&1 | tr -d '\r' | tee $log
echo '== mended' >> $log
sed -n 's/^oximod: skipped: .*; to fix: apt install/apt-get install -y/p' $log > /tmp/mend
sh -e /tmp/mend 2>&1 | tr -d '\r' | tee -a $log
rm -rf /var/lib/apt/lists/* /tmp/mend
"#;
