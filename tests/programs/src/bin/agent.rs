// SPDX-License-Identifier: GPL-2.0

//! Runs shell scripts that come over a serial line and answers with what they say.
//!
//! Usage: `agent [TTY]`, where TTY is `/dev/ttyS1` unless given. A script comes as its length in bytes, a line
//! feed, and itself. The answer is `CODE LENGTH`, a line feed, and standard output and error. A line `up`
//! comes first of all. The agent can be a machine's init, and all that an initramfs has.

use std::{
    env,
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{self, Command, Stdio},
};

use rustix::{
    mount::{mount, MountFlags},
    termios::{tcgetattr, tcsetattr, OptionalActions},
};

const TTY: &str = "/dev/ttyS1";

/// What systemd gives to services.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn main() -> io::Result<()> {
    let tty = env::args_os().nth(1).unwrap_or_else(|| TTY.into());
    // Not in the command's own environment, which would take kernels with Unix sockets.
    env::set_var("PATH", PATH);
    if process::id() == 1 && !Path::new(&tty).exists() {
        mount_dev()?;
    }
    let line = OpenOptions::new().read(true).write(true).open(&tty)?;
    let mut attributes = tcgetattr(&line)?;
    attributes.make_raw();
    tcsetattr(&line, OptionalActions::Now, &attributes)?;
    let mut answers = line.try_clone()?;
    let mut scripts = BufReader::new(line);

    answers.write_all(b"up\n")?;
    loop {
        let mut length = String::new();
        scripts.read_line(&mut length)?;
        let length = length
            .trim()
            .parse()
            .map_err(|_| io::ErrorKind::InvalidData)?;
        let mut script = vec![0; length];
        scripts.read_exact(&mut script)?;
        let script = String::from_utf8_lossy(&script);
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("exec 2>&1\n{script}"))
            .stdin(Stdio::null())
            .output()?;
        let status = output.status;
        let code = status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        answer(&mut answers, code, &output.stdout)?;
    }
}

/// An initramfs has no devices at first.
fn mount_dev() -> io::Result<()> {
    fs::create_dir_all("/dev")?;
    Ok(mount("dev", "/dev", "devtmpfs", MountFlags::empty(), None)?)
}

fn answer(to: &mut impl Write, code: i32, text: &[u8]) -> io::Result<()> {
    let mut message = format!("{code} {}\n", text.len()).into_bytes();
    message.extend_from_slice(text);
    to.write_all(&message)
}
