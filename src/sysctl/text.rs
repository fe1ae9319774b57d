// SPDX-License-Identifier: GPL-2.0

//! The text of sysctl entries: what a write means, what a read shows.
//!
//! Pure functions over slices that allocate nothing and know no kernel type, so that the host's
//! tests run the very code that the kernel does. They follow `kernel/sysctl.c` and `lib/kstrtox.c`.

/// How many bytes of one write are looked at; the rest counts as written.
///
/// `PAGE_SIZE - 1` in `do_proc_dointvec()`, which is the same number wherever pages have 4 KiB.
const WRITE_MAX: usize = 4095;

/// How many characters a number may have; one more, leading zeros counted, and it is refused.
///
/// `TMPBUFLEN - 2` in `proc_get_long()`.
const NUMBER_MAX: usize = 20;

/// What a write asks of a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BitWrite {
    /// `0` or `1`, in any of the spellings that C takes for them (`01`, `0x1`, `-0`).
    Set(bool),
    /// `flip`.
    Flip,
}

/// What writing `data` asks of a bit, and how many bytes the write consumed.
///
/// [`None`] is EINVAL.
pub(crate) fn parse_bit(data: &[u8]) -> Option<(BitWrite, usize)> {
    parse_scalar(data, |text| {
        if let Some(rest) = text.strip_prefix(b"flip") {
            return Some((BitWrite::Flip, rest));
        }
        match take_number(text)? {
            (0, _, rest) => Some((BitWrite::Set(false), rest)),
            (1, false, rest) => Some((BitWrite::Set(true), rest)),
            _ => None,
        }
    })
}

/// Prints a bit as `0\n` or `1\n`, cut where `buf` ends; returns the length in bytes.
pub(crate) fn print_bit(value: bool, buf: &mut [u8]) -> usize {
    let text = if value { b"1\n" } else { b"0\n" };
    let mut printed = 0;
    for (to, from) in buf.iter_mut().zip(text) {
        *to = *from;
        printed += 1;
    }
    printed
}

/// Whether `name` can name a file or a directory below `/proc/sys`.
///
/// The kernel rejects neither a `/` in a procname nor `..`, and what is so named cannot be opened.
pub(crate) fn is_name(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..") && name.len() <= 255 && !name.contains(&b'/')
}

/// Whether `path` is one or more names joined by `/`.
pub(crate) fn is_path(path: &[u8]) -> bool {
    path.split(|character| *character == b'/').all(is_name)
}

/// Takes one value from the front of a write: `do_proc_dointvec()` for a table of one element.
///
/// `take` gets the text from the value's first character on and returns the value with the text
/// that follows it. White space around the value is consumed; what stands behind that is not, so
/// that `3 abc` is 3 with a short count.
fn parse_scalar<V>(
    data: &[u8],
    take: impl FnOnce(&[u8]) -> Option<(V, &[u8])>,
) -> Option<(V, usize)> {
    let parsed = data.get(..WRITE_MAX).unwrap_or(data);
    let (value, rest) = take(skip_spaces(parsed))?;
    if !matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n')) {
        return None;
    }
    Some((value, data.len().saturating_sub(skip_spaces(rest).len())))
}

/// Takes an integer from the front of `text`: its magnitude, whether a minus stands before it,
/// and what follows it. `proc_get_long()`.
fn take_number(text: &[u8]) -> Option<(u64, bool, &[u8])> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            (16, rest)
        }
        [b'0', ..] => (8, digits),
        _ => (10, digits),
    };
    let mut value = 0u64;
    let mut rest = digits;
    while let [character, tail @ ..] = rest {
        let Some(digit) = char::from(*character).to_digit(base) else {
            break;
        };
        value = value.checked_mul(base.into())?.checked_add(digit.into())?;
        rest = tail;
    }
    let length = text.len().saturating_sub(rest.len());
    (length <= NUMBER_MAX).then_some((value, negative, rest))
}

fn skip_spaces(mut text: &[u8]) -> &[u8] {
    while let [character, rest @ ..] = text {
        if !is_space(*character) {
            break;
        }
        text = rest;
    }
    text
}

/// The kernel's `isspace()`: Latin-1's no-break space is one.
fn is_space(character: u8) -> bool {
    matches!(character, b' ' | b'\t'..=b'\r' | 0xa0)
}
