// SPDX-License-Identifier: GPL-2.0

//! Machines with a kernel and nothing else: an initramfs with a shell, the guest's programs and modules. They
//! boot in seconds.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    arch::{Arch, AMD64},
    cache, debian,
    kernel::{self, Kernel},
    programs,
    progress::step,
    root::{said, Root},
    setup::Setup,
    system::System,
    Result,
};

/// The folders with modules: ours, those that authors start from, and those that tests load.
pub const MODULES: &[&str] = &[
    "src",
    "samples",
    "samples/timebomb",
    "tests/modules",
    "tests/modules/tasks",
    "tests/modules/ports",
    "bench",
];

/// A kernel, and an initramfs with modules in `/modules`.
pub struct Bare {
    dir: PathBuf,
    arch: &'static Arch,
}

impl Bare {
    /// The newest stock kernel with all of [`MODULES`], and the kernel's own `test_sysctl.ko` with what
    /// tests it in `/modules/selftests`.
    pub fn newest() -> Result<Self> {
        Self::with("bare", &debian::enabled()?, 0, MODULES)
    }

    /// The stock kernel of the series before with all of [`MODULES`].
    pub fn before() -> Result<Self> {
        Self::with("bare-before", &debian::arrived()?, 1, MODULES)
    }

    /// Debian's own kernel, which has no Rust support, with all of [`MODULES`].
    pub fn own() -> Result<Self> {
        Self::with("bare-own", &debian::enabled_too()?, 1, MODULES)
    }

    /// The kernel of this system, with our modules and those that tests load.
    pub fn of(system: &System) -> Result<Self> {
        let folders = ["src", "samples", "tests/modules"];
        let kind = format!("bare-{}", system.name());
        Self::for_arch(system.arch, &kind, &system.installed()?, 0, &folders)
    }

    /// The newest kernel, and Debian's own: one with Rust support, and one without.
    pub fn both() -> Result<[Self; 2]> {
        Ok([Self::newest()?, Self::own()?])
    }

    /// The newest kernel, the one of the series before, and Debian's own, with all of [`MODULES`].
    pub fn all() -> Result<[Self; 3]> {
        Ok([Self::newest()?, Self::before()?, Self::own()?])
    }

    fn with(kind: &str, root: &Root, which: usize, folders: &[&str]) -> Result<Self> {
        Self::for_arch(&AMD64, kind, root, which, folders)
    }

    fn for_arch(
        arch: &'static Arch,
        kind: &str,
        root: &Root,
        which: usize,
        folders: &[&str],
    ) -> Result<Self> {
        let initramfs = initramfs(arch)?;
        let mut root = root.scratch()?;
        let release = debian::releases(&root)?.swap_remove(which);
        let key = cache::key([
            root.key(),
            &initramfs.to_string_lossy(),
            &cache::key_of_files(folders)?,
            &cache::key_of_files(&["kheaders", BUILD, SELFTESTS, kernel::EXTRACT])?,
        ]);
        let dir = cache::once(kind, &key, |path| {
            fs::create_dir_all(path)?;
            step(format!("modules for {release}"), || {
                root.bind(path, "/mnt/out");
                build(&mut root, path, &release, folders, &initramfs)
            })
        })?;
        Ok(Self { dir, arch })
    }

    /// A kernel with the modules that are built from `folder`, into a directory `dir`. The Kbuild there says
    /// which.
    pub fn from(kernel: Kernel, folder: &Path, dir: &Path) -> Result<Self> {
        let initramfs = initramfs(&AMD64)?;
        let (root, which) = match kernel {
            Kernel::Own => (debian::enabled_too()?, 1),
            Kernel::Backports => (debian::enabled()?, 0),
        };
        let mut root = root.scratch()?;
        let release = debian::releases(&root)?.swap_remove(which);
        root.bind(folder, "/mnt/module");
        root.bind(dir, "/mnt/out");
        root.script(BUILD, &["/mnt/out", &release, "", "/mnt/module"])?
            .ok()?;
        finish(dir, &initramfs)?;
        Ok(Self {
            dir: dir.to_owned(),
            arch: &AMD64,
        })
    }

    /// A machine, which is yet to boot. Its files are called `name`.
    pub fn machine(&self, name: &str) -> Setup {
        self.with_words("quiet", name)
    }

    /// A machine that gives a shell on its console.
    pub fn shell(&self, name: &str) -> Setup {
        self.with_words("quiet shell", name)
    }

    /// A machine whose kernel finds memory as it was left, as in distributions that do not turn
    /// `CONFIG_INIT_ON_ALLOC_DEFAULT_ON` on.
    pub fn with_old_memory(&self, name: &str) -> Setup {
        self.with_words("quiet init_on_alloc=0", name)
    }

    fn with_words(&self, words: &str, name: &str) -> Setup {
        Setup::new(
            self.dir.join("vmlinux"),
            self.dir.join("initrd"),
            words,
            name,
        )
        .arch(self.arch)
    }

    /// The modules, and what size(1) says of them in a file `sizes`.
    pub fn modules(&self) -> PathBuf {
        self.dir.join("modules")
    }
}

const BUILD: &str = "tests/lab/scripts/modules.sh";
const SELFTESTS: &str = "tests/lab/scripts/selftests.sh";

fn build(
    root: &mut Root,
    path: &Path,
    release: &str,
    folders: &[&str],
    initramfs: &Path,
) -> Result<()> {
    let selftests = root.script(SELFTESTS, &[debian::series(release), "/tmp/selftests"])?;
    selftests.ok()?;
    let folders: Vec<_> = folders
        .iter()
        .map(|folder| format!("/mnt/tree/{folder}"))
        .collect();
    let mut arguments = vec!["/mnt/out", release, ""];
    arguments.extend(folders.iter().map(String::as_str));
    arguments.push("/tmp/selftests");
    root.script(BUILD, &arguments)?.ok()?;
    finish(path, initramfs)
}

/// Makes what QEMU boots of what `modules.sh` has made in `dir`.
fn finish(dir: &Path, initramfs: &Path) -> Result<()> {
    kernel::extract(&dir.join("vmlinuz"), dir)?;
    join(initramfs, &dir.join("cpio"), &dir.join("initrd"))
}

/// An initramfs can be several archives; later ones lie over earlier ones.
pub(crate) fn join(below: &Path, above: &Path, initrd: &Path) -> Result<()> {
    let archives = [fs::read(below)?, fs::read(above)?].concat();
    Ok(fs::write(initrd, archives)?)
}

/// The archive with all but the modules: see `initramfs.sh`.
pub(crate) fn initramfs(arch: &Arch) -> Result<PathBuf> {
    const MAKE: &str = "tests/lab/scripts/initramfs.sh";
    let userland = debian::userland(arch)?;
    let programs = programs::built(arch)?;
    let key = cache::key([
        &*userland.to_string_lossy(),
        &*programs.to_string_lossy(),
        &cache::key_of_files(&[MAKE, "tests/lab/src/arch.rs"])?,
    ]);
    let path = cache::once(&format!("initramfs-{}", arch.debian), &key, |path| {
        fs::create_dir_all(path)?;
        let output = Command::new("sh")
            .arg(cache::tree().join(MAKE))
            .args([&userland, &programs])
            .args([arch.machine().console, arch.machine().agent])
            .arg(path.join("cpio"))
            .output()?;
        said(&output).ok().map(drop)
    })?;
    Ok(path.join("cpio"))
}
