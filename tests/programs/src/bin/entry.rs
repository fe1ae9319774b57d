// SPDX-License-Identifier: GPL-2.0

//! Reads and writes `/proc/sys/example/atom` in ways that no shell command can.
//!
//! Usage: `entry contract` tries what an entry must answer, by `pread(2)` and `pwrite(2)`, and tells
//! each difference; `entry flip N` writes `flip` N times. Exit code 1: there were differences.

use std::{
    env,
    fmt::Debug,
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{FileExt, MetadataExt, PermissionsExt},
    process::exit,
};

use programs::page;

const ATOM: &str = "/proc/sys/example/atom";

const EPERM: i32 = 1;
const ENOMEM: i32 = 12;
const EINVAL: i32 = 22;

/// What a call returned: a count, or an errno.
type Returned = Result<usize, i32>;

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["contract"] => {
            let mut contract = Contract {
                file: open()?,
                tried: 0,
                differences: 0,
            };
            contract.try_all()?;
            println!(
                "{} tried, {} different",
                contract.tried, contract.differences
            );
            exit((contract.differences != 0).into());
        }
        ["flip", times] => {
            let mut file = open()?;
            for _ in 0..times.parse().expect("a number") {
                // The file position moves with each write, and only one at 0 counts.
                file.write_at(b"flip", 0)?;
            }
            file.flush()
        }
        _ => {
            eprintln!("usage: entry contract | entry flip N");
            exit(2);
        }
    }
}

fn open() -> io::Result<File> {
    OpenOptions::new().read(true).write(true).open(ATOM)
}

fn returned(result: io::Result<usize>) -> Returned {
    result.map_err(|error| error.raw_os_error().unwrap_or(0))
}

struct Contract {
    file: File,
    tried: u32,
    differences: u32,
}

impl Contract {
    fn try_all(&mut self) -> io::Result<()> {
        self.try_metadata()?;
        self.try_accepted();
        self.try_refused();
        self.try_lengths();
        self.try_offsets();
        self.try_reads();
        self.try_positions()
    }

    fn try_metadata(&mut self) -> io::Result<()> {
        let metadata = self.file.metadata()?;
        self.same("mode", metadata.mode(), 0o100644);
        self.same("owner", (metadata.uid(), metadata.gid()), (0, 0));
        let chmod = self.file.set_permissions(PermissionsExt::from_mode(0o666));
        self.same("chmod", returned(chmod.map(|()| 0)), Err(EPERM));
        Ok(())
    }

    fn try_accepted(&mut self) {
        for zero in [
            "0",
            "0\n",
            " 0",
            "00",
            "0x0",
            "0X0",
            "-0",
            "\t\n\x0b\x0c\r0 \t\n",
        ] {
            self.write("1", zero.as_bytes(), Ok(zero.len()), "0");
        }
        for one in [
            "1",
            "1\n",
            " 1 ",
            "01",
            "0x1",
            "0x01",
            "00000000000000000001",
        ] {
            self.write("0", one.as_bytes(), Ok(one.len()), "1");
        }
        self.write("0", b"\xa01", Ok(2), "1");
        for flip in ["flip", "flip\n", " flip\t", "\nflip \r\n"] {
            self.write("0", flip.as_bytes(), Ok(flip.len()), "1");
            self.write("1", flip.as_bytes(), Ok(flip.len()), "0");
        }
    }

    fn try_refused(&mut self) {
        for refused in [
            "2",
            "-1",
            "+1",
            "--1",
            "- 1",
            "-",
            "08",
            "0x",
            "0b1",
            "1.5",
            "1,1",
            "1a",
            "1\0",
            "1\r\n",
            "1\x0b",
            "\0",
            "\n",
            "  ",
            "y",
            "true",
            "flip\0",
            "flip\r\n",
            "flipp",
            "flip1",
            "fli",
            "FLIP",
            "f",
            "1flip",
            "-flip",
            "4294967297",
            "18446744073709551616",
            "000000000000000000001",
            "99999999999999999999999",
        ] {
            for value in ["0", "1"] {
                self.write(value, refused.as_bytes(), Err(EINVAL), value);
            }
        }
        self.write("0", b"1\xa0", Err(EINVAL), "0");
        self.write("0", b"\xff", Err(EINVAL), "0");
    }

    fn try_lengths(&mut self) {
        self.write("1", b"", Ok(0), "1");
        // What follows the first value is not consumed.
        self.write("0", b"1 0", Ok(2), "1");
        self.write("0", b"1 \n x", Ok(4), "1");
        self.write("0", b"flip flip", Ok(5), "1");
        // Only a page less a byte is looked at, and all that follows counts as written.
        let blanks = |count| vec![b' '; count];
        let with = |before: usize, value: &str, after: usize| {
            [blanks(before), value.into(), blanks(after)].concat()
        };
        let page = page();
        let last = page - 2;
        self.write("0", &with(0, "1", page + 900), Ok(page + 901), "1");
        self.write("0", &with(0, "1", last), Ok(page - 1), "1");
        self.write("0", &with(last, "1", 0), Ok(page - 1), "1");
        self.write("0", &with(last, "1", 1), Ok(page), "1");
        self.write("0", &with(last, "12", 0), Ok(page), "1");
        self.write("0", &with(last + 1, "1", 0), Err(EINVAL), "0");
        self.write("0", &with(last - 3, "flip", 0), Ok(page - 1), "1");
        self.write("0", &with(last - 2, "flip", 0), Err(EINVAL), "0");
        self.write("0", &blanks(64 << 20), Err(ENOMEM), "0");
    }

    fn try_offsets(&mut self) {
        for ignored in ["1", "flip", "banana", "\0"] {
            self.prepare("0");
            let result = returned(self.file.write_at(ignored.as_bytes(), 1));
            self.same(
                &format!("pwrite {ignored:?} at 1"),
                result,
                Ok(ignored.len()),
            );
            self.value("after it", "0");
        }
        let result = returned(self.file.write_at(b"", 1));
        self.same("pwrite nothing at 1", result, Ok(0));
    }

    fn try_reads(&mut self) {
        self.prepare("1");
        for (size, offset, expected) in [
            (64, 0, "1\n"),
            (2, 0, "1\n"),
            (1, 0, "1"),
            (0, 0, ""),
            (64, 1, ""),
            (64, 2, ""),
            (64, 1 << 40, ""),
            (1 << 20, 0, "1\n"),
        ] {
            let mut buffer = vec![0; size];
            let result = returned(self.file.read_at(&mut buffer, offset));
            let what = format!("pread {size} at {offset}");
            self.same(&what, result, Ok(expected.len()));
            self.same(&what, &buffer[..expected.len()], expected.as_bytes());
        }
    }

    /// Calls that follow each other on one open file, as `cat` and `dd bs=1` make them.
    fn try_positions(&mut self) -> io::Result<()> {
        self.prepare("0");
        let mut file = open()?;
        self.same("first write", returned(file.write(b"1")), Ok(1));
        self.same("second write", returned(file.write(b"0")), Ok(1));
        self.value("after two writes", "1");

        let mut file = open()?;
        self.same("refused write", returned(file.write(b"x")), Err(EINVAL));
        self.same("write after it", returned(file.write(b"0")), Ok(1));
        self.value("after them", "0");

        let mut file = open()?;
        let mut byte = [0];
        self.same("read of a byte", returned(file.read(&mut byte)), Ok(1));
        self.same("the byte", byte, [b'0']);
        self.same("read of the next", returned(file.read(&mut byte)), Ok(0));
        Ok(())
    }

    /// Sets the bit to `before`, writes `data` at 0, and looks at what that returned and left.
    fn write(&mut self, before: &str, data: &[u8], expected: Returned, after: &str) {
        self.prepare(before);
        let shown = String::from_utf8_lossy(&data[..data.len().min(32)]).into_owned();
        let what = format!("pwrite of {} bytes, {shown:?}, over {before}", data.len());
        let result = returned(self.file.write_at(data, 0));
        self.same(&what, result, expected);
        self.value(&what, after);
    }

    fn prepare(&mut self, value: &str) {
        let result = returned(self.file.write_at(value.as_bytes(), 0));
        self.same("preparation", result, Ok(1));
    }

    fn value(&mut self, what: &str, expected: &str) {
        let mut buffer = [0; 8];
        let result = returned(self.file.read_at(&mut buffer, 0));
        self.same(what, result, Ok(2));
        self.same(what, &buffer[..1], expected.as_bytes());
    }

    fn same<T: PartialEq<U> + Debug, U: Debug>(&mut self, what: &str, found: T, expected: U) {
        self.tried += 1;
        if found != expected {
            self.differences += 1;
            println!("{what}: {found:?}, not {expected:?}");
        }
    }
}
