// SPDX-License-Identifier: GPL-2.0

//! A root that dnf and dkms take for Fedora, and our packages in it.
//!
//! It is Debian's with its stock kernel. What Fedora calls by another name is an RPM without files
//! that needs the Debian package behind it, and kernel-devel is Fedora's in form: one directory with
//! the Rust metadata.

use std::{fs, path::PathBuf};

use crate::{cache, debian, progress::step, root::Root, Result};

/// What the packages are built from besides what Debian's are, and tested by while they are.
const PACKAGED: &[&str] = &[
    "Makefile",
    "README.md",
    "oximod.spec",
    "tests/fuzz/corpus",
    "tests/unit",
];

/// The directory with the kernels' RPMs: see `fedora-kernels.sh`.
pub fn kernels() -> Result<PathBuf> {
    let release = debian::newest(&debian::kernels()?)?;
    let mut root = debian::forge()?.scratch()?;
    let key = cache::key([root.key(), &cache::key_of_files(&[KERNELS])?, &release]);
    cache::once("rpm-kernels", &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(path, "/mnt/kernels");
        step("kernels as RPMs", || {
            let arguments = ["/mnt/kernels", &release];
            root.script(KERNELS, &arguments)?.ok().map(drop)
        })
    })
}

const KERNELS: &str = "tests/lab/scripts/fedora-kernels.sh";

/// The root, without our packages. `/srv/repository` has what dnf installs.
pub fn system() -> Result<Root> {
    let kernels = kernels()?;
    let recipe = cache::key_of_files(&[SYSTEM])? + &kernels.to_string_lossy();
    debian::kernels()?.layer("fedora", &recipe, |root| {
        root.bind(&kernels, "/mnt/kernels");
        step("what dnf takes for Fedora", || {
            root.script(SYSTEM, &["/mnt/kernels"])?.ok().map(drop)
        })
    })
}

const SYSTEM: &str = "tests/lab/scripts/fedora-system.sh";

/// The directory with the packages, their tarball, and a `log` of what building them said.
pub fn packages() -> Result<PathBuf> {
    let files = [debian::PACKAGED, PACKAGED].concat();
    debian::built(&system()?, "rpms", "make rpm", &files, BUILD)
}

const BUILD: &str = "dnf builddep -y oximod.spec && make rpm && cp out/* /mnt/packages";

/// `system` with our packages, which dnf has installed.
pub fn installed() -> Result<Root> {
    let packages = packages()?;
    let recipe = [INSTALL, &packages.to_string_lossy()].concat();
    system()?.layer("fedora-installed", &recipe, |root| {
        root.bind(&packages, "/mnt/packages");
        step(
            "dnf install ./oximod-dkms-*.rpm ./rust-kheaders-*.rpm",
            || {
                root.sh(&format!("{INSTALL} 2>&1 | tee {INSTALL_LOG}"))?
                    .ok()
                    .map(drop)
            },
        )
    })
}

/// Where [`installed`] has what dnf said.
pub const INSTALL_LOG: &str = "/usr/local/share/install.log";

const INSTALL: &str =
    "dnf install -y /mnt/packages/oximod-dkms-*.noarch.rpm /mnt/packages/rust-kheaders-*.noarch.rpm";
