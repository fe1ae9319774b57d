// SPDX-License-Identifier: GPL-2.0

//! Tells what every entry of a directory is and does, so that two modules with the same entries can
//! be compared.
//!
//! Usage: `describe DIRECTORY`. Prints the entry, a call, and what came of it, with tabs between
//! them: the count or the errno, what was read, and each value that the call has changed, of other
//! entries too. Values are put back after each call. Then each entry gets other values, and the
//! others are tried meanwhile. The calls only depend on the names, and on the values at first.
//!
//! Exit codes: 0 told; 1 not all values could be put back; 2 wrong usage.

use std::{
    collections::BTreeSet,
    env,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, Write as _},
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::ExitCode,
};

use programs::page;
use rustix::{
    event::{poll, PollFd, PollFlags, Timespec},
    process::{geteuid, Uid},
    thread::set_thread_res_uid,
};

/// Whoever this is may not administrate anything.
const NOBODY: u32 = 65_534;

/// What is written to every entry, besides what follows from its value.
const WRITES: &[&[u8]] = &[
    // Bounds that entries have, and those of types.
    b"-9223372036854775809",
    b"-9223372036854775808",
    b"-2147483649",
    b"-2147483648",
    b"-1",
    b"-0",
    b"0",
    b"1",
    b"2",
    b"3",
    b"4",
    b"5",
    b"10",
    b"11",
    b"12",
    b"16",
    b"17",
    b"99",
    b"100",
    b"101",
    b"255",
    b"256",
    b"500",
    b"501",
    b"511",
    b"512",
    b"1000",
    b"1001",
    b"4999",
    b"5000",
    b"65535",
    b"65536",
    b"86400",
    b"86401",
    b"360000",
    b"360001",
    b"720000",
    b"720001",
    b"86400000",
    b"86400001",
    b"2147483647",
    b"2147483648",
    b"4294967295",
    b"4294967296",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    // How numbers can be spelled, and how not.
    b"0x1",
    b"0X1F",
    b"01",
    b"017",
    b"08",
    b"0x",
    b"0b1",
    b"+1",
    b"-",
    b"--1",
    b"- 1",
    b"1.5",
    b"1,1",
    b"1e3",
    b"1_000",
    b"00000000000000000001",
    b"000000000000000000001",
    // What can be around them.
    b"1\n",
    b" 1",
    b"\t\n\x0b\x0c\r1 \t\n",
    b"\xa01",
    b"1 ",
    b"1\r\n",
    b"1\0",
    b"1x",
    b"1 x",
    b"1 2",
    b"1\t2\t3",
    b"1 2 3 4",
    b"1 2 x",
    b"1 -2 3",
    b"4096 16384 99999999999",
    // No numbers.
    b"\n",
    b" ",
    b"\0",
    b"x",
    b"y",
    b"true",
    b"on",
    b"\xff",
    // Choices, and almost.
    b"none",
    b"none\n",
    b"none\nsha256",
    b"none\0x",
    b" none",
    b"none ",
    b"non",
    b"nones",
    b"NONE",
    b"sha1",
    b"md5",
    b"sha256",
    b"sha256\n",
    b"sha256x",
    b"sha25",
    b"sha2567890",
];

fn main() -> io::Result<ExitCode> {
    let arguments = Vec::from_iter(env::args().skip(1));
    let [directory] = &arguments[..] else {
        eprintln!("usage: describe DIRECTORY");
        return Ok(ExitCode::from(2));
    };
    let directory = Path::new(directory);
    let mut description = Description::of(directory)?;
    for index in 0..description.entries.len() {
        description.entry(index)?;
    }
    for index in 0..description.entries.len() {
        description.under_another_value(index)?;
    }
    let mut out = io::stdout().lock();
    out.write_all(description.told.as_bytes())?;
    out.flush()?;
    let is_as_before = description.values()? == description.first;
    Ok(ExitCode::from(u8::from(!is_as_before)))
}

struct Entry {
    name: String,
    path: PathBuf,
    file: File,
    is_writable: bool,
}

struct Description {
    entries: Vec<Entry>,
    /// The values before everything.
    first: Vec<Vec<u8>>,
    told: String,
}

/// What a call returned: a count, or an errno.
type Returned = Result<usize, i32>;

fn returned(result: io::Result<usize>) -> Returned {
    result.map_err(|error| error.raw_os_error().unwrap_or(0))
}

fn shown(returned: Returned) -> String {
    match returned {
        Ok(count) => count.to_string(),
        Err(errno) => format!("errno {errno}"),
    }
}

/// As much of it as tells it from others.
fn quoted(data: &[u8]) -> String {
    match data.get(..80) {
        Some(start) if data.len() > 1200 => {
            format!("\"{}\"... {} bytes", start.escape_ascii(), data.len())
        }
        _ => format!("\"{}\"", data.escape_ascii()),
    }
}

impl Description {
    fn of(directory: &Path) -> io::Result<Self> {
        let mut paths = Vec::new();
        collect(directory, &mut paths)?;
        paths.sort();
        let mut entries = Vec::new();
        for path in paths {
            let both = OpenOptions::new().read(true).write(true).open(&path);
            let name = path.strip_prefix(directory).map_err(io::Error::other)?;
            entries.push(Entry {
                name: name.display().to_string(),
                is_writable: both.is_ok(),
                file: both.or_else(|_| File::open(&path))?,
                path,
            });
        }
        let mut description = Self {
            entries,
            first: Vec::new(),
            told: String::new(),
        };
        description.first = description.values()?;
        Ok(description)
    }

    fn values(&self) -> io::Result<Vec<Vec<u8>>> {
        self.entries
            .iter()
            .map(|entry| value(&entry.file))
            .collect()
    }

    fn tell(&mut self, index: usize, call: &str, outcome: &str) {
        let name = &self.entries[index].name;
        let _ = writeln!(self.told, "{name}\t{call}\t{outcome}");
    }

    fn entry(&mut self, index: usize) -> io::Result<()> {
        self.metadata(index)?;
        self.reads(index)?;
        if !self.entries[index].is_writable {
            return Ok(());
        }
        let first = self.first[index].clone();
        for data in WRITES.iter().map(|data| data.to_vec()) {
            self.write(index, &data, 0)?;
        }
        for data in near(&first).into_iter().chain(long()) {
            self.write(index, &data, 0)?;
        }
        for (data, offset) in [
            (&b""[..], 0),
            (b"", 1),
            (b"1", 1),
            (b"x", 1),
            (b"e", 3),
            (b"6", 5),
            (b"1", first.len() as u64 - 1),
            (b"1", first.len() as u64),
            (b"1", 1 << 40),
        ] {
            self.write(index, data, offset)?;
        }
        self.edges(index)?;
        self.positions(index)
    }

    fn metadata(&mut self, index: usize) -> io::Result<()> {
        let Entry { path, file, .. } = &self.entries[index];
        let metadata = file.metadata()?;
        let stat = format!(
            "{:o}, {}:{}, {} bytes",
            metadata.mode(),
            metadata.uid(),
            metadata.gid(),
            metadata.len()
        );
        let chmod = returned(
            file.set_permissions(PermissionsExt::from_mode(0o666))
                .map(|()| 0),
        );
        let mut files = [PollFd::new(file, PollFlags::all())];
        poll(&mut files, Some(&Timespec::default()))?;
        let events = format!("{:x}", files[0].revents().bits());
        let mut opened = String::new();
        let me = geteuid();
        for who in ["myself", "nobody"] {
            if who == "nobody" {
                // Not everybody has one in a namespace of users.
                let nobody = Uid::from_raw(NOBODY);
                if let Err(error) = set_thread_res_uid(None, Some(nobody), None) {
                    let _ = write!(opened, "nobody: errno {}", error.raw_os_error());
                    continue;
                }
            }
            for (how, read, write) in [("r", true, false), ("w", false, true), ("rw", true, true)] {
                let result = OpenOptions::new().read(read).write(write).open(path);
                let result = shown(returned(result.map(|_| 0)));
                let _ = write!(opened, "{who} {how}: {result}; ");
            }
        }
        let _ = set_thread_res_uid(None, Some(me), None);
        self.tell(index, "stat", &stat);
        self.tell(index, "chmod", &shown(chmod));
        self.tell(index, "poll", &events);
        self.tell(index, "open", &opened);
        Ok(())
    }

    fn reads(&mut self, index: usize) -> io::Result<()> {
        let length = self.first[index].len();
        self.tell(index, "value", &quoted(&self.first[index].clone()));
        for (size, offset) in [
            (0, 0),
            (1, 0),
            (2, 0),
            (length - 1, 0),
            (length, 0),
            (length + 1, 0),
            (page(), 0),
            (3 * page(), 0),
            (64, 1),
            (1, length - 1),
            (64, length - 1),
            (64, length),
            (64, 1 << 40),
        ] {
            let mut buffer = vec![0; size];
            let result = returned(self.entries[index].file.read_at(&mut buffer, offset as u64));
            buffer.truncate(result.unwrap_or(0));
            let outcome = format!("{}, {}", shown(result), quoted(&buffer));
            self.tell(index, &format!("pread {size} at {offset}"), &outcome);
        }
        let mut file = File::open(&self.entries[index].path)?;
        let mut outcome = String::new();
        let mut byte = [0];
        while let Ok(1) = file.read(&mut byte) {
            let _ = write!(outcome, "{}", byte.escape_ascii());
        }
        self.tell(index, "read 1 again and again", &outcome);
        Ok(())
    }

    /// Writes, tells what came of it, and puts back what it has changed.
    fn write(&mut self, index: usize, data: &[u8], offset: u64) -> io::Result<()> {
        let before = self.first.clone();
        let returned = returned(self.entries[index].file.write_at(data, offset));
        let outcome = shown(returned) + &self.undo(&before)?;
        let call = format!("pwrite {} at {offset}", quoted(data));
        self.tell(index, &call, &outcome);
        Ok(())
    }

    /// Which entries show something else than `before`, and what.
    fn changes(&self, before: &[Vec<u8>]) -> io::Result<Vec<(usize, Vec<u8>)>> {
        let mut changes = Vec::new();
        for (index, (entry, before)) in self.entries.iter().zip(before).enumerate() {
            let value = value(&entry.file)?;
            if value != *before {
                changes.push((index, value));
            }
        }
        Ok(changes)
    }

    fn described(&self, changes: &[(usize, Vec<u8>)]) -> String {
        let mut text = String::new();
        for (index, value) in changes {
            let name = &self.entries[*index].name;
            let _ = write!(text, ", {name} is {}", quoted(value));
        }
        text
    }

    /// Has the entries show these values again. Returns what they have shown.
    fn undo(&self, before: &[Vec<u8>]) -> io::Result<String> {
        let mut changes = self.changes(before)?;
        let described = self.described(&changes);
        // Some may refuse theirs as long as another does not have its own.
        for _ in 0..3 {
            if changes.is_empty() {
                break;
            }
            for (index, _) in changes {
                let _ = self.entries[index].file.write_at(&before[index], 0);
            }
            changes = self.changes(before)?;
        }
        Ok(described)
    }

    /// Looks for the least and the greatest number that is accepted, starting from the value.
    fn edges(&mut self, index: usize) -> io::Result<()> {
        let Some(first) = number(&self.first[index]) else {
            return Ok(());
        };
        let mut edges = Vec::new();
        for far in [-(1 << 63) - 1, 1 << 64] {
            let (mut inside, mut outside): (i128, i128) = (first, far);
            while (inside - outside).abs() > 1 {
                let middle = (inside + outside) / 2;
                if self.accepts(index, middle)? {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            edges.push(inside);
        }
        let outcome = format!("{} to {}", edges[0], edges[1]);
        self.tell(index, "edges", &outcome);
        Ok(())
    }

    fn accepts(&self, index: usize, number: i128) -> io::Result<bool> {
        let entry = &self.entries[index];
        let result = entry.file.write_at(number.to_string().as_bytes(), 0);
        if result.is_ok() {
            self.undo(&self.first)?;
        }
        Ok(result.is_ok())
    }

    /// Calls that follow each other on one open file.
    fn positions(&mut self, index: usize) -> io::Result<()> {
        let first = self.first[index].clone();
        let calls: [&[&[u8]]; 4] = [
            &[&first, b"x"],
            &[b"x", b"1", b"1"],
            &[b"1 x", b"2"],
            &[b"", b"1", b""],
        ];
        for calls in calls {
            let path = &self.entries[index].path;
            let mut file = OpenOptions::new().write(true).open(path)?;
            for data in calls {
                let before = self.values()?;
                let position = file.stream_position()?;
                let returned = returned(file.write(data));
                let changes = self.described(&self.changes(&before)?);
                let call = format!("write {} at {position}", quoted(data));
                self.tell(index, &call, &(shown(returned) + &changes));
            }
            self.undo(&self.first)?;
        }
        Ok(())
    }

    /// Changes an entry, and tries what it and the others accept then.
    fn under_another_value(&mut self, index: usize) -> io::Result<()> {
        if !self.entries[index].is_writable {
            return Ok(());
        }
        let others: Vec<Vec<u8>> = match number(&self.first[index]) {
            Some(first) => BTreeSet::from([first / 2, first + 1, first + 10_000])
                .into_iter()
                .map(|other| other.to_string().into())
                .collect(),
            None => vec![b"none".to_vec(), b"sha256".to_vec()],
        };
        for other in others {
            let _ = self.entries[index].file.write_at(&other, 0);
            let now = self.values()?;
            if now == self.first {
                continue;
            }
            for (data, offset) in [(&b""[..], 0), (b"1", 1), (b"x", 0)] {
                let returned = returned(self.entries[index].file.write_at(data, offset));
                let outcome = shown(returned) + &self.undo(&now)?;
                let (data, other) = (quoted(data), quoted(&other));
                self.tell(
                    index,
                    &format!("pwrite {data} at {offset} over {other}"),
                    &outcome,
                );
            }
            for tried in 0..self.entries.len() {
                if tried != index && self.entries[tried].is_writable {
                    self.beside(index, &other, tried, &now)?;
                }
            }
            self.undo(&self.first)?;
        }
        Ok(())
    }

    /// Tries what an entry accepts around the value `other` that the entry `index` has now.
    fn beside(
        &mut self,
        index: usize,
        other: &[u8],
        tried: usize,
        now: &[Vec<u8>],
    ) -> io::Result<()> {
        let numbers = number(other).map_or(0..2, |number| number - 1..number + 2);
        let mut outcome = String::new();
        for number in numbers {
            let file = &self.entries[tried].file;
            let returned = returned(file.write_at(number.to_string().as_bytes(), 0));
            let result = shown(returned) + &self.undo(now)?;
            let _ = write!(outcome, "{number}: {result}; ");
        }
        let (name, other) = (&self.entries[index].name, quoted(other));
        let call = format!("pwrite while {name} is {other}");
        self.tell(tried, &call, &outcome);
        Ok(())
    }
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for found in fs::read_dir(directory)? {
        let found = found?;
        if found.file_type()?.is_dir() {
            collect(&found.path(), paths)?;
        } else {
            paths.push(found.path());
        }
    }
    Ok(())
}

/// What a read shows.
fn value(file: &File) -> io::Result<Vec<u8>> {
    let mut value = vec![0; page()];
    let length = file.read_at(&mut value, 0)?;
    value.truncate(length);
    Ok(value)
}

/// The first number, if the text begins with one.
fn number(text: &[u8]) -> Option<i128> {
    let text = std::str::from_utf8(text).ok()?;
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// What follows from a value: the same, cut, twice, and all numbers in it one less and one more.
fn near(value: &[u8]) -> Vec<Vec<u8>> {
    let line = value.strip_suffix(b"\n").unwrap_or(value);
    let mut near = vec![
        value.to_vec(),
        line.to_vec(),
        [line, line].concat(),
        [line, b" ", line].concat(),
    ];
    if number(value).is_some() {
        let text = String::from_utf8_lossy(line);
        for difference in [-1, 1] {
            let numbers = text
                .split_ascii_whitespace()
                .filter_map(|word| word.parse::<i128>().ok());
            let numbers = numbers.map(|number| (number + difference).to_string());
            near.push(Vec::from_iter(numbers).join(" ").into_bytes());
        }
    }
    near
}

/// Writes of a page and more: the kernel looks at a byte less than a page.
fn long() -> Vec<Vec<u8>> {
    let blanks = |count| vec![b' '; count];
    vec![
        [&b"1"[..], &blanks(page() + 900)].concat(),
        [blanks(page() - 2), b"1".to_vec()].concat(),
        [blanks(page() - 2), b"12".to_vec()].concat(),
        [blanks(page() - 1), b"1".to_vec()].concat(),
        vec![b'n'; 5000],
    ]
}
