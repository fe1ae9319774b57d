// SPDX-License-Identifier: GPL-2.0

//! How QEMU runs a guest: with KVM where that works, else with TCG.
//!
//! A stock kernel does not boot with every `/dev/kvm`, so this is found out by booting it once. What came
//! of it is kept for that QEMU, kernel and processor. `$OXIMOD_ACCEL`, `kvm` or `tcg`, forces either.

use std::{
    env, fs,
    fs::OpenOptions,
    path::{Path, PathBuf},
    process::Command,
    sync::Once,
    time::Duration,
};

use crate::{
    arch::{Arch, AMD64},
    cache, programs,
    progress::show,
    root::said,
    setup::Setup,
    Result,
};

/// What executes the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accel {
    /// The processor.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

/// How long a kernel may take with KVM to its first program. It takes about a second.
const LIMIT: Duration = Duration::from_secs(10);

impl Accel {
    /// What the guest of `kernel` is to run with.
    pub fn of(kernel: &Path, arch: &Arch) -> Result<Self> {
        static TOLD: Once = Once::new();
        if !arch.is_here() {
            return Ok(Self::Tcg);
        }
        let (accel, why) = choose(kernel)?;
        TOLD.call_once(|| show(format!("QEMU runs guests with {accel:?}: {why}")));
        Ok(accel)
    }

    /// QEMU's arguments for it.
    pub(crate) fn arguments(self, arch: &Arch) -> [&'static str; 4] {
        match self {
            Self::Kvm => ["-accel", "kvm", "-cpu", "host"],
            Self::Tcg => [
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                arch.machine().processor,
            ],
        }
    }
}

fn choose(kernel: &Path) -> Result<(Accel, String)> {
    match env::var("OXIMOD_ACCEL").as_deref() {
        Ok("kvm") => return Ok((Accel::Kvm, "OXIMOD_ACCEL says so".into())),
        Ok("tcg") => return Ok((Accel::Tcg, "OXIMOD_ACCEL says so".into())),
        Ok(other) => return Err(format!("OXIMOD_ACCEL is kvm or tcg, not {other:?}").into()),
        Err(_) => {}
    }
    let device = OpenOptions::new().read(true).write(true).open("/dev/kvm");
    if let Err(error) = device {
        return Ok((Accel::Tcg, format!("/dev/kvm: {error}")));
    }
    let kept = kept(kernel)?;
    let _lock = cache::lock("accel")?;
    if !kept.exists() {
        let outcome = Setup::probe(kernel)?.boot_within(LIMIT);
        let text = match outcome {
            Ok(_) => "kvm, this kernel boots with it",
            Err(_) => "tcg, this kernel does not boot with the /dev/kvm of this machine",
        };
        fs::write(&kept, text)?;
    }
    let text = fs::read_to_string(&kept)?;
    let (name, why) = text.split_once(", ").unwrap_or((&text, ""));
    let accel = if name == "kvm" {
        Accel::Kvm
    } else {
        Accel::Tcg
    };
    Ok((accel, format!("{why}; kept in {}", kept.display())))
}

/// The file with what came of the boot of `kernel`.
fn kept(kernel: &Path) -> Result<PathBuf> {
    let qemu = Command::new(AMD64.machine().qemu)
        .arg("--version")
        .output()?;
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let processor = processors
        .lines()
        .find(|line| line.starts_with("model name"));
    let key = cache::key([
        said(&qemu).ok()?.as_bytes(),
        &fs::read(kernel)?,
        processor.unwrap_or_default().as_bytes(),
        fs::read_to_string("/proc/sys/kernel/osrelease")?.as_bytes(),
    ]);
    Ok(cache::dir().join(format!("accel-{key}")))
}

/// An initramfs with nothing in it but the agent.
pub(crate) fn probe_initrd() -> Result<PathBuf> {
    let programs = programs::built(&AMD64)?;
    let key = cache::key([programs.to_string_lossy().as_ref()]);
    let path = cache::once("probe", &key, |path| {
        fs::create_dir_all(path)?;
        fs::copy(programs.join("agent"), path.join("init"))?;
        let pack = "echo init | cpio --quiet -o -H newc > cpio";
        let output = Command::new("sh")
            .args(["-c", pack])
            .current_dir(path)
            .output()?;
        said(&output).ok().map(drop)
    })?;
    Ok(path.join("cpio"))
}
