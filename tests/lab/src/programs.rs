// SPDX-License-Identifier: GPL-2.0

//! The programs that run in guests, see `tests/programs`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cache, progress::step, root::said, Result};

/// The directory with the programs, linked statically.
pub fn built() -> Result<PathBuf> {
    let key = cache::key_of_files(&["tests/programs"])?;
    cache::once("programs", &key, |path| {
        step("the guest's programs", || {
            let target = cache::dir().join("target-programs");
            let output = Command::new("cargo")
                .args(["build", "--locked", "--release", "--package", "programs"])
                .args(["--target", TARGET])
                .arg("--target-dir")
                .arg(&target)
                .env("RUSTFLAGS", "-Ctarget-feature=+crt-static")
                .current_dir(cache::tree().join("tests"))
                .output()?;
            said(&output).ok()?;
            fs::create_dir_all(path)?;
            copy_programs(&target.join(TARGET).join("release"), path)
        })
    })
}

/// Copies what cargo has built of `tests/programs/src/bin`: a file or a folder for each program.
fn copy_programs(from: &Path, to: &Path) -> Result<()> {
    for source in fs::read_dir(cache::tree().join("tests/programs/src/bin"))? {
        let source = source?.path();
        let name = source.file_stem().ok_or("a program has no name")?;
        fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}

/// Named, so that the flags are not those of build scripts and procedural macros too.
const TARGET: &str = "x86_64-unknown-linux-gnu";
