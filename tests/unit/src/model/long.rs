// SPDX-License-Identifier: GPL-2.0

//! Code that numbers and bitmaps share.

/// `TMPBUFLEN`.
const TMPBUFLEN: usize = 22;

/// `proc_get_long()` with `strtoul_lenient()`.
pub fn get_long(
    buf: &[u8],
    at: &mut usize,
    size: &mut usize,
    perm_tr: &[u8],
    tr: &mut u8,
) -> Option<(u64, bool)> {
    let mut len = *size;
    if len == 0 {
        return None;
    }
    if len > TMPBUFLEN - 1 {
        len = TMPBUFLEN - 1;
    }
    let mut tmp = [0; TMPBUFLEN];
    tmp[..len].copy_from_slice(&buf[*at..*at + len]);

    let mut p = 0;
    let neg = tmp[p] == b'-' && *size > 1;
    if neg {
        p += 1;
    }
    if !tmp[p].is_ascii_digit() {
        return None;
    }
    let mut base = 10;
    if tmp[p] == b'0' {
        if tmp[p + 1].eq_ignore_ascii_case(&b'x') && tmp[p + 2].is_ascii_hexdigit() {
            base = 16;
            p += 2;
        } else {
            base = 8;
        }
    }
    let mut val: u128 = 0;
    loop {
        let digit = match tmp[p] {
            c @ b'0'..=b'9' => c - b'0',
            c @ b'a'..=b'f' => c - b'a' + 10,
            c @ b'A'..=b'F' => c - b'A' + 10,
            _ => break,
        };
        if digit >= base {
            break;
        }
        val = val * u128::from(base) + u128::from(digit);
        p += 1;
    }
    let val = u64::try_from(val).ok()?;

    len = p;
    if len == TMPBUFLEN - 1 {
        return None;
    }
    if len < *size && !perm_tr.is_empty() && !perm_tr.contains(&tmp[p]) {
        return None;
    }
    if len < *size {
        *tr = tmp[p];
    }
    *at += len;
    *size -= len;
    Some((val, neg))
}

/// `proc_put_long()`.
pub fn put_long(buf: &mut Vec<u8>, size: &mut usize, val: u128, neg: bool) {
    let tmp = format!("{}{val}", if neg { "-" } else { "" });
    let mut len = tmp.len();
    if len > *size {
        len = *size;
    }
    buf.extend_from_slice(&tmp.as_bytes()[..len]);
    *size -= len;
}

/// `proc_put_char()`.
pub fn put_char(buf: &mut Vec<u8>, size: &mut usize, c: u8) {
    if *size != 0 {
        buf.push(c);
        *size -= 1;
    }
}
