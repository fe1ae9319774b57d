// SPDX-License-Identifier: GPL-2.0

//! Integers as text, one or several. Pure.

use super::{
    cells::Primitive,
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

/// An integer type that can be behind an entry.
pub trait Integer: Primitive + PartialOrd {
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
            #[allow(clippy::cast_lossless)] // there is no `From` for `usize`
            fn into_parts(self) -> (u64, bool) {
                (self.unsigned_abs() as u64, self < 0)
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
            #[allow(clippy::cast_lossless)] // as above
            fn into_parts(self) -> (u64, bool) {
                (self as u64, false)
            }
        })*
    };
}

impl_integer!(signed: i8 i16 i32 i64 isize; unsigned: u8 u16 u32 u64 usize);

/// What a shown number counts. The functions get numbers without their signs.
pub trait Unit: Send + Sync + 'static {
    /// Returns what is stored for a number that was written, or [`None`] if the write is refused.
    fn stored(shown: u64) -> Option<u64>;

    /// Returns what is shown of a number that is stored.
    fn shown(stored: u64) -> u64;
}

/// Numbers are stored as they are shown.
pub struct Plain;

impl Unit for Plain {
    #[inline]
    fn stored(shown: u64) -> Option<u64> {
        Some(shown)
    }

    #[inline]
    fn shown(stored: u64) -> u64 {
        stored
    }
}

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
        left = match rest {
            [b' ' | b'\t' | b'\n', rest @ ..] => skip_spaces(rest),
            [] => rest,
            _ => return None,
        };
        *slot = value;
        taken = taken.wrapping_add(1);
    }
    (taken != 0).then_some((taken, data.len().saturating_sub(left.len())))
}

/// Takes an integer from the front of `text`, written in the unit `U`. Returns it and the rest.
#[inline]
pub(crate) fn take_integer<T: Integer, U: Unit>(text: &[u8]) -> Option<(T, &[u8])> {
    let (magnitude, negative, rest) = take_number(text)?;
    Some((T::from_parts(U::stored(magnitude)?, negative)?, rest))
}

/// Takes a number from the front of `text`. Returns its magnitude, whether it has a minus, and the
/// rest. Follows `proc_get_long()`.
#[inline]
pub(crate) fn take_number(text: &[u8]) -> Option<(u64, bool, &[u8])> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if let [b'0', b'0'..=b'9' | b'X' | b'x', ..] = digits {
        let (value, rest) = take_prefixed(digits)?;
        let length = text.len().wrapping_sub(rest.len());
        return (length <= LENGTH_MAX).then_some((value, negative, rest));
    }
    let mut value = 0u64;
    let mut rest = digits;
    while let [digit @ b'0'..=b'9', tail @ ..] = rest {
        value = value.checked_mul(10)?.checked_add((digit & 0xf).into())?;
        rest = tail;
    }
    let length = text.len().wrapping_sub(rest.len());
    (rest.len() != digits.len() && length <= LENGTH_MAX).then_some((value, negative, rest))
}

/// Takes a number that is hexadecimal or octal from the front of `text`. A `0x` without a digit is
/// an octal 0.
#[cold]
#[inline]
fn take_prefixed(text: &[u8]) -> Option<(u64, &[u8])> {
    let (bits, mut rest) = match text {
        [b'0', b'X' | b'x', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            (4, rest)
        }
        _ => (3, text),
    };
    let mut value = 0u64;
    while let [character, tail @ ..] = rest {
        let Some(digit) = char::from(*character).to_digit(16) else {
            break;
        };
        if digit >> bits != 0 {
            break;
        }
        if value >> (u64::BITS - bits) != 0 {
            return None;
        }
        value = (value << bits) | u64::from(digit);
        rest = tail;
    }
    Some((value, rest))
}

/// Prints a value and a newline into `data`, cut where that ends. Returns the length in bytes.
#[inline]
pub fn print_value<T: Integer>(value: T, data: &mut [u8]) -> usize {
    print_values::<T, Plain>([value].into_iter(), data)
}

/// Prints values in the unit `U` into `data`, with tabs between them and a newline at the end.
/// Returns the length in bytes. Follows the read half of `do_proc_vec()`.
#[inline]
pub(crate) fn print_values<T: Integer, U: Unit>(
    values: impl Iterator<Item = T>,
    data: &mut [u8],
) -> usize {
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
        print_number(U::shown(magnitude), &mut output);
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
