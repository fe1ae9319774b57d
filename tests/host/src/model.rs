// SPDX-License-Identifier: GPL-2.0

//! What C does with a write to an int entry with the bounds 0 and 1: `do_proc_dointvec()`,
//! `proc_get_long()` and `strtoul_lenient()` of Linux 7.3.4, statement by statement, with indices
//! where C has pointers.

/// `PAGE_SIZE`.
const PAGE_SIZE: usize = 4096;
/// `TMPBUFLEN`.
const TMPBUFLEN: usize = 22;

/// Returns the value that is stored and what `*lenp` becomes; [`None`] is EINVAL.
///
/// `buffer` must not be empty, and is written at offset 0.
pub fn write(buffer: &[u8]) -> Option<(bool, usize)> {
    let mut left = buffer.len().min(PAGE_SIZE - 1);
    let mut p = 0;
    let at = |index: usize| buffer.get(index).copied().unwrap_or(0);

    while left != 0 && isspace(at(p)) {
        left -= 1;
        p += 1;
    }
    if left == 0 {
        return None;
    }
    let (negative, magnitude) = get_long(&buffer[p..p + left], &mut p, &mut left)?;
    let value = match (negative, magnitude) {
        (_, 0) => false,
        (false, 1) => true,
        _ => return None,
    };
    while left != 0 && isspace(at(p)) {
        left -= 1;
        p += 1;
    }
    Some((value, buffer.len() - left))
}

fn get_long(text: &[u8], p: &mut usize, left: &mut usize) -> Option<(bool, u64)> {
    let mut tmp = [0; TMPBUFLEN];
    let copied = text.len().min(TMPBUFLEN - 1);
    tmp[..copied].copy_from_slice(&text[..copied]);

    let mut i = 0;
    let negative = tmp[0] == b'-' && text.len() > 1;
    if negative {
        i += 1;
    }
    if !tmp[i].is_ascii_digit() {
        return None;
    }
    let mut base = 10;
    if tmp[i] == b'0' {
        if tmp[i + 1].eq_ignore_ascii_case(&b'x') && tmp[i + 2].is_ascii_hexdigit() {
            base = 16;
            i += 2;
        } else {
            base = 8;
        }
    }
    let mut value: u128 = 0;
    loop {
        let digit = match tmp[i] {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ (b'a'..=b'f' | b'A'..=b'F') => digit.to_ascii_lowercase() - b'a' + 10,
            _ => break,
        };
        if digit >= base {
            break;
        }
        value = value * u128::from(base) + u128::from(digit);
        i += 1;
    }
    if value > u128::from(u64::MAX) || i == TMPBUFLEN - 1 {
        return None;
    }
    if i < text.len() && !matches!(tmp[i], b' ' | b'\t' | b'\n') {
        return None;
    }
    *p += i;
    *left -= i;
    Some((negative, value as u64))
}

fn isspace(character: u8) -> bool {
    [b' ', b'\t', b'\n', 0x0b, 0x0c, b'\r', 0xa0].contains(&character)
}
