// SPDX-License-Identifier: GPL-2.0

//! Debian with stock kernels, and our packages in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    arch::{Arch, AMD64},
    cache,
    progress::step,
    root::{contained, said, Root},
    system::{Suite, CLOUD, TRIXIE},
    Result,
};

/// For how many seconds a base is used, and all that is built on it: the archive moves.
const MAX_AGE: u64 = 7 * 24 * 60 * 60;

/// What the packages are built from.
pub const PACKAGED: &[&str] = &[
    "LICENSE",
    "debian",
    "dkms.conf",
    "docs/examples",
    "kheaders",
    "modules-load.d",
    "signing",
    "src",
    "sysctl.d",
    "udev",
];

/// The smallest Debian 13 that boots: what everybody has, and no more.
pub fn base() -> Result<Root> {
    base_of(&TRIXIE, &AMD64)
}

/// The smallest Debian of this release for this architecture that boots.
pub fn base_of(suite: &Suite, arch: &Arch) -> Result<Root> {
    cache::sweep()?;
    if !arch.is_here() {
        arch.emulate()?;
    }
    let mut arguments = BASE.to_vec();
    if suite.has_backports {
        arguments.push(BACKPORTS);
    }
    let key = cache::key([arguments.concat(), begun()?.to_string()]);
    let kind = format!("base-{}-{}", suite.name, arch.debian);
    Root::base(&kind, &key, |path| {
        step(format!("Debian {} for {}", suite.name, arch.debian), || {
            mmdebstrap(suite, arch, &arguments, path)
        })
    })
}

/// A directory with programs for guests as Debian has them, for this architecture: see `initramfs.sh`.
pub(crate) fn userland(arch: &Arch) -> Result<PathBuf> {
    let key = cache::key([USERLAND.concat(), begun()?.to_string()]);
    cache::once(&format!("userland-{}", arch.debian), &key, |path| {
        mmdebstrap(&TRIXIE, arch, USERLAND, path)
    })
}

/// Nothing of it is run while it is made.
const USERLAND: &[&str] = &[
    "--variant=extract",
    "--include=base-files,bash,busybox-static,coreutils,dash,debianutils,diffutils,findutils,grep",
    "--include=kmod,libc-bin,mawk,mount,perl-base,procps,sed,util-linux",
];

fn mmdebstrap(suite: &Suite, arch: &Arch, arguments: &[&str], path: &Path) -> Result<()> {
    let output = contained("mmdebstrap")
        .arg(format!("--architectures={}", arch.debian))
        // Where it looks for QEMU, nothing is mounted in a namespace of its own.
        .arg("--skip=check/qemu")
        .args(arguments)
        .args(apt_options()?)
        .arg(suite.name)
        .arg(path)
        .args(mirror()?)
        .output()?;
    said(&output).ok().map(drop)
}

/// When the bases that are used now were begun, in seconds since 1970: the same for all of a process.
fn begun() -> Result<u64> {
    static BEGUN: OnceLock<u64> = OnceLock::new();
    if let Some(begun) = BEGUN.get() {
        return Ok(*begun);
    }
    let _lock = cache::lock("begun")?;
    let file = cache::dir().join("begun");
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let kept = fs::read_to_string(&file).ok();
    let kept = kept.and_then(|kept| kept.parse().ok());
    let begun = match kept {
        Some(kept) if now.saturating_sub(kept) < MAX_AGE => kept,
        _ => {
            fs::write(file, now.to_string())?;
            now
        }
    };
    Ok(*BEGUN.get_or_init(|| begun))
}

/// mmdebstrap's arguments. The initrd gets what QEMU's machine needs and is as quick to unpack as
/// can be: with the drivers of all machines it takes half a minute.
const BASE: &[&str] = &[
    "--variant=minbase",
    "--include=ca-certificates,dbus,kmod,procps,systemd-sysv,udev",
    "--customize-hook=passwd --root $1 --delete root >/dev/null",
    "--customize-hook=echo oximod > $1/etc/hostname",
    "--customize-hook=echo '/dev/vda / ext4 defaults 0 0' > $1/etc/fstab",
    "--customize-hook=mkdir -p $1/etc/initramfs-tools/conf.d",
    "--customize-hook=printf 'MODULES=list\nCOMPRESS=lz4\n' > $1/etc/initramfs-tools/conf.d/qemu",
    "--customize-hook=printf 'virtio_pci\nvirtio_blk\next4\n' > $1/etc/initramfs-tools/modules",
];

const BACKPORTS: &str =
    "--customize-hook=sed -n 's/ \\([a-z]*\\) main.*/ \\1-backports main/p' $1/etc/apt/sources.list \
     > $1/etc/apt/sources.list.d/backports.list";

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

/// [`base`] with the newest stock kernel and its headers.
pub fn kernels() -> Result<Root> {
    CLOUD.kernel()
}

/// The kernel releases in a root, the newest first.
pub fn releases(root: &Root) -> Result<Vec<String>> {
    let text = root.sh("cat /usr/local/share/releases")?.ok()?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The newest kernel release in a root.
pub fn newest(root: &Root) -> Result<String> {
    Ok(releases(root)?.swap_remove(0))
}

/// The series that a kernel release belongs to, such as `7.3`.
pub fn series(release: &str) -> &str {
    let mut dots = release.match_indices('.');
    let end = dots.nth(1).map_or(release.len(), |(at, _)| at);
    &release[..end]
}

/// The package with the sources of a kernel release.
pub fn source_package(release: &str) -> String {
    format!("linux-source-{}", series(release))
}

/// `base` with what builds the packages.
pub fn workshop() -> Result<Root> {
    let what = "what builds packages";
    let packages = ["build-essential", "debhelper", "dh-dkms"];
    base()?.scripted("workshop", what, INSTALL_PACKAGES, &packages)
}

/// [`workshop`] with what checks packages.
pub fn checkers() -> Result<Root> {
    let what = "what checks packages";
    let packages = ["lintian", "man-db", "piuparts"];
    workshop()?.scripted("checkers", what, INSTALL_PACKAGES, &packages)
}

/// [`installed`] with what makes RPMs.
pub fn with_rpm() -> Result<Root> {
    installed()?.scripted("with-rpm", "rpm", INSTALL_PACKAGES, &["rpm"])
}

/// `base` with what boots Debian where Secure Boot is on.
pub fn firmware() -> Result<Root> {
    let packages = [
        "grub-efi-amd64-signed",
        "ovmf",
        "python3-virt-firmware",
        "shim-signed",
    ];
    base()?.scripted("firmware", "firmware", INSTALL_PACKAGES, &packages)
}

/// `base` with what keeps keys and signs modules, in files and in a token.
pub fn signers() -> Result<Root> {
    let packages = ["opensc", "openssl", "pkcs11-provider", "softhsm2"];
    base()?.scripted("signers", "what signs modules", INSTALL_PACKAGES, &packages)
}

/// `base` with what autopkgtest takes.
pub fn autopkgtest() -> Result<Root> {
    let packages = ["autodep8", "autopkgtest", "qemu-system-x86", "qemu-utils"];
    base()?.scripted("autopkgtest", "autopkgtest", INSTALL_PACKAGES, &packages)
}

const INSTALL_PACKAGES: &str = "tests/lab/scripts/packages.sh";

/// `base` with what builds modules and kernels: see `forge.sh`.
pub fn forge() -> Result<Root> {
    let what = "what builds modules and kernels";
    base()?.scripted("forge", what, "tests/lab/scripts/forge.sh", &[])
}

/// [`forge`] with what makes, checks and tries patches for the kernel.
pub fn hackers() -> Result<Root> {
    let what = "what tries patches for the kernel";
    let packages = ["git", "qemu-system-x86", "rustfmt"];
    forge()?.scripted("hackers", what, INSTALL_PACKAGES, &packages)
}

/// The newest kernel's sources in a root, a tarball.
pub fn sources(root: &Root) -> Result<String> {
    let package = source_package(&newest(root)?);
    Ok(format!("/usr/src/{package}.tar.xz"))
}

/// [`forge`] with the headers of its newest kernel Rust-enabled, as the author of a module has them.
pub fn enabled() -> Result<Root> {
    enable("enabled", &forge()?, 0)
}

/// [`enabled`] with those of Debian's own kernel, too.
pub fn enabled_too() -> Result<Root> {
    enable("enabled-too", &enabled()?, 1)
}

/// A root with the headers of one of its kernels Rust-enabled.
fn enable(kind: &str, root: &Root, which: usize) -> Result<Root> {
    let release = releases(root)?.swap_remove(which);
    let recipe = cache::key_of_files(&["kheaders"])? + &release;
    root.layer(kind, &recipe, |root| {
        let build = format!("rust-kheaders build {release}");
        step(&build, || {
            root.sh(&format!("/mnt/tree/kheaders/{build}"))?
                .ok()
                .map(drop)
        })
    })
}

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

/// Those that users install, in a root that sees [`packages`] at `/mnt/packages`.
pub const USERS: &str = "/mnt/packages/oximod-*_all.deb /mnt/packages/rust-kheaders_*.deb";

/// How the packages are built.
pub const BUILD: &str = "dpkg-buildpackage --no-sign && rm -r ../oximod && mv ../* /mnt/packages";

/// The directory of the packages that `script` builds in `root` of a copy of `files`, and a `log` of what
/// it said.
pub fn built(root: &Root, kind: &str, what: &str, files: &[&str], script: &str) -> Result<PathBuf> {
    let mut root = root.scratch()?;
    let key = cache::key([root.key(), &cache::key_of_files(files)?, script]);
    cache::once(kind, &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(path, "/mnt/packages");
        step(what, || {
            let files = files.join(" ");
            let copy = "mkdir -p /tmp/build/oximod && cd /mnt/tree && cp -r --parents";
            let log = root
                .sh(&format!(
                    "set -e; {copy} {files} /tmp/build/oximod; cd /tmp/build/oximod; {script}"
                ))?
                .ok()?;
            Ok(fs::write(path.join("log"), log)?)
        })
    })
}

/// [`kernels`] with our packages, as a user installs them.
pub fn installed() -> Result<Root> {
    CLOUD.installed()
}

/// [`installed`] where apt knows the archive.
pub fn informed() -> Result<Root> {
    installed()?.layer("informed", UPDATE, |root| {
        step(UPDATE, || root.sh(UPDATE)?.ok().map(drop))
    })
}

const UPDATE: &str = "apt-get update";

/// Where [`installed`] has what apt and DKMS said, with a line `== followed` before what they said once all
/// was there.
pub const INSTALL_LOG: &str = "/usr/local/share/install.log";

/// [`installed`] with dracut in the place of initramfs-tools.
pub fn dracut() -> Result<Root> {
    installed()?.scripted("dracut", "dracut", "tests/lab/scripts/dracut.sh", &[])
}

/// [`installed`] after another kernel has come by apt: of the series before, and of the flavour that most
/// machines have. What was said is in [`ARRIVAL_LOG`].
pub fn arrived() -> Result<Root> {
    let what = "a second kernel arrives";
    installed()?.scripted("arrived", what, ARRIVE, &["amd64", "2", ARRIVAL_LOG])
}

const ARRIVE: &str = "tests/lab/scripts/arrive.sh";

/// `base` with Debian's own kernel, and with an apt that knows main alone.
pub fn plain() -> Result<Root> {
    base()?.scripted(
        "plain",
        "Debian's own kernel",
        "tests/lab/scripts/own.sh",
        &[],
    )
}

/// [`plain`] with our packages, as a user installs them, with all that is recommended. What was said is in
/// [`INSTALL_LOG`].
pub fn own() -> Result<Root> {
    let packages = packages()?;
    let install = format!("apt-get install -y {USERS} > {INSTALL_LOG} 2>&1");
    plain()?.layer(
        "own",
        &(install.clone() + &packages.to_string_lossy()),
        |root| {
            root.bind(&packages, "/mnt/packages");
            step(
                "apt install ./oximod-*_all.deb ./rust-kheaders_*.deb for Debian's own kernel",
                || root.sh(&install)?.ok().map(drop),
            )
        },
    )
}

/// [`own`] after the newest kernel has come from backports.
pub fn own_and_newest() -> Result<Root> {
    let what = "a kernel of backports arrives";
    own()?.scripted(
        "own-and-newest",
        what,
        ARRIVE,
        &["cloud-amd64", "1", ARRIVAL_LOG],
    )
}

/// [`own`] after the upgrade to another release. What was said is in [`UPGRADE_LOG`].
pub fn upgraded(to: &Suite) -> Result<Root> {
    let kind = format!("upgraded-{}", to.name);
    let what = format!("the upgrade to {}", to.name);
    let script = "tests/lab/scripts/upgrade.sh";
    own()?.scripted(&kind, &what, script, &[to.name, UPGRADE_LOG])
}

/// Where [`upgraded`] has what apt and DKMS said.
pub const UPGRADE_LOG: &str = "/usr/local/share/upgrade.log";

/// Where [`arrived`] has what apt and DKMS said.
pub const ARRIVAL_LOG: &str = "/usr/local/share/arrival.log";
