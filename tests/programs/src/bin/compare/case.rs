// SPDX-License-Identifier: GPL-2.0

//! A case: calls that follow from a seed, made to an entry of C's and to its twin.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
};

use fastrand::Rng;
use programs::{
    filter::{Cgroup, Decision, Filter, Seen},
    page,
};

use crate::value;

/// What an entry holds.
#[derive(Clone, Copy)]
pub enum Kind {
    /// At most so many numbers.
    Numbers(usize),
    /// At most so many bytes.
    Text(usize),
    /// So many bits.
    Bits(usize),
}

/// An entry that both sides have.
pub struct Entry {
    pub name: &'static str,
    pub kind: Kind,
    /// What is written before each case.
    start: &'static str,
}

const fn entry(name: &'static str, kind: Kind, start: &'static str) -> Entry {
    Entry { name, kind, start }
}

/// All of them.
pub const ENTRIES: &[Entry] = &[
    entry("bool", Kind::Numbers(1), "1"),
    entry("int", Kind::Numbers(1), "-42"),
    entry("int_bounded", Kind::Numbers(1), "60"),
    entry("i8", Kind::Numbers(1), "-7"),
    entry("i16", Kind::Numbers(1), "-300"),
    entry("uint", Kind::Numbers(1), "314"),
    entry("uint_bounded", Kind::Numbers(1), "99"),
    entry("u8", Kind::Numbers(1), "58"),
    entry("u8_bounded", Kind::Numbers(1), "58"),
    entry("ulong", Kind::Numbers(1), "1234567890"),
    entry("ulong_bounded", Kind::Numbers(1), "12345"),
    entry("int4", Kind::Numbers(4), "4 -4 1 7"),
    entry("int4_bounded", Kind::Numbers(4), "4 4 -1 1000"),
    entry("ulong_3", Kind::Numbers(3), "1 20 300"),
    entry("seconds", Kind::Numbers(1), "-30"),
    entry("seconds_3", Kind::Numbers(3), "1 20 300"),
    entry("userhz", Kind::Numbers(1), "250"),
    entry("ms", Kind::Numbers(1), "1500"),
    entry("ms_ulong", Kind::Numbers(1), "1500"),
    entry("ms_ulong_bounded", Kind::Numbers(1), "1500"),
    entry("string", Kind::Text(64), "a string to start with"),
    entry("string_small", Kind::Text(7), "start"),
    entry("string_refusing", Kind::Text(7), "start"),
    entry("bitmap", Kind::Bits(65_536), "1,3-5,64,65535"),
    entry("bitmap_small", Kind::Bits(77), "1,3-5,64"),
];

/// A difference that is on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deliberate {
    /// `kernel.sysctl_writes_strict` is 0 or -1, and a write is at an offset other than 0: we do what
    /// C does where it is 1.
    AlwaysStrict,
    /// A vector's write is refused: C keeps the numbers before the refused one, we keep none.
    NothingOfARefusedWrite,
    /// A string that its author wants so refuses what C cuts.
    TooLongIsRefused,
    /// C's handlers for unsigned integers, before 7.3, count all of a write, and leave the position alone.
    OlderUnsigned,
    /// C's handlers for jiffies, before 7.3, round milliseconds down in an `unsigned long`, and do not look for a
    /// minus or for what is too much.
    OlderJiffies,
}

/// Which case it is.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub entry: &'a Entry,
    /// `kernel.sysctl_writes_strict`.
    pub mode: i8,
    pub seed: u64,
    /// A BPF program of this cgroup decides about the calls.
    pub cgroup: Option<&'a Cgroup>,
    /// Whether the kernel is older than 7.3.
    pub is_older: bool,
}

/// What came of a case.
pub struct Report {
    /// How many calls were compared.
    pub calls: u64,
    /// The difference on purpose that has ended the case.
    pub deliberate: Option<Deliberate>,
    /// What differed otherwise.
    pub mismatch: Option<String>,
    /// What the BPF program decided.
    pub decision: Option<Decision>,
}

enum Call {
    Write(Vec<u8>),
    WriteAt(Vec<u8>, u64),
    Read(usize),
    ReadAt(usize, u64),
    Seek(u64),
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(data) => write!(f, "write(\"{}\")", data.escape_ascii()),
            Self::WriteAt(data, offset) => {
                write!(f, "pwrite(\"{}\", {offset})", data.escape_ascii())
            }
            Self::Read(length) => write!(f, "read({length})"),
            Self::ReadAt(length, offset) => write!(f, "pread({length}, {offset})"),
            Self::Seek(offset) => write!(f, "lseek({offset})"),
        }
    }
}

/// What a call did.
#[derive(PartialEq)]
struct Outcome {
    returned: Result<usize, i32>,
    read: Vec<u8>,
    /// The open file's, afterwards.
    position: u64,
    /// What the entry shows afterwards.
    value: Vec<u8>,
    /// What the BPF program saw.
    seen: Option<Seen>,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            returned,
            read,
            position,
            value,
            seen,
        } = self;
        let (read, value) = (read.escape_ascii(), value.escape_ascii());
        write!(
            f,
            "{returned:?}, read \"{read}\", at {position}, value \"{value}\""
        )?;
        let Some(Seen { current, replaced }) = seen else {
            return Ok(());
        };
        let current = current.as_ref().map(|value| value.escape_ascii());
        match current {
            Ok(current) => write!(f, ", seen \"{current}\"")?,
            Err(errno) => write!(f, ", seen {errno}")?,
        }
        replaced.map_or(Ok(()), |returned| write!(f, ", replaced: {returned}"))
    }
}

const EINVAL: i32 = 22;

/// One of the two sides of a case.
struct Side {
    /// The open files that calls are made on.
    files: Vec<File>,
    /// Another, to see the value.
    probe: File,
    value: Vec<u8>,
}

impl Side {
    fn open(directory: &str, entry: &Entry, files: usize) -> io::Result<Self> {
        let path = format!("/proc/sys/twins/{directory}/{}", entry.name);
        let open = || OpenOptions::new().read(true).write(true).open(&path);
        let probe = open()?;
        probe.write_at(entry.start.as_bytes(), 0)?;
        Ok(Self {
            files: (0..files).map(|_| open()).collect::<io::Result<_>>()?,
            value: shown(&probe)?,
            probe,
        })
    }

    fn make(
        &mut self,
        file: usize,
        call: &Call,
        filter: Option<&Filter<'_>>,
    ) -> io::Result<Outcome> {
        let mut file = &self.files[file];
        let mut read = Vec::new();
        if let Some(filter) = filter {
            filter.forget()?;
        }
        let returned = match call {
            Call::Write(data) => file.write(data),
            Call::WriteAt(data, offset) => file.write_at(data, *offset),
            Call::Read(length) => {
                read.resize(*length, 0);
                file.read(&mut read)
            }
            Call::ReadAt(length, offset) => {
                read.resize(*length, 0);
                file.read_at(&mut read, *offset)
            }
            Call::Seek(offset) => file.seek(SeekFrom::Start(*offset)).map(|_| 0),
        };
        let returned = returned.map_err(|error| error.raw_os_error().unwrap_or(0));
        read.truncate(returned.unwrap_or(0));
        let seen = match filter {
            Some(filter) => filter.seen()?,
            None => None,
        };
        if !matches!(call, Call::Seek(_)) {
            self.value = match filter {
                Some(filter) => filtered(&self.probe, filter)?,
                None => shown(&self.probe)?,
            };
        }
        Ok(Outcome {
            returned,
            read,
            position: file.stream_position()?,
            value: self.value.clone(),
            seen,
        })
    }
}

/// The value that a read shows.
fn shown(probe: &File) -> io::Result<Vec<u8>> {
    // Few values are longer.
    for size in [512, 1 << 19] {
        let mut value = vec![0; size];
        let length = probe.read_at(&mut value, 0)?;
        if length < size {
            value.truncate(length);
            return Ok(value);
        }
    }
    Err(io::ErrorKind::FileTooLarge.into())
}

/// The value that a BPF program sees, which must be the one that a read shows: a page of it, if reads do not
/// show it.
fn filtered(probe: &File, filter: &Filter<'_>) -> io::Result<Vec<u8>> {
    filter.forget()?;
    let shown = shown(probe);
    let seen = filter.seen()?.and_then(|seen| seen.current.ok());
    let seen = seen.ok_or_else(|| io::Error::other("the BPF program saw no value"))?;
    if let Decision::Refuse | Decision::Seek(_) = filter.decision() {
        return Ok(seen);
    }
    let shown = shown?;
    if seen != shown[..shown.len().min(page())] {
        let (seen, shown) = (seen.escape_ascii(), shown.escape_ascii());
        return Err(io::Error::other(format!(
            "the BPF program saw \"{seen}\" of \"{shown}\""
        )));
    }
    Ok(shown)
}

impl Case<'_> {
    /// Makes the calls to both sides until something differs. Tells each if `verbose`.
    pub fn run(&self, verbose: bool) -> io::Result<Report> {
        let mut rng = Rng::with_seed(self.seed);
        let files = if rng.u8(..4) == 0 { 2 } else { 1 };
        let mut c = Side::open("c", self.entry, files)?;
        let mut ours = Side::open("rust", self.entry, files)?;
        let filter = match self.cgroup {
            Some(cgroup) => Some(cgroup.attach(&self.decision(&mut rng, c.value.len() as u64))?),
            None => None,
        };
        let filter = filter.as_ref();
        let mut report = Report {
            calls: 0,
            deliberate: None,
            mismatch: None,
            decision: filter.map(|filter| filter.decision().clone()),
        };

        for _ in 0..rng.u8(4..16) {
            let file = rng.usize(..files);
            let call = self.call(&mut rng, c.value.len() as u64);
            let before = c.value.clone();
            let position = (&c.files[file]).stream_position()?;
            let theirs = c.make(file, &call, filter)?;
            let ours = ours.make(file, &call, filter)?;
            report.calls += 1;
            let shown = || {
                let under = report.decision.as_ref();
                let under = under.map_or(String::new(), |decision| format!(", {decision}"));
                format!(
                    "{call} on file {file} at {position}{under}\n  C:    {theirs}\n  ours: {ours}"
                )
            };
            if verbose {
                println!("{}", shown());
            }
            if theirs == ours {
                continue;
            }
            let shown = shown();
            let decision = report.decision.as_ref();
            report.deliberate = self.deliberate(&call, position, before, decision, &theirs, &ours);
            if report.deliberate.is_none() {
                report.mismatch = Some(shown);
            }
            break;
        }
        Ok(report)
    }

    fn decision(&self, rng: &mut Rng, shown: u64) -> Decision {
        match rng.u8(..6) {
            0 => Decision::Allow,
            1 => Decision::Refuse,
            2 => Decision::Seek(offset(rng, shown) as u32),
            _ => {
                let mut new = value::generate(rng, self.entry);
                new.truncate(page());
                if new.is_empty() {
                    new.push(b'\n');
                }
                Decision::Replace(new)
            }
        }
    }

    fn call(&self, rng: &mut Rng, shown: u64) -> Call {
        let write = rng.u8(..10) < 6;
        let at = rng.u8(..10) < 6;
        match (write, at) {
            (true, true) => {
                let offset = if rng.u8(..5) == 0 {
                    offset(rng, shown)
                } else {
                    0
                };
                Call::WriteAt(value::generate(rng, self.entry), offset)
            }
            (true, false) => Call::Write(value::generate(rng, self.entry)),
            (false, true) => {
                let offset = if rng.bool() { offset(rng, shown) } else { 0 };
                Call::ReadAt(length(rng), offset)
            }
            (false, false) if rng.bool() => Call::Read(length(rng)),
            (false, false) => Call::Seek(offset(rng, shown)),
        }
    }

    /// Which difference on purpose this is, if ours did exactly what is documented.
    fn deliberate(
        &self,
        call: &Call,
        position: u64,
        before: Vec<u8>,
        decision: Option<&Decision>,
        theirs: &Outcome,
        ours: &Outcome,
    ) -> Option<Deliberate> {
        let (data, offset, moves) = match call {
            Call::Write(data) => (data, position, true),
            Call::WriteAt(data, offset) => (data, *offset, false),
            _ => return None,
        };
        // What the handlers got.
        let (data, offset) = match decision {
            Some(Decision::Replace(new)) if !data.is_empty() && new.len() < page() => (new, offset),
            Some(Decision::Seek(low)) => (data, offset >> 32 << 32 | u64::from(*low)),
            _ => (data, offset),
        };
        let untouched = |returned, position| Outcome {
            returned,
            read: Vec::new(),
            position,
            value: before.clone(),
            seen: theirs.seen.clone(),
        };
        let moved = if moves {
            position.wrapping_add(data.len() as u64)
        } else {
            position
        };
        let refused = untouched(Err(EINVAL), position);
        let strict = self.mode != 1 && offset != 0;

        let is_unsigned = matches!(
            self.entry.name,
            "uint" | "uint_bounded" | "u8" | "u8_bounded"
        );
        if self.is_older && is_unsigned {
            // Where the handler found the position.
            let start = if moves { offset } else { position };
            let as_c = Outcome {
                value: ours.value.clone(),
                ..untouched(Ok(data.len()), start)
            };
            let is_counted = ours.returned.is_ok_and(|count| {
                let moved = if moves { count as u64 } else { 0 };
                count <= data.len() && ours.position == start + moved
            });
            if *theirs == as_c && is_counted {
                return Some(Deliberate::OlderUnsigned);
            }
        }
        let is_jiffies = matches!(
            self.entry.name,
            "userhz" | "ms" | "ms_ulong" | "ms_ulong_bounded"
        );
        if self.is_older && is_jiffies {
            let is_much = |word: &[u8]| word.len() >= 8;
            let mut words = data.split(|byte| !byte.is_ascii_alphanumeric());
            let is_rounded = self.entry.name.starts_with("ms_ulong");
            if is_rounded || data.contains(&b'-') || words.any(is_much) {
                return Some(Deliberate::OlderJiffies);
            }
        }
        let (difference, documented) = match self.entry.kind {
            Kind::Numbers(_) if strict => {
                (Deliberate::AlwaysStrict, untouched(Ok(data.len()), moved))
            }
            Kind::Numbers(room) if room > 1 && theirs.returned == Err(EINVAL) => {
                (Deliberate::NothingOfARefusedWrite, refused)
            }
            Kind::Text(room) => {
                let old = &before[..before.len() - 1];
                let end = data.iter().position(|byte| matches!(byte, b'\n' | b'\0'));
                let line = &data[..end.unwrap_or(data.len())];
                if offset > old.len() as u64 {
                    (
                        Deliberate::AlwaysStrict,
                        untouched(Ok(data.len()), position),
                    )
                } else if self.entry.name == "string_refusing"
                    && offset as usize + line.len() > room
                {
                    (Deliberate::TooLongIsRefused, refused)
                } else {
                    let mut value = [&old[..offset as usize], line].concat();
                    value.truncate(room);
                    value.push(b'\n');
                    let written = Outcome {
                        value,
                        ..untouched(Ok(data.len()), moved)
                    };
                    (Deliberate::AlwaysStrict, written)
                }
            }
            _ => return None,
        };
        let expected = difference != Deliberate::AlwaysStrict || strict;
        (expected && *ours == documented).then_some(difference)
    }
}

/// An offset that matters where `shown` bytes can be read.
fn offset(rng: &mut Rng, shown: u64) -> u64 {
    match rng.u8(..16) {
        0 => 64,
        1 => page() as u64 - 1,
        2 => page() as u64,
        3 => 1 << 40,
        4 => i64::MAX as u64 - 10,
        5..8 => 0,
        // A string is a byte shorter than what is shown.
        8..11 => (shown + rng.u64(..3)).saturating_sub(2),
        _ => rng.u64(..12),
    }
}

fn length(rng: &mut Rng) -> usize {
    match rng.u8(..32) {
        0 => page(),
        1 => 70_000,
        2..16 => 64,
        _ => rng.usize(..26),
    }
}
