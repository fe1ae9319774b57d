// SPDX-License-Identifier: GPL-2.0

//! A fleet: a machine that builds finished modules, and a node that has neither a compiler nor DKMS and gets them
//! with its kernels from a repository.

use std::{fs, path::PathBuf};

use crate::{
    cache, debian,
    progress::step,
    root::{Root, APT},
    Result,
};

/// The root that builds: the headers of Debian's own kernel, and of the newest one in the same flavour, are ready for
/// modules in Rust.
pub fn builder() -> Result<Root> {
    let recipe = cache::key_of_files(&["kheaders", BUILDER, APT])?;
    debian::enabled_too()?.layer("fleet-builder", &recipe, |root| {
        step("what builds finished modules", || {
            root.script(BUILDER, &[])?.ok().map(drop)
        })
    })
}

const BUILDER: &str = "tests/lab/scripts/fleet-builder.sh";

/// The kernels that the fleet has, the newest first.
pub fn releases(builder: &Root) -> Result<[String; 2]> {
    let own = debian::releases(builder)?.swap_remove(1);
    let flavour = own.split_once('-').ok_or("a release without a flavour")?.1;
    let newest = debian::newest(&debian::kernels()?)?;
    if !newest.ends_with(flavour) {
        return Err(format!("{newest} and {own} are of two flavours").into());
    }
    Ok([newest, own])
}

/// The directory with a repository for each state of the fleet: `first` has the module for Debian's own kernel, and
/// `second` also the one for the newest. `ca.pem` is what its machines trust, and `unsigned` has packages for the newest
/// that are not signed.
pub fn repositories() -> Result<PathBuf> {
    let mut root = builder()?.scratch()?;
    let packages = debian::packages()?;
    root.bind(&packages, "/mnt/packages");
    let files = [
        "Makefile",
        "debian",
        "kheaders",
        "signing",
        "src",
        REPOSITORIES,
    ];
    let recipe = cache::key_of_files(&files)? + &packages.to_string_lossy();
    cache::once("fleet", &cache::key([root.key(), &recipe]), |path| {
        fs::create_dir_all(path)?;
        root.bind(path, "/mnt/fleet");
        let [newest, own] = releases(&root)?;
        step("packages of finished modules", || {
            root.script(REPOSITORIES, &["/mnt/fleet", &own, &newest])?
                .ok()
                .map(drop)
        })
    })
}

const REPOSITORIES: &str = "tests/lab/scripts/fleet-repositories.sh";

/// A node: a Debian 13 with its own kernel, and the module from the repository.
pub fn node() -> Result<Root> {
    let [_, own] = releases(&builder()?)?;
    follow(&debian::base()?, "node", "node", &own)
}

/// [`node`] after `apt upgrade` has brought the newest kernel and its module.
pub fn upgraded() -> Result<Root> {
    let [newest, _] = releases(&builder()?)?;
    follow(&node()?, "node-upgraded", "upgrade", &newest)
}

fn follow(root: &Root, kind: &str, script: &str, release: &str) -> Result<Root> {
    let repositories = repositories()?;
    let script = format!("tests/lab/scripts/fleet-{script}.sh");
    let recipe = cache::key_of_files(&[&script, APT])? + &repositories.to_string_lossy();
    root.layer(kind, &recipe, |root| {
        root.bind(&repositories, "/mnt/fleet");
        step(format!("the {kind}"), || {
            root.script(&script, &["/mnt/fleet", release])?
                .ok()
                .map(drop)
        })
    })
}
