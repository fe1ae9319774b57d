// SPDX-License-Identifier: GPL-2.0

//! What is written: values that are nearly right.

use fastrand::Rng;
use programs::page;

use crate::case::{Entry, Kind};

/// About the greatest of every type, and of every entry that has bounds of its own.
const GREATEST: &[u64] = &[
    1 << 7,
    1 << 8,
    1 << 15,
    1 << 16,
    1 << 31,
    1 << 32,
    1 << 63,
    u64::MAX,
    100,
    200,
    1000,
    4_000_000_000,
    // Seconds and milliseconds that are too many jiffies for an int, where HZ is 100, 250 or 1000.
    21_474_836,
    8_589_934,
    2_147_483,
    21_474_836_470,
    8_589_934_588,
];

/// What a write to `entry` is given.
pub fn generate(rng: &mut Rng, entry: &Entry) -> Vec<u8> {
    let mut data = match rng.u8(..100) {
        0..2 => bytes(rng, 24),
        _ => match entry.kind {
            Kind::Numbers(room) => numbers(rng, room),
            Kind::Text(room) => text(rng, room),
            Kind::Bits(bits) => list(rng, bits),
        },
    };
    if rng.u8(..4) == 0 {
        for _ in 0..rng.u8(1..4) {
            mutate(rng, &mut data);
        }
    }
    data
}

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}

fn bytes(rng: &mut Rng, at_most: usize) -> Vec<u8> {
    (0..rng.usize(..at_most)).map(|_| rng.u8(..)).collect()
}

fn mutate(rng: &mut Rng, data: &mut Vec<u8>) {
    const TELLING: &[u8] = b"0179-+xX,. \t\n\x0b\x0c\r\0\xa0af";
    let byte = TELLING[rng.usize(..TELLING.len())];
    let at = rng.usize(..=data.len());
    match rng.u8(..4) {
        0 => data.insert(at, byte),
        _ if at == data.len() => {}
        1 => data[at] = byte,
        2 => data.insert(at, data[at]),
        _ => drop(data.remove(at)),
    }
}

/// How much white space: mostly none, rarely about what is looked at of a write.
fn blanks(rng: &mut Rng) -> Vec<u8> {
    let count = match rng.u8(..200) {
        0..150 => 0,
        150..180 => 1,
        180..190 => rng.usize(2..8),
        190..197 => rng.usize(18..24),
        _ => page() - 8 + rng.usize(..12),
    };
    if count < 8 && rng.u8(..4) == 0 {
        let blanks = b"\t\n\x0b\x0c\r\xa0";
        return (0..count)
            .map(|_| blanks[rng.usize(..blanks.len())])
            .collect();
    }
    vec![b' '; count]
}

fn numbers(rng: &mut Rng, room: usize) -> Vec<u8> {
    const BETWEEN: &[&str] = &[
        " ", " ", " ", "\t", "\t", "\n", "  ", "\x0b", "\r", ",", "\0", "",
    ];
    let count = match rng.u8(..10) {
        0 => rng.usize(..=room + 2),
        1 => room + 1,
        _ => rng.usize(1..=room),
    };
    let mut data = blanks(rng);
    for index in 0..count {
        if index != 0 {
            data.extend(pick(rng, BETWEEN).as_bytes());
        }
        data.extend(number(rng).as_bytes());
    }
    data.extend(
        pick(
            rng,
            &[
                "\n", "\n", "\n", "", "", " ", "\t\n", "\r\n", "\0", " x", "x",
            ],
        )
        .as_bytes(),
    );
    data.extend(blanks(rng));
    data
}

fn number(rng: &mut Rng) -> String {
    const ODD: &[&str] = &[
        "0", "1", "-0", "-1", "-", "--5", "- 5", "+5", "08", "0x", "0x1g", "0b1", "1.5", "7,8",
        "1e3", "y", "true", "00", "-08", "-0x5", "0X1f", "017",
    ];
    let magnitude = match rng.u8(..10) {
        0 => return pick(rng, ODD).to_owned(),
        1..5 => u128::from(rng.u16(..300)),
        5..8 => {
            // One of the greatest, or a neighbour.
            u128::from(GREATEST[rng.usize(..GREATEST.len())]) + rng.u128(..4) - 2
        }
        _ => u128::from(rng.u64(..) >> rng.u8(..64)),
    };
    let sign = pick(rng, &["", "", "", "", "-", "-"]);
    let digits = match rng.u8(..8) {
        0 => format!("0x{magnitude:x}"),
        1 => format!("0X{magnitude:X}"),
        2 => format!("0{magnitude:o}"),
        _ => magnitude.to_string(),
    };
    match rng.u8(..12) {
        // About as long as a number may be.
        0 => format!(
            "{sign}{}{digits}",
            "0".repeat(rng.usize(17..23).saturating_sub(digits.len()))
        ),
        1 => format!(
            "{sign}{digits}{}",
            "1".repeat(rng.usize(17..23).saturating_sub(digits.len()))
        ),
        _ => format!("{sign}{digits}"),
    }
}

fn text(rng: &mut Rng, room: usize) -> Vec<u8> {
    const LETTERS: &[u8] = b"abcdefghij KLMNOP/._-=+0123 \t\r\xa0\xff";
    let length = match rng.u8(..8) {
        0 => room + rng.usize(..4),
        1 => rng.usize(room.saturating_sub(2)..=room),
        2 => rng.usize(..200),
        _ => rng.usize(..=room),
    };
    let mut data: Vec<u8> = (0..length)
        .map(|_| LETTERS[rng.usize(..LETTERS.len())])
        .collect();
    for end in [b'\n', b'\0'] {
        if rng.u8(..6) == 0 {
            data.insert(rng.usize(..=data.len()), end);
        }
    }
    if rng.bool() {
        data.push(b'\n');
    }
    data
}

/// A list; a long one is right up to about where what is looked at of it is cut.
fn list(rng: &mut Rng, bits: usize) -> Vec<u8> {
    let mut data = pick(rng, &["", "", "", "", "\n", "\n\n", " ", ","])
        .as_bytes()
        .to_vec();
    let length = match rng.u8(..30) {
        0 => page() - 16 + rng.usize(..30),
        1 => page() - 6 + rng.usize(..4910),
        _ => rng.usize(..40),
    };
    let is_long = length > 40;
    if is_long {
        data.clear();
    }
    let odd_from = if is_long {
        page() - 36 + rng.usize(..60)
    } else {
        0
    };
    while data.len() < length {
        let is_right = data.len() < odd_from;
        let first = bit(rng, bits);
        let entry = match rng.u8(..16) {
            0..6 => {
                let last = (first + rng.u64(..80)).min(bits as u64 - 1);
                format!("{}-{last}", first.min(last))
            }
            6 if !is_right => format!("{first}-{}", bit(rng, bits)),
            7 if !is_right => number(rng),
            _ => first.to_string(),
        };
        data.extend(entry.as_bytes());
        let between = match rng.u8(..60) {
            0 if !is_right => ",,",
            1 if !is_right => "-",
            2 if !is_right => " ",
            3 if !is_right => "\0",
            4..8 => "\n",
            8..10 => ",\n",
            _ => ",",
        };
        data.extend(between.as_bytes());
    }
    if rng.bool() {
        data.pop();
    }
    let ends = ["", "", "\n", "\n", ",", ",\n", "\0", "-"];
    data.extend(pick(rng, &ends).as_bytes());
    data
}

fn bit(rng: &mut Rng, bits: usize) -> u64 {
    let bits = bits as u64;
    match rng.u8(..24) {
        0 => bits - 1,
        1 if rng.u8(..64) == 0 => bits,
        2 => 63 + rng.u64(..3),
        3 => 0,
        _ => rng.u64(..bits),
    }
}
