// SPDX-License-Identifier: GPL-2.0

//! Checks that must hold for every read and write: the pure code does what the model does. The fuzz
//! target in `tests/fuzz` uses them too.

use std::{array, fmt::Debug, iter};

use crate::{
    atom_text::{parse_bit, BitWrite},
    model::{
        self,
        number::{Table, Type},
    },
    sysctl::{
        cells::rank,
        line::{Line, TooLong, Written},
        list::{is_set, parse_list, print_list, words_for},
        number::{
            parse_values, print_value, print_values, take_integer, take_number, Integer, Plain,
        },
        text::{is_name, is_path, Output},
        WRITE_MAX,
    },
};

/// An integer type and its table in C. For a type that C does not have, the table has the same
/// signedness and the type's bounds.
pub trait Element: Integer + TryFrom<i128> + Ord + Debug {
    /// The table with which C takes all values of the type.
    const TABLE: Table;

    fn wide(self) -> i128;
}

macro_rules! impl_element {
    ($($integer:ident: $kind:ident, $extra1:expr, $extra2:expr;)*) => {
        $(impl Element for $integer {
            const TABLE: Table = Table {
                kind: Type::$kind,
                extra1: $extra1,
                extra2: $extra2,
            };

            fn wide(self) -> i128 {
                self as i128
            }
        })*
    };
}

impl_element! {
    i8: Int, Some(-128), Some(127);
    u8: Uint, Some(0), Some(255);
    i16: Int, Some(-32768), Some(32767);
    u16: Uint, Some(0), Some(65535);
    i32: Int, None, None;
    u32: Uint, None, None;
    i64: Long, None, None;
    u64: Ulong, None, None;
    isize: Long, None, None;
    usize: Ulong, None, None;
}

/// Calls a function with every type.
macro_rules! with_every_type {
    ($function:ident($($argument:expr),*)) => {
        with_every_type!(
            $function($($argument),*), i8, u8, i16, u16, i32, u32, i64, u64, isize, usize
        )
    };
    ($function:ident $arguments:tt, $($integer:ident),*) => {
        $($function::<$integer> $arguments;)*
    };
}

#[allow(unused_imports)] // fuzzing does not use it
pub(crate) use with_every_type;

/// A write to one and to four integers of every type.
pub fn numbers(data: &[u8], bounds: Option<(i128, i128)>) {
    number(data);
    with_every_type!(integers(data, bounds));
}

/// A number with any text behind it.
fn number(data: &[u8]) {
    let (mut p, mut left, mut tr) = (0, data.len(), 0);
    let c = model::long::get_long(data, &mut p, &mut left, &[], &mut tr);
    let c = c.map(|(magnitude, negative)| (magnitude, negative, &data[p..]));
    assert_eq!(take_number(data), c);
}

fn integers<T: Element>(data: &[u8], bounds: Option<(i128, i128)>) {
    vector::<T, 1>(data, bounds);
    vector::<T, 4>(data, bounds);
}

fn vector<T: Element, const N: usize>(data: &[u8], bounds: Option<(i128, i128)>) {
    let mut table = T::TABLE;
    let (mut least, mut greatest) = (T::MIN, T::MAX);
    if let Some((from, to)) = bounds {
        (least, greatest) = (clamp(from), clamp(to));
        (table.extra1, table.extra2) = (Some(least.wide()), Some(greatest.wide()));
    }
    let mut values = [T::MAX; N];
    let taken = parse_values(data, &mut values, |text| {
        take_integer::<T, Plain>(text).filter(|(value, _)| least <= *value && *value <= greatest)
    });
    let mut c = [T::MAX.wide(); N];
    assert_eq!(taken, model::number::write(&table, &mut c, data));
    if taken.is_some() {
        assert_eq!(values.map(T::wide), c);
    }
}

fn clamp<T: Element>(value: i128) -> T {
    let value = value.clamp(T::MIN.wide(), T::MAX.wide());
    T::try_from(value).unwrap_or(T::MAX)
}

/// Reads of these values, clamped to every type, into buffers of these sizes, and a write of what they
/// show.
pub fn numbers_shown(values: &[i128], sizes: &[usize]) {
    with_every_type!(integers_shown(values, sizes));
}

fn integers_shown<T: Element>(values: &[i128], sizes: &[usize]) {
    let values = values.iter().map(|value| clamp::<T>(*value));
    let c = Vec::from_iter(values.clone().map(T::wide));
    let pairs = values.clone().zip(values.clone().skip(1));
    for (a, b) in pairs {
        assert_eq!(rank(&a).cmp(&rank(&b)), a.cmp(&b));
    }
    for size in sizes {
        shown(&model::number::read(&c, *size), *size, |data| {
            print_values::<T, Plain>(values.clone(), data)
        });
    }
    for (value, c) in values.clone().zip(&c) {
        let c = model::number::read(&[*c], sizes[0]);
        shown(&c, sizes[0], |data| print_value(value, data));
    }
    let whole = model::number::read(&c, usize::MAX);
    let mut back = vec![T::MIN; c.len()];
    assert_eq!(
        parse_values(&whole, &mut back, take_integer::<T, Plain>),
        Some((c.len(), whole.len()))
    );
    assert!(back.iter().map(|value| value.wide()).eq(c));
}

/// Calls `print` with a buffer of `size` bytes, and checks that it is filled as C fills it.
fn shown(c: &[u8], size: usize, print: impl FnOnce(&mut [u8]) -> usize) {
    let mut buffer = vec![b'#'; size];
    let length = print(&mut buffer);
    assert_eq!(&buffer[..length], c);
    assert!(buffer[length..].iter().all(|byte| *byte == b'#'));
}

/// A write to a Boolean value, and a read of it.
pub fn truth(data: &[u8], size: usize) {
    let mut values = [0];
    let taken = parse_values(data, &mut values, take_integer::<i32, Plain>)
        .map(|(_, consumed)| (values != [0], consumed));
    assert_eq!(taken, model::number::write_bool(data));
    for value in [false, true] {
        let c = model::number::read(&[value.into()], size);
        shown(&c, size, |data| {
            let mut output = Output::new(data);
            output.put_bytes([b'0' | u8::from(value), b'\n']);
            assert_eq!(output.is_full(), output.len() == size);
            output.len()
        });
    }
}

/// A write to a bit, which for C is an int from 0 to 1.
pub fn bit(data: &[u8]) {
    match parse_bit(data) {
        Some((BitWrite::Flip, consumed)) => {
            assert!(consumed <= data.len());
            // With a number instead of the word, C takes the same bytes.
            let at = data.windows(4).position(|word| word == b"flip").unwrap();
            let number = [&data[..at], b"0001", &data[at + 4..]].concat();
            assert_eq!(bit_in_c(&number), Some((true, consumed)));
        }
        Some((BitWrite::Set(value), consumed)) => {
            assert_eq!(bit_in_c(data), Some((value, consumed)));
        }
        None => assert_eq!(bit_in_c(data), None),
    }
}

/// A write to a bit with the word instead of the number.
pub fn flip(data: &[u8]) {
    if let Some((_, consumed)) = bit_in_c(data) {
        let value = data
            .iter()
            .position(|byte| b"-0123456789".contains(byte))
            .unwrap();
        let end = data[value..]
            .iter()
            .position(|byte| b" \t\n".contains(byte))
            .map_or(data.len().min(WRITE_MAX), |length| value + length);
        let word = [&data[..value], b"flip", &data[end..]].concat();
        if word.len().max(data.len()) <= WRITE_MAX {
            let grown = consumed + 4 - (end - value);
            assert_eq!(parse_bit(&word), Some((BitWrite::Flip, grown)));
        }
    }
}

fn bit_in_c(data: &[u8]) -> Option<(bool, usize)> {
    let table = Table {
        extra1: Some(0),
        extra2: Some(1),
        ..i32::TABLE
    };
    let mut value = [0];
    let (_, consumed) = model::number::write(&table, &mut value, data)?;
    Some((value == [1], consumed))
}

/// Writes to a string of at most `N` bytes. After each, reads of it into `size` bytes at a time.
pub fn line<const N: usize>(writes: &[(u64, Vec<u8>)], too_long: TooLong, size: usize) {
    let mut line = Line::<N>::of(b"");
    let mut c = vec![0; N + 1];
    for (offset, data) in writes {
        let length = model::string::strlen(&c) as u64;
        let end = data.iter().position(|byte| b"\0\n".contains(byte));
        let is_cut = *offset <= length
            && *offset + end.unwrap_or(data.len()) as u64 > N as u64
            && !data.is_empty();
        let expected = if is_cut && too_long == TooLong::Refuse {
            Written::Refused
        } else {
            let mut end = *offset;
            assert_eq!(model::string::write(&mut c, data, &mut end), data.len());
            if end == *offset {
                Written::Ignored
            } else {
                let has_changed = c[..model::string::strlen(&c)] != *line;
                Written::Stored { has_changed }
            }
        };
        assert_eq!(line.write(data, *offset, too_long), expected);
        let mut whole = Line::<N>::of(b"");
        whole.write(data, 0, TooLong::Cut);
        assert_eq!(*Line::<N>::of(data), *whole);
        let text = &c[..model::string::strlen(&c)];
        assert_eq!(&*line, text);

        let last = text.len() as u64;
        for start in [0, *offset, last, last + 1, i64::MAX as u64, u64::MAX] {
            let mut position = start;
            loop {
                let offset = position;
                let read = model::string::read(&c, size, &mut position);
                shown(&read, size, |data| line.read(data, offset));
                if read.is_empty() {
                    break;
                }
            }
        }
    }
}

/// Writes to a bitmap, done as its entry does them, and reads of it. It has `spare` more words than it
/// needs.
pub fn list(bits: usize, spare: usize, writes: &[(u64, Vec<u8>)], sizes: &[usize]) {
    let mut words = vec![0; words_for(bits) + spare];
    let mut c = vec![false; bits];
    for (offset, data) in writes {
        let consumed = parse_list(data, bits, None);
        assert_eq!(
            consumed,
            model::bitmap::write(&mut c, data, &mut offset.clone())
        );
        if consumed.is_none() {
            continue;
        }
        if *offset == 0 {
            words.fill(0);
        }
        assert_eq!(parse_list(data, bits, Some(&mut words)), consumed);
        assert_eq!(words, in_words(&c, words.len()));
    }
    for bit in (0..bits.min(130)).chain(bits.saturating_sub(2)..bits + 130) {
        assert_eq!(is_set(&words, bit), c.get(bit) == Some(&true));
    }
    assert!(!is_set(&words, usize::MAX));

    let whole = model::bitmap::read(&c, usize::MAX);
    for size in sizes.iter().copied().chain(iter::once(whole.len() + 1)) {
        let read = &whole[..size.min(whole.len())];
        shown(read, size, |data| print_list(&words, bits, data));
    }
    if whole.len() <= WRITE_MAX {
        let mut back = vec![0; words.len()];
        let consumed = parse_list(&whole, bits, Some(&mut back));
        assert_eq!(consumed, Some(whole.len()));
        assert_eq!(back, words);
    }
}

fn in_words(bitmap: &[bool], count: usize) -> Vec<usize> {
    let mut words = Vec::from_iter(bitmap.chunks(usize::BITS as usize).map(|bits| {
        bits.iter()
            .rev()
            .fold(0, |word, bit| word << 1 | usize::from(*bit))
    }));
    words.resize(count, 0);
    words
}

/// Whether the C string `text`, up to its first NUL, can be registered.
pub fn path(text: &[u8]) {
    let text = text.split(|byte| *byte == 0).next().unwrap_or(text);
    let string = [text, b"\0"].concat();
    let good = text.split(|byte| *byte == b'/').all(is_component);
    assert_eq!(is_path(&string), good);
    assert_eq!(is_name(&string), good && !text.contains(&b'/'));
}

fn is_component(name: &[u8]) -> bool {
    (1..=255).contains(&name.len()) && name[0] != b'.'
}

/// Any of these checks, selected by the first four bytes of `input`. The rest is text.
///
/// The first byte is a letter that says what is written to. The next three are digits, where any byte
/// counts from `0`: a variant of it, the size of the buffer for reads, and how far before the end of
/// what is read the text begins, where 0 means at the front.
///
/// Strings and bitmaps take several writes separated by `|`, each behind the digit of its offset.
pub fn input(input: &[u8]) {
    let [kind, choice, size, edge, text @ ..] = input else {
        return;
    };
    let digit = |byte: &u8| usize::from(byte.wrapping_sub(b'0'));
    let choose = |count: usize| (digit(choice) % count, digit(choice) / count);
    let size = digit(size);
    let padded = |filler: u8, text: &[u8]| {
        let length = match digit(edge) {
            0 => 0,
            edge => WRITE_MAX.saturating_sub(edge - 1),
        };
        [&vec![filler; length], text].concat()
    };
    let writes = |filler: u8| {
        let writes = text.split(|byte| *byte == b'|').filter_map(|write| {
            let (offset, text) = write.split_first()?;
            let text = padded(filler, text);
            (!text.is_empty()).then_some((digit(offset) as u64, text))
        });
        Vec::from_iter(writes)
    };
    match kind {
        b'n' if !text.is_empty() => {
            const BOUNDS: [Option<(i128, i128)>; 6] = [
                None,
                Some((0, 1)),
                Some((-5, 100)),
                Some((200, 300)),
                Some((i32::MIN as i128, i32::MAX as i128)),
                Some((1, 0)),
            ];
            let data = padded(b' ', text);
            numbers(&data, BOUNDS[choose(BOUNDS.len()).0]);
            truth(&data, size);
            bit(&data);
            flip(&data);
        }
        b'v' if !text.is_empty() => {
            let values = text.chunks(16).take(4).map(|chunk| {
                let bytes: [u8; 16] = array::from_fn(|index| chunk.get(index).map_or(0, |b| *b));
                i128::from_le_bytes(bytes) >> (128 - 8 * chunk.len())
            });
            numbers_shown(&Vec::from_iter(values), &[size]);
        }
        b's' => {
            let (n, too_long) = choose(4);
            let too_long = if too_long % 2 == 0 {
                TooLong::Cut
            } else {
                TooLong::Refuse
            };
            let writes = writes(b's');
            match n {
                0 => line::<0>(&writes, too_long, size),
                1 => line::<1>(&writes, too_long, size),
                2 => line::<7>(&writes, too_long, size),
                _ => line::<64>(&writes, too_long, size),
            }
        }
        b'b' => {
            let (bits, spare) = choose(5);
            let bits = [1, 64, 77, 1000, 65536][bits];
            list(bits, spare % 2, &writes(b'\n'), &[size]);
        }
        b'p' => path(text),
        _ => {}
    }
}
