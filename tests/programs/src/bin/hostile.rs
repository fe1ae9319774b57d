// SPDX-License-Identifier: GPL-2.0

//! Writes to `/proc/sys/example/atom` what nobody would, and looks at what that does.
//!
//! Usage: `hostile SEED COUNT` makes COUNT writes that follow from SEED. What is no `flip` must do what it
//! does to the bit that C's `proc_dointvec_minmax()` keeps in the module `reference`. Exit code 1: a
//! write did something else.

use std::{
    env,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    process::exit,
};

use fastrand::Rng;
use programs::page;

const TELLING: &[&[u8]] = &[
    b"0",
    b"1",
    b"0",
    b"1",
    b"flip",
    b"flip",
    b"FLIP",
    b"fli",
    b"-",
    b"+",
    b"0x",
    b"00",
    b"9",
    b" ",
    b" ",
    b"\t",
    b"\n",
    b"\n",
    b"\x0b",
    b"\r",
    b"\0",
    b"\xa0",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x92",
    b"%s%n",
    b"$(reboot)",
    b";",
    b"../",
    b"\x1b[2J",
];

fn main() -> io::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [seed, count] = &arguments[..] else {
        eprintln!("usage: hostile SEED COUNT");
        exit(2);
    };
    let mut rng = Rng::with_seed(seed.parse().expect("a number"));
    let count: u32 = count.parse().expect("a number");
    let open = |path| OpenOptions::new().read(true).write(true).open(path);
    let atom = open("/proc/sys/example/atom")?;
    let reference = open("/proc/sys/twins/c/bit")?;
    let (mut accepted, mut flips, mut wrong) = (0, 0, 0);
    for _ in 0..count {
        let data = data(&mut rng);
        let offset = u64::from(rng.u8(..16) == 0) * rng.u64(..1 << 40);
        let before = value(&atom)?;
        reference.write_at(&before, 0)?;
        let found = (written(&atom, &data, offset), value(&atom)?);
        let is_right = match (offset, flip(&data)) {
            (0, Some(true)) => {
                flips += 1;
                let is_counted =
                    matches!(found.0, Ok(length) if 4 <= length && length <= data.len());
                is_counted && found.1 == [b'0' + b'1' - before[0], b'\n']
            }
            (0, Some(false)) => found.0 == Err(EINVAL) && found.1 == before,
            _ => found == (written(&reference, &data, offset), value(&reference)?),
        };
        accepted += u32::from(found.0.is_ok());
        if !is_right {
            wrong += 1;
            println!(
                "\"{}\" at {offset}, over {}: {found:?}",
                data[..data.len().min(100)].escape_ascii(),
                before.escape_ascii()
            );
        }
    }
    println!("{count} writes, {accepted} accepted, {flips} flips, {wrong} wrong");
    exit((wrong != 0).into());
}

const EINVAL: i32 = 22;

fn written(file: &File, data: &[u8], offset: u64) -> Result<usize, i32> {
    file.write_at(data, offset)
        .map_err(|error| error.raw_os_error().unwrap_or(0))
}

fn value(file: &File) -> io::Result<Vec<u8>> {
    let mut value = vec![0; 64];
    let length = file.read_at(&mut value, 0)?;
    value.truncate(length);
    Ok(value)
}

/// Whether `data` is `flip`, or begins with it and is not; none if it does not begin so.
fn flip(data: &[u8]) -> Option<bool> {
    let data = &data[..data.len().min(page() - 1)];
    let start = data
        .iter()
        .position(|byte| !b" \t\n\x0b\x0c\r\xa0".contains(byte))?;
    let rest = data[start..].strip_prefix(b"flip")?;
    Some(matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n')))
}

fn data(rng: &mut Rng) -> Vec<u8> {
    let mut data = Vec::new();
    match rng.u8(..20) {
        0..6 => bytes(rng, 64, &mut data),
        6 => bytes(rng, 100_000, &mut data),
        7 => data.resize(page() - 16 + rng.usize(..30), b' '),
        _ => {}
    }
    for _ in 0..rng.usize(..6) {
        data.extend(TELLING[rng.usize(..TELLING.len())]);
    }
    if rng.u8(..10) == 0 {
        data.resize(data.len() + rng.usize(..5000), b" \0"[rng.usize(..2)]);
    }
    data
}

fn bytes(rng: &mut Rng, at_most: usize, data: &mut Vec<u8>) {
    data.resize(rng.usize(..at_most), 0);
    rng.fill(data);
}
