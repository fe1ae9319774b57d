// SPDX-License-Identifier: GPL-2.0

//! Runs shell scripts that come over a serial line and answers with what they say.
//!
//! Usage: `agent TTY`. A script comes as its length in bytes, a line feed, and itself; the answer is
//! `CODE LENGTH`, a line feed, and standard output and error. A line `up` comes first of all. It can be
//! a machine's init.

use std::{
    env,
    fs::OpenOptions,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

/// What systemd gives to services.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn main() -> io::Result<()> {
    let tty = env::args_os().nth(1).expect("usage: agent TTY");
    // Not in the command's own environment, which would take kernels with Unix sockets.
    env::set_var("PATH", PATH);
    let line = OpenOptions::new().read(true).write(true).open(&tty)?;
    Command::new("stty")
        .args(["raw", "-echo"])
        .stdin(line.try_clone()?)
        .status()?;
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

fn answer(to: &mut impl Write, code: i32, text: &[u8]) -> io::Result<()> {
    let mut message = format!("{code} {}\n", text.len()).into_bytes();
    message.extend_from_slice(text);
    to.write_all(&message)
}
