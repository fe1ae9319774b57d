// SPDX-License-Identifier: GPL-2.0

//! Root file systems: layers of overlayfs, and commands that run in them.
//!
//! Every command sees the tree, read-only, at `/mnt/tree`.

use std::{
    ffi::OsStr,
    fmt, fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{cache, progress::step, Result};

/// A root: read-only layers, the newest first, under one that takes the changes.
pub struct Root {
    lower: Vec<PathBuf>,
    upper: PathBuf,
    binds: Vec<(PathBuf, String)>,
    key: String,
}

/// What scripts that make roots share.
pub(crate) const APT: &str = "tests/lab/scripts/apt.sh";

/// What a command said, and whether it succeeded.
#[derive(Debug)]
pub struct Said {
    /// The exit code; that of a command which a signal ended is 128 and the signal's number.
    pub code: i32,
    /// Standard output and standard error, as they came.
    pub text: String,
}

impl Said {
    /// What was said, if the command succeeded.
    pub fn ok(self) -> Result<String> {
        if self.code == 0 {
            Ok(self.text)
        } else {
            Err(self.to_string().into())
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}:\n{}", self.code, self.text)
    }
}

impl Root {
    /// The layer that `make` puts into the directory that it gets, with nothing below it.
    pub fn base(kind: &str, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let path = cache::once(kind, key, make)?;
        Self::above(vec![path], key.to_owned())
    }

    /// This root and what `make` changes in it, as a layer that is kept. `recipe` stands for what
    /// `make` does.
    pub fn layer(
        &self,
        kind: &str,
        recipe: &str,
        make: impl FnOnce(&mut Root) -> Result<()>,
    ) -> Result<Self> {
        let key = cache::key([&self.key, recipe]);
        let path = cache::once(kind, &key, |path| {
            fs::create_dir_all(path)?;
            let mut changed = Root {
                lower: self.lower.clone(),
                upper: path.to_owned(),
                binds: self.binds.clone(),
                key: key.clone(),
            };
            make(&mut changed)?;
            cache::remove(&changed.work())
        })?;
        let mut lower = vec![path];
        lower.extend_from_slice(&self.lower);
        Self::above(lower, key)
    }

    /// This root and what the script `path` of the tree changes in it, as a layer that is kept. `what` is
    /// shown while it is made.
    pub fn scripted(&self, kind: &str, what: &str, path: &str, arguments: &[&str]) -> Result<Self> {
        let recipe = cache::key_of_files(&[path, APT])? + &arguments.join(" ");
        self.layer(kind, &recipe, |root| {
            step(what, || root.script(path, arguments)?.ok().map(drop))
        })
    }

    /// The same layers under a new one, which is thrown away with the value.
    pub fn scratch(&self) -> Result<Self> {
        Self::above(self.lower.clone(), self.key.clone())
    }

    fn above(lower: Vec<PathBuf>, key: String) -> Result<Self> {
        let mut upper = cache::dir();
        upper.push(format!("scratch-{}", unique()));
        fs::create_dir_all(&upper)?;
        let archives = cache::dir().join("archives");
        fs::create_dir_all(archives.join("partial"))?;
        Ok(Self {
            lower,
            upper,
            binds: vec![
                (archives, "/var/cache/apt/archives".into()),
                ("/etc/resolv.conf".into(), "/etc/resolv.conf".into()),
            ],
            key,
        })
    }

    /// A digest of what the layers were made from.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Lets commands see `outside` at `inside`.
    pub fn bind(&mut self, outside: impl Into<PathBuf>, inside: &str) {
        self.binds.push((outside.into(), inside.to_owned()));
    }

    /// A command that runs in this root.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Result<Command> {
        fs::create_dir_all(self.work())?;
        let lower: Vec<_> = self
            .lower
            .iter()
            .map(|path| path.to_string_lossy())
            .collect();
        let mut command = contained("sh");
        command
            .current_dir(cache::tree())
            .arg("tests/lab/scripts/enter.sh")
            .arg(mount_point()?)
            .arg(format!(
                "lowerdir={},upperdir={},workdir={}",
                lower.join(":"),
                self.upper.display(),
                self.work().display()
            ))
            .arg(self.binds.len().to_string());
        for (outside, inside) in &self.binds {
            command.arg(outside).arg(inside);
        }
        command
            .arg(program)
            .env_clear()
            .env(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )
            .env("APT_CONFIG", "/run/apt.conf")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("HOME", "/root")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs a shell script in this root.
    pub fn sh(&self, script: &str) -> Result<Said> {
        let mut command = self.command("sh")?;
        let output = command
            .arg("-c")
            .arg(format!("exec 2>&1\n{script}"))
            .output()?;
        Ok(said(&output))
    }

    /// Runs the shell script `path` of the tree in this root.
    pub fn script(&self, path: &str, arguments: &[&str]) -> Result<Said> {
        let shell = if fs::read_to_string(cache::tree().join(path))?.starts_with("#!/bin/bash\n") {
            "bash"
        } else {
            "sh"
        };
        let output = self
            .command(shell)?
            .args(["-c", "exec \"$0\" \"$@\" 2>&1", shell])
            .arg(format!("/mnt/tree/{path}"))
            .args(arguments)
            .output()?;
        Ok(said(&output))
    }

    /// Makes an ext4 image of this root at `path`, `megabytes` large and sparse.
    pub fn image(&self, path: &Path, megabytes: u32) -> Result<()> {
        let layers: Vec<_> = std::iter::once(&self.upper)
            .chain(&self.lower)
            .map(|path| path.to_string_lossy())
            .collect();
        let output = contained("sh")
            .arg(cache::tree().join("tests/lab/scripts/image.sh"))
            .arg(mount_point()?)
            .arg(format!("lowerdir={}", layers.join(":")))
            .arg(path)
            .arg(format!("{megabytes}M"))
            .output()?;
        said(&output).ok().map(drop)
    }

    fn work(&self) -> PathBuf {
        let mut work = self.upper.clone().into_os_string();
        work.push(".work");
        work.into()
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        if self
            .upper
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("scratch-"))
        {
            let _ = cache::remove(&self.upper);
            let _ = cache::remove(&self.work());
        }
    }
}

/// A command that is killed when who has started it dies.
pub(crate) fn mortal(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

/// A mortal command in namespaces of its own, which take its mounts, and every process that is left,
/// with them when it ends or is killed.
pub(crate) fn contained(program: &str) -> Command {
    let mut command = mortal("unshare");
    command
        .args(["--mount", "--mount-proc", "--pid", "--fork", "--kill-child"])
        .arg(program);
    command
}

/// Where roots are mounted, each in a namespace of its own.
fn mount_point() -> Result<PathBuf> {
    let path = cache::dir().join("mnt");
    fs::create_dir_all(&path)?;
    Ok(path)
}

/// A name that no other root in this process or another one has.
fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!(
        "{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// What `output` says.
pub fn said(output: &Output) -> Said {
    use std::os::unix::process::ExitStatusExt;
    let status = output.status;
    Said {
        code: status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        text: String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr),
    }
}
