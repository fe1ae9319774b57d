// SPDX-License-Identifier: GPL-2.0

//! How long to wait for a guest. On a machine that does other work too a guest runs slowly, which is no fault
//! of the guest.

use std::{
    fs,
    io::{self, ErrorKind, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

/// A line to a guest. What is read from it may take as long as `patience` says, not counting the time that
/// QEMU has waited for a processor.
pub(crate) struct Line {
    stream: UnixStream,
    qemu: u32,
    pub(crate) patience: Duration,
}

/// How often the time is looked at.
const TICK: Duration = Duration::from_millis(500);

impl Line {
    pub(crate) fn new(stream: UnixStream, qemu: u32, patience: Duration) -> io::Result<Self> {
        stream.set_read_timeout(Some(TICK))?;
        Ok(Self {
            stream,
            qemu,
            patience,
        })
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let begun = Instant::now();
        let starved_before = starved(self.qemu);
        loop {
            match self.stream.read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
            let starved = starved(self.qemu).saturating_sub(starved_before);
            if is_over(begun.elapsed(), starved, self.patience) {
                return Err(io::Error::other(report(self.patience, starved)));
            }
        }
    }
}

impl Write for Line {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.stream.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn is_over(elapsed: Duration, starved: Duration, patience: Duration) -> bool {
    elapsed.saturating_sub(starved) > patience
}

fn report(patience: Duration, starved: Duration) -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?");
    format!(
        "nothing in {} s, and {} s more in which QEMU waited for a processor; load average {load}",
        patience.as_secs(),
        starved.as_secs()
    )
}

/// For how long the thread of a process that had to wait longest was ready to run and did not. See
/// `schedstat` in the kernel's `Documentation/scheduler/sched-stats.rst`.
fn starved(process: u32) -> Duration {
    let tasks = fs::read_dir(Path::new("/proc").join(process.to_string()).join("task"));
    let delays = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().nth(1)?.parse().ok()
    });
    Duration::from_nanos(delays.max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_starved_guest_gets_longer() {
        let seconds = Duration::from_secs;
        assert!(!is_over(seconds(240), seconds(0), seconds(240)));
        assert!(is_over(seconds(241), seconds(0), seconds(240)));
        assert!(!is_over(seconds(400), seconds(170), seconds(240)));
        assert!(is_over(seconds(400), seconds(150), seconds(240)));
    }

    #[test]
    fn a_thread_that_waits_for_a_processor_is_seen() {
        let before = starved(std::process::id());
        let end = Instant::now() + seconds_of_work();
        let count = std::thread::available_parallelism().map_or(1, usize::from) * 4;
        std::thread::scope(|scope| {
            for _ in 0..count {
                scope.spawn(|| while Instant::now() < end {});
            }
            std::thread::sleep(seconds_of_work() / 2);
            assert!(starved(std::process::id()) > before);
        });
    }

    fn seconds_of_work() -> Duration {
        Duration::from_secs(1)
    }
}
