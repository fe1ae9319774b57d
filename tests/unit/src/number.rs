// SPDX-License-Identifier: GPL-2.0

//! Integers: compared with the model, and by example.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    check::{self, with_every_type},
    sysctl::{
        cells::{are_within, AtomicInteger, Cells, Values},
        number::{parse_values, take_integer, Integer, Plain},
    },
    writes::{self, EXTREMES},
};

proptest! {
    #![proptest_config(crate::writes::config())]

    #[test]
    fn values_are_taken_as_c_takes_them(data in writes::numbers(), bounds in bounds()) {
        check::numbers(&data, bounds);
        check::truth(&data, 0);
    }

    #[test]
    fn values_are_shown_as_c_shows_them(
        values in vec(prop_oneof![select(EXTREMES), -300i128..300, any::<i64>().prop_map(i128::from)], 1..=4),
        cut in 0usize..90,
    ) {
        check::numbers_shown(&values, &[cut]);
    }
}

fn bounds() -> impl Strategy<Value = Option<(i128, i128)>> {
    let bound = (prop_oneof![select(EXTREMES), -10i128..300], -1i128..=1)
        .prop_map(|(bound, nudge)| bound + nudge);
    prop_oneof![1 => Just(None), 2 => (bound.clone(), bound).prop_map(Some)]
}

#[test]
fn the_longest_rows_are_shown_as_far_as_they_fit() {
    let sizes = Vec::from_iter(0..90);
    for values in [
        [i128::from(i64::MIN); 4],
        [i128::from(u64::MAX); 4],
        [0, -1, 10, 0],
    ] {
        for count in 1..=4 {
            check::numbers_shown(&values[..count], &sizes);
        }
    }
    for size in 0..5 {
        check::truth(b"1", size);
    }
}

#[test]
fn numbers_of_every_length_are_shown() {
    for power in (0..20).map(|digits| 10i128.pow(digits)) {
        for value in [power - 1, power, power + 1, -power] {
            check::numbers_shown(&[value], &[30]);
        }
    }
}

/// Writes to `N` integers that are all 7. Returns how many bytes the write consumed, and the integers
/// afterwards.
fn written<const N: usize>(data: &[u8]) -> (Option<usize>, [i32; N]) {
    let mut values = [7; N];
    match parse_values(data, &mut values, take_integer::<i32, Plain>) {
        Some((_, consumed)) => (Some(consumed), values),
        None => (None, [7; N]),
    }
}

#[test]
fn only_well_formed_integers_are_taken() {
    for (data, consumed, value) in [
        (&b" \t\n\x0b\x0c\r\xa05"[..], Some(8), 5),
        (b"-5", Some(2), -5),
        (b"-0", Some(2), 0),
        (b"+5", None, 7),
        (b"-", None, 7),
        (b"--5", None, 7),
        (b"- 5", None, 7),
        (b"0x1F", Some(4), 31),
        (b"0X1f", Some(4), 31),
        (b"017", Some(3), 15),
        (b"08", None, 7),
        (b"0x", None, 7),
        (b"0xg", None, 7),
        (b"0b1", None, 7),
        (b"1.5", None, 7),
        (b"7,8", None, 7),
        (b"00000000000000000001", Some(20), 1),
        (b"000000000000000000001", None, 7),
        (b"-0000000000000000001", Some(20), -1),
        (b"-00000000000000000001", None, 7),
        (b"0x000000000000000001", Some(20), 1),
        (b"0x0000000000000000001", None, 7),
        (b"4abc", None, 7),
        (b"5\0", None, 7),
        (b"6\r\n", None, 7),
        (b"3 abc", Some(2), 3),
        (b"1 2", Some(2), 1),
        (b"5\n\n", Some(3), 5),
        (b"\n", None, 7),
        (b"   ", None, 7),
        (b"2147483647", Some(10), i32::MAX),
        (b"2147483648", None, 7),
        (b"-2147483648", Some(11), i32::MIN),
        (b"-2147483649", None, 7),
        (b"18446744073709551616", None, 7),
    ] {
        assert_eq!(
            written(data),
            (consumed, [value]),
            "{:?}",
            String::from_utf8_lossy(data)
        );
    }
}

#[test]
fn a_vector_takes_all_values_or_none() {
    for (data, consumed, values) in [
        (&b"1 2 3 4"[..], Some(7), [1, 2, 3, 4]),
        (b"1\t2\t3\t4\n", Some(8), [1, 2, 3, 4]),
        (b"1 2", Some(3), [1, 2, 7, 7]),
        (b" 1\n2\n", Some(5), [1, 2, 7, 7]),
        (b"1 2 3 4 5", Some(8), [1, 2, 3, 4]),
        (b"1 2 3 4 x", Some(8), [1, 2, 3, 4]),
        // C has stored 1 and 2 by then.
        (b"1 2 x 4", None, [7; 4]),
        (b"1,2", None, [7; 4]),
        (b"1 2\r\n", None, [7; 4]),
        (b"1 \r2", Some(4), [1, 2, 7, 7]),
        (b"1 2147483648", None, [7; 4]),
        (b"\n", None, [7; 4]),
    ] {
        assert_eq!(
            written(data),
            (consumed, values),
            "{:?}",
            String::from_utf8_lossy(data)
        );
    }
}

#[test]
fn what_is_beyond_a_page_is_not_read() {
    let blanks = |count| vec![b' '; count];
    for (data, consumed, value) in [
        ([blanks(4093), b"12".to_vec()].concat(), Some(4095), 12),
        ([blanks(4094), b"12".to_vec()].concat(), Some(4096), 1),
        ([blanks(4094), b"-1".to_vec()].concat(), None, 7),
        ([blanks(4095), b"1".to_vec()].concat(), None, 7),
        ([b"1".to_vec(), blanks(5000)].concat(), Some(5001), 1),
        ([b"1 x".to_vec(), blanks(5000)].concat(), Some(910), 1),
    ] {
        assert_eq!(written(&data), (consumed, [value]));
    }
}

#[test]
fn a_vector_ends_with_the_page() {
    let row = b"1 ".repeat(3000);
    let mut values = [0u8; 3000];
    let taken = parse_values(&row, &mut values, take_integer::<u8, Plain>);
    assert_eq!(taken, Some((2048, 6000)));
}

#[test]
fn unsigned_types_take_no_minus() {
    for data in [&b"-0"[..], b"-1", b"-5"] {
        assert_eq!(take_integer::<u8, Plain>(data), None);
        assert_eq!(take_integer::<u32, Plain>(data), None);
        assert_eq!(take_integer::<u64, Plain>(data), None);
    }
}

#[test]
fn any_number_but_zero_is_true() {
    for (data, expected) in [
        (&b"0\n"[..], Some((false, 2))),
        (b"-0", Some((false, 2))),
        (b"1\n", Some((true, 2))),
        (b"2", Some((true, 1))),
        (b"-1", Some((true, 2))),
        (b"y", None),
        (b"true", None),
    ] {
        check::truth(data, 2);
        assert_eq!(super::model::number::write_bool(data), expected);
    }
}

#[test]
fn integers_that_are_shared_are_loaded_stored_and_added() {
    fn works<T: Integer + PartialEq + std::fmt::Debug>() {
        let cells = Cells::new([T::MIN; 2]);
        let values = || Vec::from_iter(cells.iter().map(AtomicInteger::get));
        let second = cells.iter().nth(1).unwrap();
        second.set(T::MAX);
        assert_eq!(values(), [T::MIN, T::MAX]);
        assert!(second.swap(T::MAX) == T::MAX);
        second.add(T::from_parts(1, false).unwrap());
        assert_eq!(values(), [T::MIN, T::MIN]);
    }
    with_every_type!(works());
}

#[test]
fn bounds_hold_for_each_value() {
    const INSIDE: bool = are_within(&[-5i64, 7], &-5, &7);
    const OUTSIDE: bool = are_within(&[-5i64, 8], &-5, &7);
    assert!(INSIDE && !OUTSIDE);
    assert!(!are_within(&-6, &-5, &7) && !are_within(&1u8, &2, &1));
    let mut row = <[u16; 3]>::LEAST;
    Values::as_mut_slice(&mut row)[1] = 9;
    assert_eq!(Values::as_slice(&row), [0, 9, 0]);
    assert_eq!(7i8.as_slice(), [7]);
}
