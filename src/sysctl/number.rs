// SPDX-License-Identifier: GPL-2.0

//! Integers as text, one or several. Pure.

use super::{
    text::{
        skip_spaces,
        Output, //
    },
    WRITE_MAX,
};

/// How many characters a number may have, including leading zeros. Longer ones are refused.
///
/// `TMPBUFLEN - 2` in `proc_get_long()`.
const LENGTH_MAX: usize = 20;

/// How many decimal digits always fit into a `u64`.
const PLAIN_MAX: usize = 19;

/// An integer type that can be behind an entry.
pub trait Integer: Copy + PartialOrd {
    /// The least value.
    const MIN: Self;
    /// The greatest value.
    const MAX: Self;

    /// Returns the value with this magnitude and sign, or [`None`] if the type does not have it.
    /// Unsigned types refuse a minus, even before 0.
    fn from_parts(magnitude: u64, negative: bool) -> Option<Self>;

    /// Returns the magnitude, and whether the value is negative.
    fn into_parts(self) -> (u64, bool);
}

macro_rules! impl_integer {
    (signed: $($signed:ident)*; unsigned: $($unsigned:ident)*) => {
        $(impl Integer for $signed {
            const MIN: Self = $signed::MIN;
            const MAX: Self = $signed::MAX;

            #[inline]
            fn from_parts(magnitude: u64, negative: bool) -> Option<Self> {
                if negative {
                    0i64.checked_sub_unsigned(magnitude)?.try_into().ok()
                } else {
                    magnitude.try_into().ok()
                }
            }

            #[inline]
            fn into_parts(self) -> (u64, bool) {
                (self.unsigned_abs().into(), self < 0)
            }
        })*
        $(impl Integer for $unsigned {
            const MIN: Self = $unsigned::MIN;
            const MAX: Self = $unsigned::MAX;

            #[inline]
            fn from_parts(magnitude: u64, negative: bool) -> Option<Self> {
                if negative {
                    return None;
                }
                magnitude.try_into().ok()
            }

            #[inline]
            fn into_parts(self) -> (u64, bool) {
                (self.into(), false)
            }
        })*
    };
}

impl_integer!(signed: i8 i32 i64; unsigned: u8 u32 u64);

/// Takes values from the front of a write until `values` is full. Follows `do_proc_vec()`.
///
/// `take` gets the text that begins with a value, and returns the value and the text behind it.
/// White space around values is consumed; other text behind the last value is not. With room for
/// one value, `3 abc` is 3 and a short write.
///
/// Returns how many values and how many bytes of `data` were taken. [`None`] is EINVAL: there is no
/// value, `take` refuses one, or something other than a space, tab or newline follows one.
#[inline]
pub(crate) fn parse_values<'a, V>(
    data: &'a [u8],
    values: &mut [V],
    take: impl Fn(&'a [u8]) -> Option<(V, &'a [u8])>,
) -> Option<(usize, usize)> {
    let mut left = skip_spaces(data.get(..WRITE_MAX).unwrap_or(data));
    let mut taken = 0usize;
    for slot in values {
        if left.is_empty() {
            break;
        }
        let (value, rest) = take(left)?;
        if !matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n')) {
            return None;
        }
        *slot = value;
        taken = taken.wrapping_add(1);
        left = skip_spaces(rest);
    }
    (taken != 0).then_some((taken, data.len().saturating_sub(left.len())))
}

/// Does what [`parse_values`] does with [`take_integer`], for the plainest writes only: short decimal
/// numbers without a sign, one blank between them, at most a newline behind the last.
///
/// [`None`] means any other write, good or bad.
#[inline]
pub(crate) fn parse_plain<T: Integer>(data: &[u8], values: &mut [T]) -> Option<usize> {
    if data.len() > WRITE_MAX {
        return None;
    }
    let mut left = data;
    let mut taken = 0usize;
    for slot in values {
        let (value, rest) = take_plain(left)?;
        *slot = T::from_parts(value, false)?;
        taken = taken.wrapping_add(1);
        match rest {
            [] | [b'\n'] => return Some(taken),
            [b' ' | b'\t', rest @ ..] => left = rest,
            _ => return None,
        }
    }
    None
}

/// Takes a decimal number that cannot overflow from the front of `text`. Refuses a leading zero,
/// which makes a number octal, unless it is the only digit.
#[inline]
fn take_plain(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    let mut rest = text;
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value.wrapping_mul(10).wrapping_add((digit & 0xf).into());
        rest = tail;
    }
    let length = text.len().wrapping_sub(rest.len());
    let is_plain = match length {
        1 => true,
        2..=PLAIN_MAX => text.first() != Some(&b'0'),
        _ => false,
    };
    is_plain.then_some((value, rest))
}

/// Takes an integer from the front of `text`. Returns it and the rest.
#[inline]
pub(crate) fn take_integer<T: Integer>(text: &[u8]) -> Option<(T, &[u8])> {
    let (magnitude, negative, rest) = take_number(text)?;
    Some((T::from_parts(magnitude, negative)?, rest))
}

/// Takes a number from the front of `text`. Returns its magnitude, whether it has a minus, and the
/// rest. Follows `proc_get_long()`.
#[inline]
pub(crate) fn take_number(text: &[u8]) -> Option<(u64, bool, &[u8])> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (base, digits) = match digits {
        [b'0', x, rest @ ..]
            if *x | 0x20 == b'x' && rest.first().is_some_and(|d| digit(*d) < 16) =>
        {
            (16, rest)
        }
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let mut value = 0u64;
    let mut rest = digits;
    while let [character, tail @ ..] = rest {
        let digit = digit(*character);
        if digit >= base {
            break;
        }
        value = value.checked_mul(base)?.checked_add(digit)?;
        rest = tail;
    }
    let length = text.len().wrapping_sub(rest.len());
    (rest.len() != digits.len() && length <= LENGTH_MAX).then_some((value, negative, rest))
}

/// Returns the value of a digit. For other characters, it is greater than any base.
#[inline]
fn digit(character: u8) -> u64 {
    let decimal = character.wrapping_sub(b'0');
    let digit = if decimal < 10 {
        decimal
    } else {
        let letter = (character | 0x20).wrapping_sub(b'a');
        if letter < 6 {
            letter.wrapping_add(10)
        } else {
            u8::MAX
        }
    };
    digit.into()
}

/// Prints values into `data`, with tabs between them and a newline at the end. Returns the length in
/// bytes. Follows the read half of `do_proc_vec()`.
#[inline]
pub(crate) fn print_values<T: Integer>(values: impl Iterator<Item = T>, data: &mut [u8]) -> usize {
    let mut output = Output::new(data);
    let mut is_first = true;
    for value in values {
        if !is_first {
            output.put_byte(b'\t');
        }
        is_first = false;
        let (magnitude, negative) = value.into_parts();
        if negative {
            output.put_byte(b'-');
        }
        print_number(magnitude, &mut output);
    }
    output.put_byte(b'\n');
    output.len()
}

/// Prints a number in decimal. Follows `proc_put_long()`.
#[inline]
pub(crate) fn print_number(value: u64, output: &mut Output<'_>) {
    if value < 10 {
        output.put_byte(b'0' | value as u8);
    } else if value < 100 {
        let tens = value / 10;
        let ones = value.wrapping_sub(tens.wrapping_mul(10));
        output.put_bytes([b'0' | tens as u8, b'0' | ones as u8]);
    } else {
        output.put_decimal(value);
    }
}
