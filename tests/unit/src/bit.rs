// SPDX-License-Identifier: GPL-2.0

//! The text of a bit: compared with the model, and by example.

use proptest::prelude::*;

use super::{
    atom_text::{parse_bit, BitWrite},
    check, writes,
};

proptest! {
    #![proptest_config(crate::writes::config())]

    #[test]
    fn numbers_are_taken_as_c_takes_them(data in writes::numbers()) {
        check::bit(&data);
    }

    #[test]
    fn flip_is_taken_wherever_a_number_would_be(data in writes::numbers()) {
        check::flip(&data);
    }
}

#[test]
fn only_0_and_1_and_flip_are_taken() {
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
