// SPDX-License-Identifier: GPL-2.0

//! The text of a bit, against the model and by example.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    model,
    text::{parse_bit, print_bit, BitWrite},
};

/// Writes that are nearly right: pieces of numbers, of `flip`, and of what stands around them.
fn writes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = select(vec![
        "0",
        "1",
        "2",
        "7",
        "8",
        "9",
        "a",
        "f",
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
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    let bytes = prop_oneof![8 => pieces, 1 => vec(any::<u8>(), 1..3), 1 => Just(vec![0xa0])];
    let blanks = prop_oneof![
        9 => Just(0usize),
        1 => select(vec![1usize, 20, 21, 4093, 4094, 4095, 4096]),
    ];
    (blanks.clone(), vec(bytes, 1..6), blanks).prop_map(|(before, pieces, after)| {
        [vec![b' '; before], pieces.concat(), vec![b' '; after]].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn numbers_are_taken_as_c_takes_them(data in writes()) {
        match parse_bit(&data) {
            Some((BitWrite::Flip, consumed)) => {
                prop_assert!(consumed <= data.len());
                // With the word replaced by a number C takes the same bytes.
                let at = data.windows(4).position(|word| word == b"flip").unwrap();
                let number = [&data[..at], b"0001", &data[at + 4..]].concat();
                prop_assert_eq!(model::write(&number), Some((true, consumed)));
            }
            Some((BitWrite::Set(value), consumed)) => {
                prop_assert_eq!(model::write(&data), Some((value, consumed)));
            }
            None => prop_assert_eq!(model::write(&data), None),
        }
    }

    #[test]
    fn flip_is_taken_wherever_a_number_would_be(data in writes()) {
        if let Some((_, consumed)) = model::write(&data) {
            let value = data.iter().position(|byte| b"-0123456789".contains(byte)).unwrap();
            let end = data[value..]
                .iter()
                .position(|byte| b" \t\n".contains(byte))
                .map_or(data.len().min(4095), |length| value + length);
            let word = [&data[..value], b"flip", &data[end..]].concat();
            if word.len().max(data.len()) <= 4095 {
                let grown = consumed + 4 - (end - value);
                prop_assert_eq!(parse_bit(&word), Some((BitWrite::Flip, grown)));
            }
        }
    }

    #[test]
    fn what_is_printed_is_cut_at_the_end_of_the_buffer(value: bool, size in 0usize..5) {
        let mut buffer = vec![b'#'; size];
        let length = print_bit(value, &mut buffer);
        let whole: &[u8] = if value { b"1\n" } else { b"0\n" };
        prop_assert_eq!(length, size.min(2));
        prop_assert_eq!(&buffer[..length], &whole[..length]);
        prop_assert!(buffer[length..].iter().all(|byte| *byte == b'#'));
    }
}

#[test]
fn what_is_printed_can_be_written() {
    for value in [false, true] {
        let mut buffer = [0; 8];
        let length = print_bit(value, &mut buffer);
        assert_eq!(
            parse_bit(&buffer[..length]),
            Some((BitWrite::Set(value), length))
        );
    }
}

#[test]
fn the_rows_of_the_contract() {
    let set = |value, consumed| Some((BitWrite::Set(value), consumed));
    for (data, expected) in [
        (&b"1"[..], set(true, 1)),
        (b"0\n", set(false, 2)),
        (b"\xa0\x0b\x0c\r1", set(true, 5)),
        (b"-0", set(false, 2)),
        (b"01", set(true, 2)),
        (b"0x1", set(true, 3)),
        (b"1 abc", set(true, 2)),
        (b"1 2", set(true, 2)),
        (b"flip\n", Some((BitWrite::Flip, 5))),
        (b"00000000000000000001", set(true, 20)),
        (b"000000000000000000001", None),
        (b"+1", None),
        (b"-1", None),
        (b"-", None),
        (b"--1", None),
        (b"- 1", None),
        (b"08", None),
        (b"0x", None),
        (b"0b1", None),
        (b"1.5", None),
        (b"1,0", None),
        (b"1abc", None),
        (b"1\0", None),
        (b"1\r\n", None),
        (b"\n", None),
        (b"   ", None),
        (b"2", None),
        (b"flips", None),
    ] {
        assert_eq!(
            parse_bit(data),
            expected,
            "{:?}",
            String::from_utf8_lossy(data)
        );
    }
}
