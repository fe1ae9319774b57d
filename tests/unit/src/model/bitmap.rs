// SPDX-License-Identifier: GPL-2.0

//! `proc_do_large_bitmap()`.

use super::{
    long::{get_long, put_char, put_long},
    PAGE_SIZE,
};

/// Returns what `*lenp` becomes.
pub fn write(bitmap: &mut [bool], buffer: &[u8], ppos: &mut u64) -> Option<usize> {
    let bitmap_len = bitmap.len() as u64;
    let tr_a = b"-,\n";
    let tr_b = b",\n\0";
    let mut c = 0;
    let mut left = buffer.len();
    let mut p = 0;
    let mut skipped = 0;

    if left > PAGE_SIZE - 1 {
        left = PAGE_SIZE - 1;
        skipped = buffer.len() - left;
    }
    let mut tmp_bitmap = vec![false; bitmap.len()];
    skip_char(buffer, &mut p, &mut left, b'\n');
    while left != 0 {
        let saved_left = left;
        let val_a = get_long(buffer, &mut p, &mut left, tr_a, &mut c);
        if left <= 1 && skipped != 0 {
            left = saved_left;
            // `err` is still what it was.
            val_a?;
            break;
        }
        let (val_a, neg) = val_a?;
        if val_a >= bitmap_len || neg {
            return None;
        }
        let mut val_b = val_a;
        if left != 0 {
            p += 1;
            left -= 1;
        }
        if c == b'-' {
            let got = get_long(buffer, &mut p, &mut left, tr_b, &mut c);
            if left == 0 && skipped != 0 {
                left = saved_left;
                got?;
                break;
            }
            let neg;
            (val_b, neg) = got?;
            if val_b >= bitmap_len || neg || val_a > val_b {
                return None;
            }
            if left != 0 {
                p += 1;
                left -= 1;
            }
        }
        tmp_bitmap[val_a as usize..=val_b as usize].fill(true);
        skip_char(buffer, &mut p, &mut left, b'\n');
    }
    left += skipped;

    if *ppos != 0 {
        for (bit, new) in bitmap.iter_mut().zip(tmp_bitmap) {
            *bit |= new;
        }
    } else {
        bitmap.copy_from_slice(&tmp_bitmap);
    }
    let lenp = buffer.len() - left;
    *ppos += lenp as u64;
    Some(lenp)
}

/// Returns what a read into `size` bytes shows.
pub fn read(bitmap: &[bool], size: usize) -> Vec<u8> {
    let mut buffer = Vec::new();
    let mut left = size;
    let mut bit_b = 0;
    let mut first = true;
    while left != 0 {
        let bit_a = find_next(bitmap, bit_b, true);
        if bit_a >= bitmap.len() {
            break;
        }
        bit_b = find_next(bitmap, bit_a + 1, false) - 1;

        if !first {
            put_char(&mut buffer, &mut left, b',');
        }
        put_long(&mut buffer, &mut left, bit_a as u128, false);
        if bit_a != bit_b {
            put_char(&mut buffer, &mut left, b'-');
            put_long(&mut buffer, &mut left, bit_b as u128, false);
        }
        first = false;
        bit_b += 1;
    }
    put_char(&mut buffer, &mut left, b'\n');
    buffer
}

fn skip_char(buf: &[u8], p: &mut usize, size: &mut usize, v: u8) {
    while *size != 0 {
        if buf[*p] != v {
            break;
        }
        *size -= 1;
        *p += 1;
    }
}

/// `find_next_bit()` and `find_next_zero_bit()`.
fn find_next(bitmap: &[bool], offset: usize, value: bool) -> usize {
    let rest = bitmap.get(offset..).unwrap_or(&[]);
    rest.iter()
        .position(|bit| *bit == value)
        .map_or(bitmap.len(), |index| offset + index)
}
