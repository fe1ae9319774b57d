// SPDX-License-Identifier: GPL-2.0

//! A machine in QEMU that runs, and commands in it.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    cache,
    health::complaint,
    patience::Line,
    root::{said, Said},
    setup::{Setup, DRIVE},
    Result,
};

/// A machine that runs. Dropping it turns it off.
///
/// Commands go to an agent in the guest, and what they say comes back, over a serial line that nothing else
/// writes to. The console only goes to a log.
pub struct Machine {
    command: Command,
    qemu: Child,
    agent: BufReader<Line>,
    dir: PathBuf,
    /// How much the console had said before the guest was turned on.
    said_before: usize,
}

impl Machine {
    pub(crate) fn start(setup: &Setup, patience: Duration) -> Result<Self> {
        let dir = cache::dir().join(format!("machine-{}", setup.name));
        cache::remove(&dir)?;
        fs::create_dir_all(&dir)?;
        let mut command = setup.qemu(setup.overlay(&dir)?)?;
        command
            // TCG boots far more slowly where another kernel has run before, whose translation it keeps.
            .arg("-no-reboot")
            .arg("-chardev")
            .arg(format!(
                "file,id=console,path={},append=on",
                dir.join("console").display()
            ))
            .args(["-serial", "chardev:console", "-chardev"])
            .arg(format!(
                "socket,id=agent,path={},server=on,wait=off",
                dir.join("agent").display()
            ))
            .args(setup.arch.machine().line)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let (qemu, line) = spawn(&mut command, &dir, patience)?;
        Ok(Self {
            command,
            qemu,
            agent: BufReader::new(line),
            dir,
            said_before: 0,
        })
    }

    /// Turns it on again, after it has turned itself off.
    fn turn_on(&mut self) -> Result<()> {
        self.qemu.wait()?;
        self.said_before = self.console().len();
        let patience = self.agent.get_ref().patience;
        let (qemu, line) = spawn(&mut self.command, &self.dir, patience)?;
        self.qemu = qemu;
        self.agent = BufReader::new(line);
        Ok(())
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

    /// Has the file `outside`, of up to 90 KB, be the file `inside` of the guest.
    pub fn put(&mut self, outside: &Path, inside: &str) -> Result<()> {
        let output = Command::new("base64")
            .arg("--wrap=0")
            .arg(outside)
            .output()?;
        let text = said(&output).ok()?;
        self.ok(&format!("echo {text} | base64 -d > {inside}"))
            .map(drop)
    }

    /// Reboots the guest by its own means.
    pub fn reboot(&mut self) -> Result<()> {
        // The agent is stopped too, and answers first.
        self.ok("{ sleep 0.5; systemctl --no-block reboot; } > /dev/null 2>&1 &")?;
        self.wait_for_reboot()
    }

    /// Waits until the guest has rebooted: first for the end of QEMU, then for the agent.
    pub fn wait_for_reboot(&mut self) -> Result<()> {
        let mut rest = Vec::new();
        match io::Read::read_to_end(&mut self.agent, &mut rest) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {}
            Err(error) => return Err(self.blame(&format!("no end ({error}): to reboot"))),
        }
        self.turn_on()?;
        self.come_up("to reboot")
    }

    /// Waits for the agent. If the guest dies of what TCG does to it now and then, turns it on again.
    pub(crate) fn come_up(&mut self, what: &str) -> Result<()> {
        for attempt in 1.. {
            match self.hear_up(what) {
                Ok(()) => return Ok(()),
                // With two processors, about one boot in 90, right after the switch to the clock
                // source tsc. Most of these say so, and others say nothing for ever.
                Err(_) if attempt < 3 && self.died_of_tcg() => {
                    fs::rename(self.dir.join("console"), self.dir.join("console.died"))?;
                    self.qemu.kill()?;
                    self.turn_on()?;
                }
                Err(error) => return Err(error),
            }
        }
        unreachable!()
    }

    fn died_of_tcg(&self) -> bool {
        let console = self.console();
        let said = console.get(self.said_before..).unwrap_or_default();
        said.contains("Oops: int3") || said.trim().is_empty()
    }

    /// How long the guest may take for an answer from now on.
    pub fn set_patience(&mut self, patience: Duration) {
        self.agent.get_mut().patience = patience;
    }

    /// Looks for what must not have happened.
    pub fn require_health(&mut self) -> Result<()> {
        self.require_health_but(&[])
    }

    /// Looks for what must not have happened. The traces of `expected` messages may have.
    pub fn require_health_but(&mut self, expected: &[&str]) -> Result<()> {
        let taint: u32 = self.ok("cat /proc/sys/kernel/tainted")?.trim().parse()?;
        let log = self.ok("dmesg")? + &self.console();
        match complaint(&log, taint, expected) {
            Some(complaint) => Err(self.blame(&complaint)),
            None => Ok(()),
        }
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
    pub(crate) fn hear_up(&mut self, what: &str) -> Result<()> {
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

/// Starts QEMU and connects to the agent's line.
fn spawn(command: &mut Command, dir: &Path, patience: Duration) -> Result<(Child, Line)> {
    let log = dir.join("qemu");
    let qemu = command.stderr(fs::File::create(&log)?).spawn()?;
    let begun = Instant::now();
    let agent = loop {
        match UnixStream::connect(dir.join("agent")) {
            Ok(stream) => break stream,
            Err(_) if begun.elapsed() < Duration::from_secs(20) => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(format!("{error}: {}", fs::read_to_string(log)?).into()),
        }
    };
    let line = Line::new(agent, qemu.id(), patience)?;
    Ok((qemu, line))
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
        // What the guest has changed on its disk can be large; the logs stay.
        let _ = cache::remove(&self.dir.join(DRIVE));
    }
}
