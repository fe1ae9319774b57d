// SPDX-License-Identifier: GPL-2.0

//! The programs that run in guests, see `tests/programs`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{arch::Arch, cache, debian, progress::step, root::said, Result};

/// The directory with the programs for this architecture, linked statically.
pub fn built(arch: &Arch) -> Result<PathBuf> {
    let key = cache::key_of_files(&["tests/Cargo.lock", "tests/programs", FOREIGN])?;
    cache::once(&format!("programs-{}", arch.debian), &key, |path| {
        fs::create_dir_all(path)?;
        step(format!("the guest's programs for {}", arch.debian), || {
            let target = cache::dir().join("target-programs");
            fs::create_dir_all(&target)?;
            if arch.is_here() {
                build_here(arch, &target)?;
            } else {
                build_elsewhere(arch, &target)?;
            }
            copy_programs(&target.join(arch.machine().rust).join("release"), path)
        })
    })
}

/// The target is named, so that the flags are not those of build scripts and procedural macros too.
const BUILD: &[&str] = &["build", "--locked", "--release", "--package", "programs"];
const STATIC: &str = "-Ctarget-feature=+crt-static";

fn build_here(arch: &Arch, target: &Path) -> Result<()> {
    let output = Command::new("cargo")
        .args(BUILD)
        .args(["--target", arch.machine().rust])
        .arg("--target-dir")
        .arg(target)
        .env("RUSTFLAGS", STATIC)
        .current_dir(cache::tree().join("tests"))
        .output()?;
    said(&output).ok().map(drop)
}

/// In a root with Debian's Rust: this machine's has its own library alone.
fn build_elsewhere(arch: &Arch, target: &Path) -> Result<()> {
    let vendored = format!("vendored-{}", arch.debian);
    let output = Command::new("cargo")
        .args(["vendor", "--quiet", "--locked", "--versioned-dirs"])
        .arg(target.join(&vendored))
        .current_dir(cache::tree().join("tests"))
        .output()?;
    said(&output).ok()?;
    let mut root = debian::base()?.scratch()?;
    root.bind(target, "/mnt/target");
    let vendored = format!("/mnt/target/{vendored}");
    let arguments = [
        arch.debian,
        arch.gnu,
        arch.machine().rust,
        "/mnt/target",
        &vendored,
        STATIC,
    ];
    let arguments = [&arguments, BUILD].concat();
    root.script(FOREIGN, &arguments)?.ok().map(drop)
}

const FOREIGN: &str = "tests/lab/scripts/programs.sh";

/// Copies what cargo has built of `tests/programs/src/bin`: a file or a folder for each program.
fn copy_programs(from: &Path, to: &Path) -> Result<()> {
    for source in fs::read_dir(cache::tree().join("tests/programs/src/bin"))? {
        let source = source?.path();
        let name = source.file_stem().ok_or("a program has no name")?;
        fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}
