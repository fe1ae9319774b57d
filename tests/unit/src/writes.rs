// SPDX-License-Identifier: GPL-2.0

//! Writes that are nearly right.

use std::env;

use proptest::{collection::vec, prelude::*, sample::select};

use super::sysctl::WRITE_MAX;

/// How often every property is tested: `PROPTEST_CASES` times, or 100,000 times by default.
pub fn config() -> ProptestConfig {
    let mut config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    if env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 100_000;
    }
    config
}

/// Pieces of numbers, of `flip`, and of the text around them.
const PIECES: &[&str] = &[
    "0",
    "1",
    "2",
    "7",
    "8",
    "9",
    "a",
    "f",
    "g",
    "G",
    "@",
    "/",
    ":",
    "-",
    "+",
    "0x",
    "0X",
    "00",
    "01",
    "flip",
    "fl",
    "x",
    " ",
    "\t",
    "\n",
    "\n\n\n",
    "\r",
    "\x0b",
    "\x0c",
    "\0",
    ",",
    ".",
    "0000000000",
    "000000000000000000",
    "4294967296",
    "18446744073709551615",
];

/// The extremes of all types. [`spelling`] goes one beyond.
pub const EXTREMES: &[i128] = &[
    0,
    i8::MIN as i128,
    i8::MAX as i128,
    u8::MAX as i128,
    i32::MIN as i128,
    i32::MAX as i128,
    u32::MAX as i128,
    i64::MIN as i128,
    i64::MAX as i128,
    u64::MAX as i128,
];

/// Any bytes, mostly [`PIECES`].
pub fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => select(PIECES).prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 1..3),
        1 => Just(vec![0xa0]),
    ];
    vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// How a number is spelled: what is added to it, the base, and how many characters it is padded to
/// with zeros, sometimes about as many as a number may have.
pub type Spelling = (i128, u8, usize);

pub fn spelling() -> impl Strategy<Value = Spelling> {
    let nudge = prop_oneof![6 => Just(0i128), 1 => Just(-1), 1 => Just(1)];
    let width = prop_oneof![4 => Just(0usize), 1 => 17usize..22];
    (nudge, 0u8..8, width)
}

pub fn spell(value: i128, (nudge, base, width): Spelling) -> Vec<u8> {
    let value = value + nudge;
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    let text = match base {
        0 => format!("{sign}0x{size:0width$x}"),
        1 => format!("{sign}0X{size:0width$X}"),
        2 => format!("{sign}0{size:0width$o}"),
        3 => format!("{sign}{size:0width$}"),
        _ => format!("{sign}{size}"),
    };
    text.into_bytes()
}

fn number() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        4 => select(EXTREMES),
        2 => -10i128..300,
        1 => any::<i32>().prop_map(i128::from),
        1 => any::<u64>().prop_map(i128::from),
    ];
    (value, spelling()).prop_map(|(value, spelling)| spell(value, spelling))
}

/// Numbers with blanks between them.
fn row() -> impl Strategy<Value = Vec<u8>> {
    const BLANKS: &[&[u8]] = &[b" ", b"\t", b"\n"];
    const OTHERS: &[&[u8]] = &[
        b"\n\n",
        b" \t",
        b" \x0b",
        b"\t\x0c\r\n",
        b"\n\xa0",
        b"\r",
        b",",
        b"\0",
    ];
    let blank = prop_oneof![4 => select(BLANKS), 1 => select(OTHERS)];
    let end = prop_oneof![Just(&b""[..]), Just(&b"\n"[..]), blank.clone()];
    (vec((number(), blank), 0..5), number(), end).prop_map(|(row, last, end)| {
        let row = row
            .into_iter()
            .map(|(number, blank)| [number, blank.to_vec()].concat());
        [row.collect::<Vec<_>>().concat(), last, end.to_vec()].concat()
    })
}

/// How many bytes come before a text: mostly none, otherwise about as many as are read.
pub fn before() -> impl Strategy<Value = usize> {
    prop_oneof![
        38 => Just(0usize),
        1 => select(vec![1usize, 20, 21]),
        1 => WRITE_MAX - 30..=WRITE_MAX + 1,
    ]
}

/// Writes to numbers.
pub fn numbers() -> impl Strategy<Value = Vec<u8>> {
    let blank = prop_oneof![9 => Just(b' '), 1 => select(&b"\t\n\x0b\x0c\r\xa0"[..])];
    let text = prop_oneof![1 => soup(), 1 => row()];
    (before(), blank, text, before()).prop_map(|(before, blank, text, after)| {
        [vec![blank; before], text, vec![blank; after]].concat()
    })
}
