// SPDX-License-Identifier: GPL-2.0

//! Bitmaps: compared with the model, and by example.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    check,
    sysctl::list::{change, parse_list, print_list, words_for},
    writes::{before, soup, spell, spelling},
};

/// The number of bits, and writes to them.
fn writes() -> impl Strategy<Value = (usize, Vec<(u64, Vec<u8>)>)> {
    let bits = prop_oneof![
        20 => Just(1usize),
        30 => Just(64),
        30 => Just(77),
        20 => Just(1000),
        2 => Just(65536),
    ];
    bits.prop_flat_map(|bits| {
        let offset = prop_oneof![2 => Just(0u64), 1 => select(vec![1u64, 5, i64::MAX as u64])];
        (Just(bits), vec((offset, write(bits as i128)), 1..3))
    })
}

fn write(bits: i128) -> impl Strategy<Value = Vec<u8>> {
    let bit = prop_oneof![
        12 => 1..(bits - 1).max(2),
        4 => select(vec![0, 1, 63, 64, 65, 127, 128, 191, bits - 1]),
        1 => select(vec![bits, 1 << 16, 1 << 32, 1 << 63, (1 << 64) - 1, -1]),
    ]
    .prop_map(move |bit| if bit <= bits { bit.min(bits - 1) } else { bit })
    .boxed();
    let single = (bit.clone(), spelling()).prop_map(|(bit, spelling)| spell(bit, spelling));
    let range = (bit.clone(), bit, spelling(), spelling()).prop_map(|(a, b, first, last)| {
        let (first, last) = (spell(a.min(b), first), spell(a.max(b), last));
        [first, b"-".to_vec(), last].concat()
    });
    let entry = prop_oneof![8 => single, 8 => range, 1 => soup()];
    let separator = prop_oneof![
        12 => Just(","),
        4 => select(vec!["\n", ",\n", "\n\n", ",\n\n"]),
        1 => select(vec![",,", " ", "-", "\0", "\n,", "", "\t", ";"]),
    ];
    let filler = select(vec![&b"\n"[..], b"0,", b"0-0\n"]);
    let entries = vec((entry, separator), 1..5);
    (before(), filler, entries, before()).prop_map(|(before, filler, entries, after)| {
        let fill = |length| Vec::from_iter(filler.iter().copied().cycle().take(length));
        let text = Vec::from_iter(
            entries
                .into_iter()
                .flat_map(|(entry, separator)| [entry, separator.as_bytes().to_vec()].concat()),
        );
        [fill(before), text, fill(after)].concat()
    })
}

proptest! {
    #![proptest_config(crate::writes::config())]

    #[test]
    fn a_bitmap_is_written_and_read_as_c_does(
        (bits, writes) in writes(),
        spare in 0usize..2,
        size in 0usize..40,
    ) {
        check::list(bits, spare, &writes, &[size]);
    }
}

/// Writes at an offset to 77 bits, of which 0 and 70 are set. Returns how many bytes the write
/// consumed, and what a read shows afterwards.
fn written(data: &[u8], offset: u64) -> (Option<usize>, String) {
    let mut words = vec![0; words_for(77)];
    parse_list(b"0,70", 77, Some(&mut words));
    let consumed = parse_list(data, 77, None);
    if consumed.is_some() {
        if offset == 0 {
            words.fill(0);
        }
        parse_list(data, 77, Some(&mut words));
    }
    let mut buffer = [0; 99];
    let length = print_list(&words, 77, &mut buffer);
    let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
    (consumed, text)
}

#[test]
fn only_well_formed_lists_are_taken() {
    for (data, consumed, text) in [
        (&b"1,3-5\n"[..], Some(6), "1,3-5\n"),
        (b"1,3-5", Some(5), "1,3-5\n"),
        (b"3-5,1,4", Some(7), "1,3-5\n"),
        (b"1\n2", Some(3), "1-2\n"),
        (b"\n\n1\n\n2\n\n", Some(8), "1-2\n"),
        (b"1,", Some(2), "1\n"),
        (b"1,\n", Some(3), "1\n"),
        (b"1-2,\n\n3", Some(7), "1-3\n"),
        (b"1-2\x003", Some(5), "1-3\n"),
        (b"7-7", Some(3), "7\n"),
        (b"0x10-020", Some(8), "16\n"),
        (b"63-64", Some(5), "63-64\n"),
        (b"0-76", Some(4), "0-76\n"),
        (b"76", Some(2), "76\n"),
        (b"\n", Some(1), "\n"),
        (b"\n\n", Some(2), "\n"),
        (b"77", None, "0,70\n"),
        (b"0-77", None, "0,70\n"),
        (b"18446744073709551615", None, "0,70\n"),
        (b" 1", None, "0,70\n"),
        (b"1 ", None, "0,70\n"),
        (b"1, 2", None, "0,70\n"),
        (b"1,,2", None, "0,70\n"),
        (b",1", None, "0,70\n"),
        (b"1\n,2", None, "0,70\n"),
        (b"1\0", None, "0,70\n"),
        (b"1-", None, "0,70\n"),
        (b"1-\n", None, "0,70\n"),
        (b"1-2-3", None, "0,70\n"),
        (b"1--2", None, "0,70\n"),
        (b"2-1", None, "0,70\n"),
        (b"-1", None, "0,70\n"),
        (b"-0", None, "0,70\n"),
        (b"1-2 ", None, "0,70\n"),
        (b"5,x", None, "0,70\n"),
        (b"\0", None, "0,70\n"),
    ] {
        assert_eq!(
            written(data, 0),
            (consumed, text.into()),
            "{:?}",
            String::from_utf8_lossy(data)
        );
    }
    for (data, consumed, text) in [
        (&b"1,3-5\n"[..], Some(6), "0-1,3-5,70\n"),
        (b"\n", Some(1), "0,70\n"),
        (b"70", Some(2), "0,70\n"),
        (b"1,x", None, "0,70\n"),
    ] {
        assert_eq!(written(data, 1), (consumed, text.into()));
    }
}

#[test]
fn what_may_go_on_beyond_a_page_is_left_for_the_next_write() {
    let after = |count: usize, text: &[u8]| [&vec![b'\n'; count], text].concat();
    for (data, consumed, text) in [
        (after(4093, b"12"), Some(4095), "12\n"),
        (after(4094, b"12"), Some(4094), "\n"),
        (after(4093, b"12,3"), Some(4093), "\n"),
        (after(4092, b"12,3"), Some(4092), "\n"),
        (after(4091, b"12,3"), Some(4095), "3,12\n"),
        (after(4091, b"1,3-5"), Some(4093), "1\n"),
        (after(4090, b"1,3-5,6"), Some(4092), "1\n"),
        (after(4089, b"1,3-5,6"), Some(4095), "1,3-5\n"),
        (after(4090, b"12-14"), Some(4095), "12-14\n"),
        (after(4090, b"12-145"), Some(4090), "\n"),
        (after(4095, b"x"), Some(4095), "\n"),
        (after(4094, b"-1"), None, "0,70\n"),
    ] {
        assert_eq!(written(&data, 0), (consumed, text.into()), "{}", data.len());
    }
}

#[test]
fn a_list_is_shown_as_far_as_it_fits() {
    let writes = [(0, b"0-3,5,64-66,68,999".to_vec())];
    check::list(1000, 0, &writes, &Vec::from_iter(0..40));
    let odd = Vec::from_iter((1..65536).step_by(2).map(|bit: u32| bit.to_string()));
    for spare in 0..2 {
        let writes = Vec::from_iter(odd.chunks(600).map(|odd| (1, odd.join(",").into_bytes())));
        check::list(65536, spare, &writes, &[1, 4095, 100_000]);
    }
}

#[test]
fn a_bitmap_takes_no_more_words_than_it_needs() {
    let word = usize::BITS as usize;
    for (bits, words) in [
        (0, 0),
        (1, 1),
        (word - 1, 1),
        (word, 1),
        (word + 1, 2),
        (usize::MAX, usize::MAX / word + 1),
    ] {
        assert_eq!(words_for(bits), words, "{bits}");
    }
}

#[test]
fn bits_are_changed_one_by_one() {
    let mut words = [0; words_for(130)];
    for (bit, value, shown) in [
        (0, true, "0\n"),
        (129, true, "0,129\n"),
        (64, true, "0,64,129\n"),
        (0, false, "64,129\n"),
        (5, false, "64,129\n"),
        (1 << 20, true, "64,129\n"),
    ] {
        change(&mut words, bit, value);
        let mut data = [0; 20];
        let length = print_list(&words, 130, &mut data);
        assert_eq!(&data[..length], shown.as_bytes());
    }
}
