// SPDX-License-Identifier: GPL-2.0

//! A root that dnf and dkms take for Fedora, and our packages in it.
//!
//! It is Debian's with its stock kernel. What Fedora calls by another name is an RPM without files
//! that needs the Debian package behind it, and kernel-devel is Fedora's in form: one directory with
//! the Rust metadata.

use std::{fs, path::PathBuf};

use crate::{cache, debian, progress::step, root::Root, Result};

/// What the packages are built from, and tested by while they are.
const PACKAGED: &[&str] = &[
    "LICENSE",
    "Makefile",
    "README.md",
    "debian/changelog",
    "dkms-pre-build",
    "dkms.conf",
    "kheaders",
    "modules-load.d",
    "oximod.spec",
    "src",
    "sysctl.d",
    "tests/fuzz/corpus",
    "tests/unit",
    "udev",
];

/// The directory with the kernels' RPMs: see `fedora/kernels.sh`.
pub fn kernels() -> Result<PathBuf> {
    let mut root = debian::kernel_workshop()?.scratch()?;
    let key = cache::key([root.key(), KERNELS]);
    cache::once("rpm-kernels", &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(cache::tree().canonicalize()?, "/mnt/tree");
        root.bind(path, "/mnt/kernels");
        step("kernels as RPMs", || {
            root.sh("sh /mnt/tree/tests/lab/scripts/fedora-kernels.sh /mnt/kernels")?
                .ok()
                .map(drop)
        })
    })
}

const KERNELS: &str = include_str!("../scripts/fedora-kernels.sh");

/// The root, without our packages. `/srv/repository` has what dnf installs.
pub fn system() -> Result<Root> {
    let kernels = kernels()?;
    let recipe = [SYSTEM, &kernels.to_string_lossy()].concat();
    debian::kernels()?.layer("fedora", &recipe, |root| {
        root.bind(cache::tree().canonicalize()?, "/mnt/tree");
        root.bind(&kernels, "/mnt/kernels");
        step("what dnf takes for Fedora", || {
            root.sh("sh /mnt/tree/tests/lab/scripts/fedora-system.sh /mnt/kernels")?
                .ok()
                .map(drop)
        })
    })
}

const SYSTEM: &str = include_str!("../scripts/fedora-system.sh");

/// The directory with the packages, their tarball, and a `log` of what building them said.
pub fn packages() -> Result<PathBuf> {
    debian::built(&system()?, "rpms", "make rpm", PACKAGED, BUILD)
}

const BUILD: &str = r#"
dnf builddep -y oximod.spec
make rpm
cp out/* /mnt/packages
"#;

/// `system` with our packages, which dnf has installed.
pub fn installed() -> Result<Root> {
    let packages = packages()?;
    let recipe = [INSTALL, &packages.to_string_lossy()].concat();
    system()?.layer("fedora-installed", &recipe, |root| {
        root.bind(&packages, "/mnt/packages");
        step(
            "dnf install ./oximod-dkms-*.rpm ./rust-kheaders-*.rpm",
            || root.sh(INSTALL)?.ok().map(drop),
        )
    })
}

/// Where [`installed`] has what dnf said.
pub const INSTALL_LOG: &str = "/usr/local/share/install.log";

const INSTALL: &str = r#"
cd /mnt/packages
dnf install -y ./oximod-dkms-*.noarch.rpm ./rust-kheaders-*.noarch.rpm 2>&1 | tee /usr/local/share/install.log
"#;
