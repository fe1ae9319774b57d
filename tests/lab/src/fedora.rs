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
    "oximod-kmod.spec",
    "oximod.spec",
    "tests/fuzz/corpus",
    "tests/unit",
];

/// The directory with kernel-devel of the stock kernel: see `fedora-devel.sh`.
fn devel() -> Result<PathBuf> {
    // The metadata is there already.
    let mut root = debian::with_rpm()?.scratch()?;
    let release = debian::newest(&root)?;
    let made_by = cache::key_of_files(&["kheaders", DEVEL])?;
    let key = cache::key([root.key(), &made_by, &release]);
    cache::once("fedora-devel", &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(path, "/mnt/devel");
        step("kernel-devel", || {
            root.script(DEVEL, &["/mnt/devel", &release])?
                .ok()
                .map(drop)
        })
    })
}

const DEVEL: &str = "tests/lab/scripts/fedora-devel.sh";

/// The directory with a kernel of one's own, as RPMs, and its sources: see `own-kernel.sh`.
pub fn own_kernel() -> Result<PathBuf> {
    let mut root = debian::forge()?.scratch()?;
    let key = cache::key([root.key(), &cache::key_of_files(&[OWN])?]);
    cache::once("own-kernel", &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(path, "/mnt/own");
        step("a kernel of one's own", || {
            root.script(OWN, &["/mnt/own"])?.ok().map(drop)
        })
    })
}

const OWN: &str = "tests/lab/scripts/own-kernel.sh";

/// The root, without our packages. `/srv/repository` has what dnf installs.
pub fn system() -> Result<Root> {
    let devel = devel()?;
    let recipe = cache::key_of_files(&[SYSTEM])? + &devel.to_string_lossy();
    debian::kernels()?.layer("fedora", &recipe, |root| {
        root.bind(&devel, "/mnt/devel");
        step("what dnf takes for Fedora", || {
            root.script(SYSTEM, &["/mnt/devel"])?.ok().map(drop)
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
            "dnf install ./oximod-*.rpm ./rust-kheaders-[0-9]*.rpm",
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
    "dnf install -y /mnt/packages/oximod-*.noarch.rpm /mnt/packages/rust-kheaders-[0-9]*.noarch.rpm";

/// `system` where modules are built for the kernel and for another that has come after it, with what dnf has
/// installed of our packages for that: see `fedora-kernels.sh`.
pub fn workshop() -> Result<Root> {
    let packages = packages()?;
    let recipe = cache::key_of_files(&[KERNELS])? + &packages.to_string_lossy();
    system()?.layer("fedora-workshop", &recipe, |root| {
        root.bind(&packages, "/mnt/packages");
        step("what builds finished modules", || {
            root.script(KERNELS, &["/srv/kernels"])?.ok().map(drop)
        })
    })
}

const KERNELS: &str = "tests/lab/scripts/fedora-kernels.sh";

/// The directory with the packages of the finished module for the kernels of [`workshop`], that for akmods, these
/// kernels' own, and a `log`.
pub fn modules() -> Result<PathBuf> {
    let files = [debian::PACKAGED, PACKAGED].concat();
    debian::built(&workshop()?, "kmods", "make modules-rpm", &files, MODULES)
}

/// One for the kernel alone, and then what replaces it when the next kernel has come.
const MODULES: &str = "release=$(head -n 1 /usr/local/share/releases)
    make modules-rpm KVER=$release
    make modules-rpm KVER=\"$(echo $release | sed 's/[-+]/.1&/') $release\"
    make akmod-rpm
    cp out/*.rpm /srv/kernels/*.rpm /srv/repository/x86_64/kernel-core-*.rpm /mnt/packages";

/// `system` as a machine has it that only runs modules: see `fedora-node.sh`.
pub fn node() -> Result<Root> {
    let what = "a machine without compilers";
    system()?.scripted("fedora-node", what, "tests/lab/scripts/fedora-node.sh", &[])
}
