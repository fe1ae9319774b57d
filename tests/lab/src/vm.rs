// SPDX-License-Identifier: GPL-2.0

//! A machine in QEMU that boots a root's stock kernel and systemd.
//!
//! Commands go to an agent in the guest, and what they say comes back, over a serial line that
//! nothing else writes to. The console only goes to a log.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    mem,
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    cache, debian, fedora, modules,
    progress::step,
    root::{mortal, said, Root, Said},
    secure_boot::Firmware,
    Result,
};

/// How long a guest may take to boot, and a command to answer. TCG takes about a tenth of it.
const PATIENCE: Duration = Duration::from_secs(240);

/// What the kernel says when something is wrong with it.
const REPORTS: &[&str] = &[
    "BUG ",
    "BUG:",
    TRACE,
    "INFO: task",
    "ODEBUG:",
    "Oops",
    "UBSAN:",
    "WARNING:",
    "kernel BUG at",
    "panicked at",
    "unregister_netdevice: waiting",
];

const TRACE: &str = "Call Trace:";

/// Taint flags that an out-of-tree module (12, `O`) with a key that is not enrolled (13, `E`) sets.
const EXPECTED_TAINT: u32 = 1 << 12 | 1 << 13;

/// A disk with our packages installed, and the kernels that boot it.
pub struct Disk {
    dir: PathBuf,
}

impl Disk {
    /// The disk of [`debian::installed`].
    pub fn installed() -> Result<Self> {
        Self::of(&debian::installed()?, "")
    }

    /// The disk of [`fedora::installed`].
    pub fn fedora() -> Result<Self> {
        Self::of(&fedora::installed()?, "-fedora")
    }

    /// The disk of a root, kept under a name of its own.
    pub fn of(root: &Root, suffix: &str) -> Result<Self> {
        let guest = guest_programs()?;
        let recipe = [AGENT, &guest.to_string_lossy()].concat();
        let root = root.layer(&format!("bootable{suffix}"), &recipe, |root| {
            root.bind(&guest, "/mnt/guest");
            root.sh(AGENT)?.ok().map(drop)
        })?;
        let dir = cache::once(&format!("disk{suffix}"), root.key(), |path| {
            fs::create_dir_all(path)?;
            step("the disk", || {
                let mut root = root.scratch()?;
                root.bind(path, "/mnt/disk");
                root.sh("cp /boot/vmlinuz-* /boot/initrd.img-* /mnt/disk")?
                    .ok()?;
                root.scratch()?.image(&path.join("image"), 8192)
            })
        })?;
        Ok(Self { dir })
    }

    /// A machine with the kernel `release`, which is yet to boot. Its files are called `name`.
    pub fn machine(&self, release: &str, name: &str) -> Setup {
        Setup {
            drives: vec![self.dir.join("image")],
            ..Setup::new(
                self.dir.join(format!("vmlinuz-{release}")),
                self.dir.join(format!("initrd.img-{release}")),
                "root=/dev/vda rw quiet",
                name,
            )
        }
    }

    /// Boots `release` with its console on this terminal until it powers off.
    pub fn shell(&self, release: &str) -> Result<()> {
        let setup = self.machine(release, "shell");
        let mut command = setup.qemu()?;
        // The agent has a line too, with nobody at the other end.
        command.args(["-snapshot", "-serial", "mon:stdio", "-serial", "null"]);
        let status = command.status()?;
        if !status.success() {
            return Err(format!("qemu-system-x86_64: {status}").into());
        }
        Ok(())
    }
}

/// What a machine is to be like.
pub struct Setup {
    name: String,
    kernel: PathBuf,
    initrd: PathBuf,
    command_line: String,
    init: &'static str,
    drives: Vec<PathBuf>,
    firmware: Option<Firmware>,
    modules: bool,
    cpus: u32,
    megabytes: u32,
    counts: bool,
}

impl Setup {
    /// A machine without a disk, whose files are called `name`.
    pub fn new(kernel: PathBuf, initrd: PathBuf, command_line: &str, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kernel,
            initrd,
            command_line: command_line.to_owned(),
            init: "",
            drives: Vec::new(),
            firmware: None,
            modules: false,
            cpus: 1,
            megabytes: 1024,
            counts: false,
        }
    }

    /// Booted by firmware instead of by QEMU, with the command line that is kept there.
    pub fn by(mut self, firmware: Firmware) -> Self {
        self.firmware = Some(firmware);
        self
    }

    /// With this many processors instead of one.
    pub fn cpus(mut self, cpus: u32) -> Self {
        self.cpus = cpus;
        self
    }

    /// With this much memory instead of 1024 MB.
    pub fn megabytes(mut self, megabytes: u32) -> Self {
        self.megabytes = megabytes;
        self
    }

    /// With the [`modules`] that tests load, see [`Machine::unpack_modules`].
    pub fn with_modules(mut self) -> Self {
        self.modules = true;
        self
    }

    /// With nothing running but the agent: no systemd, and what it would have loaded and set.
    pub fn bare(mut self) -> Self {
        self.init = " init=/usr/local/bin/agent -- /dev/ttyS1";
        self
    }

    /// With a clock that counts instructions, one a nanosecond, the same in every run.
    pub fn counting(mut self) -> Self {
        self.counts = true;
        self
    }

    /// Boots it. What the guest changes on the disk is forgotten with the machine.
    pub fn boot(self) -> Result<Machine> {
        for attempt in 1.. {
            let mut machine = Machine::start(&self)?;
            match machine.hear_up("to boot") {
                Ok(()) => return Ok(machine),
                // QEMU 7.2 with two processors, about one boot in 90, right after the switch to
                // the clock source tsc.
                Err(_) if attempt < 3 && machine.console().contains("Oops: int3") => {}
                Err(error) => return Err(error),
            }
        }
        unreachable!()
    }

    fn qemu(&self) -> Result<Command> {
        let mut command = mortal("qemu-system-x86_64");
        command
            .args(["-cpu", "max", "-M", "q35"])
            .args(["-m", &self.megabytes.to_string()])
            .args(["-smp", &self.cpus.to_string()])
            .args(["-nodefaults", "-no-user-config", "-display", "none"]);
        let mut kernel = format!("console=ttyS0 panic=-1 {}", self.command_line);
        if self.counts {
            command
                .args(["-accel", "tcg", "-icount", "shift=0,sleep=off"])
                .args(["-rtc", "base=2026-01-01,clock=vm"]);
            kernel += " nokaslr";
        } else {
            command.args(["-accel", "tcg,thread=multi"]);
        }
        let mut drives = self.drives.clone();
        if self.modules {
            drives.push(modules::packed()?);
        }
        for drive in drives {
            command
                .arg("-drive")
                .arg(format!("file={},format=raw,if=virtio", drive.display()));
        }
        if let Some(firmware) = &self.firmware {
            command.args(["-global", "driver=cfi.pflash01,property=secure,value=on"]);
            for drive in firmware.flash() {
                command.args(["-drive", &drive]);
            }
            command.args(["-drive", &firmware.partition()]);
        } else {
            command
                .arg("-kernel")
                .arg(&self.kernel)
                .arg("-initrd")
                .arg(&self.initrd)
                .args(["-append", &(kernel + self.init)]);
        }
        Ok(command)
    }
}

/// Installs the guest's programs, and the agent as a service, into a root that boots. The console
/// logs in root by itself: nobody can reach it but who has started the machine.
const AGENT: &str = r#"
set -e
cp /mnt/guest/* /usr/local/bin/
cat > /etc/systemd/system/agent.service <<EOF
[Unit]
Description=Commands from outside
[Service]
ExecStart=/usr/local/bin/agent /dev/ttyS1
[Install]
WantedBy=multi-user.target
EOF
systemctl enable agent.service
mkdir -p /etc/systemd/system/serial-getty@ttyS0.service.d
cat > /etc/systemd/system/serial-getty@ttyS0.service.d/login.conf <<EOF
[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --keep-baud 115200 - \$TERM
EOF
"#;

/// The directory with the guest's programs, linked statically.
pub fn guest_programs() -> Result<PathBuf> {
    let key = cache::key_of_files(&["tests/programs"])?;
    cache::once("programs", &key, |path| {
        step("the guest's programs", || {
            let target = cache::dir().join("programs-target");
            let output = Command::new("cargo")
                .args([
                    "build",
                    "--release",
                    "--package",
                    "programs",
                    "--target",
                    TARGET,
                ])
                .arg("--target-dir")
                .arg(&target)
                .env("RUSTFLAGS", "-Ctarget-feature=+crt-static")
                .current_dir(cache::tree().join("tests"))
                .output()?;
            said(&output).ok()?;
            fs::create_dir_all(path)?;
            for program in GUEST_PROGRAMS {
                fs::copy(
                    target.join(TARGET).join("release").join(program),
                    path.join(program),
                )?;
            }
            Ok(())
        })
    })
}

const GUEST_PROGRAMS: &[&str] = &[
    "agent", "churn", "compare", "contend", "cost", "entry", "failures", "hostile", "torn",
];

/// Named, so that the flags are not those of build scripts and procedural macros too.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A machine that runs. Dropping it turns it off.
pub struct Machine {
    qemu: Child,
    agent: BufReader<UnixStream>,
    dir: PathBuf,
}

impl Machine {
    fn start(setup: &Setup) -> Result<Self> {
        let dir = cache::dir().join(format!("machine-{}", setup.name));
        cache::remove(&dir)?;
        fs::create_dir_all(&dir)?;
        let socket = dir.join("agent");
        let qemu = setup
            .qemu()?
            .arg("-snapshot")
            .arg("-serial")
            .arg(format!("file:{}", dir.join("console").display()))
            .arg("-serial")
            .arg(format!("unix:{},server=on,wait=off", socket.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.join("qemu"))?)
            .spawn()?;
        let begun = Instant::now();
        let agent = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(_) if begun.elapsed() < Duration::from_secs(20) => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(error) => {
                    return Err(
                        format!("{error}: {}", fs::read_to_string(dir.join("qemu"))?).into(),
                    )
                }
            }
        };
        agent.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            qemu,
            agent: BufReader::new(agent),
            dir,
        })
    }

    /// Runs a shell script in the guest.
    pub fn sh(&mut self, script: &str) -> Result<Said> {
        write!(self.agent.get_mut(), "{}\n{script}", script.len())?;
        self.hear(script)
    }

    /// Runs a shell script in the guest, which must succeed.
    pub fn ok(&mut self, script: &str) -> Result<String> {
        self.sh(script)?
            .ok()
            .map_err(|error| format!("{script}: {error}").into())
    }

    /// Unpacks the modules for the running kernel, and returns the directory that they are in.
    pub fn unpack_modules(&mut self) -> Result<String> {
        let script = "mkdir -p /run/modules && tar -x -m -f /dev/vdb -C /run/modules && printf '/run/modules/%s' $(uname -r)";
        self.ok(script)
    }

    /// Reboots the guest by its own means.
    pub fn reboot(&mut self) -> Result<()> {
        self.ok("systemctl --no-block reboot")?;
        self.hear_up("to reboot")
    }

    /// How long the guest may take for an answer from now on.
    pub fn set_patience(&mut self, patience: Duration) -> Result<()> {
        Ok(self.agent.get_ref().set_read_timeout(Some(patience))?)
    }

    /// Looks for what must not have happened.
    pub fn require_health(&mut self) -> Result<()> {
        self.require_health_but(&[])
    }

    /// Looks for what must not have happened. The traces of `expected` messages may have.
    pub fn require_health_but(&mut self, expected: &[&str]) -> Result<()> {
        let taint: u32 = self.ok("cat /proc/sys/kernel/tainted")?.trim().parse()?;
        let log = self.ok("dmesg")? + &self.console();
        let mut is_expected = false;
        let mut reports = Vec::new();
        for line in log.lines() {
            if expected.iter().any(|message| line.contains(message)) {
                is_expected = true;
            } else if REPORTS.iter().any(|report| line.contains(report))
                && !(mem::take(&mut is_expected) && line.contains(TRACE))
            {
                reports.push(line);
            }
        }
        if !reports.is_empty() {
            return Err(self.blame(&format!("the kernel reports:\n{}", reports.join("\n"))));
        }
        if taint & !EXPECTED_TAINT != 0 {
            return Err(self.blame(&format!("the kernel is tainted: {taint:#x}")));
        }
        Ok(())
    }

    /// What came out of the console so far.
    pub fn console(&self) -> String {
        let bytes = fs::read(self.dir.join("console")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\r', "")
    }

    /// Waits for the agent's answer: the exit code, the length of the text, and the text.
    fn hear(&mut self, what: &str) -> Result<Said> {
        self.try_hear()
            .map_err(|error| self.blame(&format!("no answer ({error}): {what}")))
    }

    /// Waits for the agent to start. Firmware uses its line too, before.
    fn hear_up(&mut self, what: &str) -> Result<()> {
        loop {
            match self.hear_line() {
                Ok(line) if line.ends_with("up\n") => return Ok(()),
                Ok(_) => {}
                Err(error) => return Err(self.blame(&format!("no answer ({error}): {what}"))),
            }
        }
    }

    fn hear_line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.agent.read_line(&mut line)? == 0 {
            return Err("the machine is off".into());
        }
        Ok(line)
    }

    fn try_hear(&mut self) -> Result<Said> {
        let line = self.hear_line()?;
        if line == "up\n" {
            return Err("the machine has started anew".into());
        }
        let mut words = line.split_whitespace();
        let mut number = || -> Result<usize> {
            Ok(words
                .next()
                .ok_or_else(|| format!("no number in {line:?}"))?
                .parse()?)
        };
        let (code, length) = (number()?, number()?);
        let mut text = vec![0; length];
        io::Read::read_exact(&mut self.agent, &mut text)?;
        Ok(Said {
            code: code as i32,
            text: String::from_utf8_lossy(&text).into_owned(),
        })
    }

    /// An error that says where the console's log is.
    fn blame(&self, what: &str) -> Box<dyn std::error::Error + Send + Sync> {
        format!(
            "{what}\nthe console's log is kept: {}",
            self.dir.join("console").display()
        )
        .into()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}
