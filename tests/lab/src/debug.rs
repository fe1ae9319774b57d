// SPDX-License-Identifier: GPL-2.0

//! Kernels that find errors, built from the distribution's sources, and the machines that boot them.

use std::{fs, path::PathBuf};

use crate::{
    arch::AMD64,
    bare, cache,
    debian::{self, series},
    progress::step,
    setup::Setup,
    Result,
};

/// What a kernel is to find.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Errors in the use of memory and of locks; it also has allocations fail.
    Memory,
    /// The same in a kernel of the series that Debian 13 has, without Rust support.
    OwnMemory,
    /// Data races.
    Races,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::OwnMemory => "own-memory",
            Self::Races => "races",
        }
    }

    fn series(self) -> Result<String> {
        Ok(match self {
            Self::Memory | Self::Races => series(&debian::newest(&debian::forge()?)?).to_owned(),
            Self::OwnMemory => "6.12".to_owned(),
        })
    }

    /// The files in `tests/lab/debug` with its options.
    fn configs(self) -> &'static [&'static str] {
        match self {
            Self::Memory => &["base", "rust", "memory"],
            Self::OwnMemory => &["base", "memory"],
            Self::Races => &["base", "rust", "races"],
        }
    }
}

/// A machine with a debug kernel, whose files are called `name`. `/modules` has the modules that tests
/// load.
pub fn machine(kind: Kind, name: &str) -> Result<Setup> {
    let kernel = kernel(kind)?;
    let words = match kind {
        Kind::Memory | Kind::OwnMemory => "kasan_multi_shot kmemleak=on",
        Kind::Races => "",
    };
    let setup = Setup::new(kernel.join("vmlinuz"), initrd(kind)?, words, name);
    Ok(setup.megabytes(2048))
}

/// The directory with a debug kernel, see `debug-kernel.sh`.
fn kernel(kind: Kind) -> Result<PathBuf> {
    const BUILD: &str = "tests/lab/scripts/debug-kernel.sh";
    let configs = kind.configs().iter();
    let configs = Vec::from_iter(configs.map(|name| format!("tests/lab/debug/{name}.config")));
    let series = kind.series()?;
    let mut root = debian::forge()?.scratch()?;
    let files = configs.iter().map(String::as_str).chain([BUILD]);
    let files = Vec::from_iter(files);
    let key = cache::key([root.key(), &series, &cache::key_of_files(&files)?]);
    cache::once(&format!("debug-{}", kind.name()), &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(path, "/mnt/kernel");
        let configs = configs.iter().map(|config| format!("/mnt/tree/{config}"));
        let configs = Vec::from_iter(configs);
        let mut arguments = vec!["/mnt/kernel", &series];
        arguments.extend(configs.iter().map(String::as_str));
        step(format!("the kernel that looks at {}", kind.name()), || {
            root.script(BUILD, &arguments)?.ok().map(drop)
        })
    })
}

/// The modules that the tests on these kernels load.
const MODULES: &[&str] = &["src", "samples", "tests/modules"];

fn initrd(kind: Kind) -> Result<PathBuf> {
    const BUILD: &str = "tests/lab/scripts/modules.sh";
    const INSTRUMENT: &str = "tests/lab/scripts/debug-instrument.sh";
    let kernel = kernel(kind)?;
    let initramfs = bare::initramfs(&AMD64)?;
    let mut root = debian::forge()?.scratch()?;
    let key = cache::key([
        &kernel.to_string_lossy(),
        &initramfs.to_string_lossy(),
        cache::key_of_files(MODULES)?.as_str(),
        cache::key_of_files(&["kheaders", BUILD, INSTRUMENT])?.as_str(),
    ]);
    let path = cache::once(&format!("initramfs-{}", kind.name()), &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(&kernel, "/mnt/kernel");
        root.bind(path, "/mnt/out");
        let release = fs::read_to_string(kernel.join("release"))?;
        if let Kind::OwnMemory = kind {
            let source = format!("/usr/src/linux-source-{}.tar.xz", kind.series()?);
            let build = format!(
                "/mnt/tree/kheaders/rust-kheaders build --linked --source {source} \
                 --headers /mnt/kernel/headers {}",
                release.trim()
            );
            root.sh(&build)?.ok()?;
        }
        let folders = MODULES.iter().map(|folder| format!("/mnt/tree/{folder}"));
        let folders = Vec::from_iter(folders);
        let mut arguments = vec!["/mnt/out", release.trim(), "/mnt/kernel/headers"];
        arguments.extend(folders.iter().map(String::as_str));
        let what = format!("modules for the kernel that looks at {}", kind.name());
        step(what, || root.script(BUILD, &arguments)?.ok())?;
        bare::join(&initramfs, &path.join("cpio"), &path.join("initrd"))
    })?;
    Ok(path.join("initrd"))
}
