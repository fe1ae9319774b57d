// SPDX-License-Identifier: GPL-2.0

//! Bitmaps as lists of ranges, `1,3-5`. Pure. Follows `proc_do_large_bitmap()`.
//!
//! A bitmap is a slice of words. As in `include/linux/bitmap.h`, its first bit is the lowest bit of
//! the first word. The bits beyond its length are 0.

use super::{
    number::{
        print_number,
        take_number, //
    },
    text::Output,
    WRITE_MAX,
};

const WORD_BITS: usize = usize::BITS as usize;

/// Reads a list of bits below `bits` from `data`. Sets them in `words`, if given.
///
/// If `data` is longer than [`WRITE_MAX`], this reads only the entries that surely end before that.
///
/// Returns how many bytes it has read. [`None`] is EINVAL; which bits are set then is unspecified.
#[inline]
pub(crate) fn parse_list(
    data: &[u8],
    bits: usize,
    mut words: Option<&mut [usize]>,
) -> Option<usize> {
    let seen = data.get(..WRITE_MAX).unwrap_or(data);
    let is_cut = seen.len() < data.len();
    let mut left = skip_newlines(seen);
    while !left.is_empty() {
        let entry = left;
        let (first, rest) = take_bit(entry, b"-,\n")?;
        if is_cut && rest.len() <= 1 {
            break;
        }
        let first = first.filter(|bit| *bit < bits)?;
        let mut last = first;
        let (separator, mut rest) = rest.split_first().unwrap_or((&b',', rest));
        if *separator == b'-' {
            let (bit, tail) = take_bit(rest, b",\n\0")?;
            if is_cut && tail.is_empty() {
                break;
            }
            last = bit.filter(|bit| (first..bits).contains(bit))?;
            rest = tail.get(1..).unwrap_or(&[]);
        }
        if let Some(words) = words.as_deref_mut() {
            set_range(words, first, last);
        }
        left = skip_newlines(rest);
    }
    Some(seen.len().saturating_sub(left.len()))
}

/// Prints the first `bits` bits of `words` as a list, then a newline. Returns the length in bytes.
#[inline]
pub(crate) fn print_list(words: &[usize], bits: usize, data: &mut [u8]) -> usize {
    let mut output = Output::new(data);
    let mut from = 0;
    let mut is_first = true;
    while !output.is_full() {
        let first = next_bit(words, bits, from, true);
        if first >= bits {
            break;
        }
        from = next_bit(words, bits, first, false);
        let last = from.wrapping_sub(1);

        if !is_first {
            output.put_byte(b',');
        }
        is_first = false;
        print_number(first as u64, &mut output);
        if first != last {
            output.put_byte(b'-');
            print_number(last as u64, &mut output);
        }
    }
    output.put_byte(b'\n');
    output.len()
}

/// Returns how many words `bits` bits take, for a [`Bits`](super::Bits).
#[inline]
pub const fn words_for(bits: usize) -> usize {
    (bits / WORD_BITS).wrapping_add((bits % WORD_BITS != 0) as usize)
}

/// Returns whether a bit is set.
#[inline]
pub(crate) fn is_set(words: &[usize], bit: usize) -> bool {
    words
        .get(bit / WORD_BITS)
        .is_some_and(|word| (word >> (bit % WORD_BITS)) & 1 == 1)
}

/// Changes a bit; beyond the end, there is none.
#[inline]
pub(crate) fn change(words: &mut [usize], bit: usize, value: bool) {
    if let Some(word) = words.get_mut(bit / WORD_BITS) {
        let mask = 1 << (bit % WORD_BITS);
        *word = if value { *word | mask } else { *word & !mask };
    }
}

/// Sets the bits `first` to `last`.
#[inline]
fn set_range(words: &mut [usize], first: usize, last: usize) {
    let low = usize::MAX << (first % WORD_BITS);
    let high = usize::MAX >> (WORD_BITS - 1 - last % WORD_BITS);
    match words.get_mut(first / WORD_BITS..=last / WORD_BITS) {
        Some([only]) => *only |= low & high,
        Some([start, between @ .., end]) => {
            *start |= low;
            between.fill(usize::MAX);
            *end |= high;
        }
        _ => {}
    }
}

/// Returns the first bit from `from` on whose value is `set`, or `bits` if there is none.
#[inline]
fn next_bit(words: &[usize], bits: usize, from: usize, set: bool) -> usize {
    let flip = if set { 0 } else { usize::MAX };
    let mut index = from / WORD_BITS;
    let mut rest = words.get(index..).unwrap_or(&[]).iter();
    let mut mask = usize::MAX << (from % WORD_BITS);
    for word in &mut rest {
        let found = (word ^ flip) & mask;
        if found != 0 {
            let bit = index
                .wrapping_mul(WORD_BITS)
                .wrapping_add(found.trailing_zeros() as usize);
            return bit.min(bits);
        }
        mask = usize::MAX;
        index = index.wrapping_add(1);
    }
    bits
}

/// Takes the number of a bit from the front of `text`. One of `separators` or nothing must follow.
///
/// Returns the bit and the rest of `text`. The bit is [`None`] if no bitmap can have it.
#[inline]
fn take_bit<'a>(text: &'a [u8], separators: &[u8]) -> Option<(Option<usize>, &'a [u8])> {
    let (magnitude, negative, rest) = take_number(text)?;
    if rest.first().is_some_and(|next| !separators.contains(next)) {
        return None;
    }
    // C refuses what is no `unsigned long` before it looks whether the text is cut behind it.
    let bit = usize::try_from(magnitude).ok()?;
    Some(((!negative).then_some(bit), rest))
}

#[inline]
fn skip_newlines(mut text: &[u8]) -> &[u8] {
    while let [b'\n', rest @ ..] = text {
        text = rest;
    }
    text
}
