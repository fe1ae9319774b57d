// SPDX-License-Identifier: GPL-2.0

//! Strings: compared with the model, and by example.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    check,
    sysctl::line::{
        Line,
        TooLong::{self, Cut, Refuse},
        Written::{self, Ignored, Refused},
    },
};

fn writes() -> impl Strategy<Value = Vec<(u64, Vec<u8>)>> {
    let offset = prop_oneof![
        4 => Just(0u64),
        8 => 0u64..10,
        1 => 60u64..70,
        1 => select(vec![4096, u64::from(u32::MAX) + 1, i64::MAX as u64]),
    ];
    let piece = prop_oneof![
        6 => vec(select(&b"abc \t-,0\r\xa0"[..]), 1..5),
        1 => select(vec![b"\n".to_vec(), b"\0".to_vec(), b"\n\n\n".to_vec()]),
        1 => vec(any::<u8>(), 1..3),
    ];
    let long = prop_oneof![
        8 => Just(0usize),
        1 => 55usize..66,
        1 => select(vec![4095usize, 4096]),
    ];
    let data = (long, vec(piece, 1..4))
        .prop_map(|(long, pieces)| [vec![b'l'; long], pieces.concat()].concat());
    vec((offset, data), 1..5)
}

const CHANGED: Written = Written::Stored { has_changed: true };
const SAME: Written = Written::Stored { has_changed: false };

proptest! {
    #![proptest_config(crate::writes::config())]

    #[test]
    fn a_string_is_written_and_read_as_c_does(
        writes in writes(),
        refuse: bool,
        size in prop_oneof![0usize..10, 60usize..70],
    ) {
        let too_long = if refuse { Refuse } else { Cut };
        check::line::<0>(&writes, too_long, size);
        check::line::<1>(&writes, too_long, size);
        check::line::<7>(&writes, too_long, size);
        check::line::<64>(&writes, too_long, size);
    }
}

/// Writes to a string of at most 7 bytes that is `hello`. Returns the outcome and the new string.
fn written(data: &[u8], offset: u64, too_long: TooLong) -> (Written, Vec<u8>) {
    let mut line = Line::<7>::of(b"hello");
    let written = line.write(data, offset, too_long);
    (written, line.to_vec())
}

#[test]
fn a_write_ends_at_a_newline_and_is_cut_or_refused() {
    for (data, offset, outcome, text) in [
        (&b"bye\n"[..], 0, CHANGED, &b"bye"[..]),
        (b"\n", 0, CHANGED, b""),
        (b"\0", 0, CHANGED, b""),
        (b"a\0b", 0, CHANGED, b"a"),
        (b"a\nb\n", 0, CHANGED, b"a"),
        (b" a b \t", 0, CHANGED, b" a b \t"),
        (b"1234567", 0, CHANGED, b"1234567"),
        (b"1234567\n8", 0, CHANGED, b"1234567"),
        (b"p", 3, CHANGED, b"help"),
        (b"\n", 2, CHANGED, b"he"),
        (b"wo\n", 5, CHANGED, b"hellowo"),
        (b"hello\n", 0, SAME, b"hello"),
        (b"lo", 3, SAME, b"hello"),
        (b"\n", 5, SAME, b"hello"),
        (b"x", 6, Ignored, b"hello"),
        (b"x", 7, Ignored, b"hello"),
        (b"12345678", 6, Ignored, b"hello"),
        (b"x", i64::MAX as u64, Ignored, b"hello"),
    ] {
        for too_long in [Cut, Refuse] {
            let expected = (outcome, text.to_vec());
            assert_eq!(written(data, offset, too_long), expected, "{data:?}");
        }
    }
    for (data, offset, text) in [
        (&b"12345678"[..], 0, &b"1234567"[..]),
        (b"12345678\n", 0, b"1234567"),
        (b"wor", 5, b"hellowo"),
    ] {
        let cut = (CHANGED, text.to_vec());
        assert_eq!(written(data, offset, Cut), cut, "{data:?}");
        let refused = (Refused, b"hello".to_vec());
        assert_eq!(written(data, offset, Refuse), refused, "{data:?}");
    }
}

#[test]
fn a_read_goes_on_at_its_offset() {
    let line = Line::<7>::of(b"hello\n");
    for (offset, size, expected) in [
        (0, 9, &b"hello\n"[..]),
        (0, 6, b"hello\n"),
        (0, 5, b"hello"),
        (0, 2, b"he"),
        (2, 2, b"ll"),
        (4, 2, b"o\n"),
        (5, 2, b"\n"),
        (6, 2, b""),
        (7, 2, b""),
        (u64::MAX, 2, b""),
        (0, 0, b""),
    ] {
        let mut buffer = vec![b'#'; size];
        let length = line.read(&mut buffer, offset);
        assert_eq!(&buffer[..length], expected, "{offset} {size}");
    }
}
