// SPDX-License-Identifier: GPL-2.0

//! `make try`: anybody's modules, built for a stock kernel and loaded there, in seconds.

use std::{fs, path::Path, process::Command};

use crate::{bare::Bare, cache, kernel::Kernel, progress::step, root::said, Result};

/// Loads the modules of `folder` and runs `command`. Shows what that says and returns its exit code.
pub fn run(kernel: Kernel, folder: &Path, command: &str) -> Result<u8> {
    let bare = build(kernel, folder)?;
    let mut machine = step("booting", || bare.machine("try").boot())?;
    print!("{}", machine.ok("load")?);
    let said = machine.sh(command)?;
    print!("# {command}\n{}", said.text);
    machine.require_health()?;
    Ok(said.code as u8)
}

/// Loads the modules of `folder` and gives a shell.
pub fn shell(kernel: Kernel, folder: &Path) -> Result<()> {
    let bare = build(kernel, folder)?;
    println!("Booting. 'exit' ends it, and so does Ctrl-A X.");
    bare.shell("try").on_this_terminal()
}

fn build(kernel: Kernel, folder: &Path) -> Result<Bare> {
    if !["Kbuild", "Makefile"]
        .iter()
        .any(|name| folder.join(name).is_file())
    {
        return Err(format!(
            "{} has no Kbuild; to fix: MODULE=DIR, with DIR a folder that kbuild can build",
            folder.display()
        )
        .into());
    }
    let dir = cache::dir().join("try");
    let _lock = cache::lock("try")?;
    cache::remove(&dir)?;
    fs::create_dir_all(&dir)?;
    // Links in it may lead out of it, as those of samples do.
    let copy = dir.join("module");
    let output = Command::new("cp")
        .arg("-rL")
        .arg(folder)
        .arg(&copy)
        .output()?;
    said(&output).ok()?;
    step(format!("building {}", folder.display()), || {
        Bare::from(kernel, &copy, &dir)
    })
}
