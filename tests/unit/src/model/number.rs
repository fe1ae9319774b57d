// SPDX-License-Identifier: GPL-2.0

//! `do_proc_vec()` and `proc_dobool()`.

use super::{
    long::{get_long, put_char, put_long},
    PAGE_SIZE,
};

/// `proc_wspace_sep`.
const PROC_WSPACE_SEP: &[u8] = b" \t\n";

/// `enum proc_vec_type`, and a signed long, which C does not have.
#[derive(Clone, Copy, PartialEq)]
pub enum Type {
    Int,
    Uint,
    Ulong,
    Long,
}

/// The part of `struct ctl_table` that concerns numbers.
pub struct Table {
    pub kind: Type,
    pub extra1: Option<i128>,
    pub extra2: Option<i128>,
}

/// Returns how many elements of `data` are stored and what `*lenp` becomes.
///
/// Unlike C, this takes vectors of unsigned int.
pub fn write(table: &Table, data: &mut [i128], buffer: &[u8]) -> Option<(usize, usize)> {
    let is_unsigned = matches!(table.kind, Type::Uint | Type::Ulong);
    let mut i = 0;
    let mut vleft = data.len();
    let mut left = buffer.len();
    let mut first = true;

    if left > PAGE_SIZE - 1 {
        left = PAGE_SIZE - 1;
    }
    let mut p = 0;
    while left != 0 && vleft != 0 {
        vleft -= 1;
        skip_spaces(buffer, &mut p, &mut left);
        if left == 0 {
            break;
        }
        let mut tr = 0;
        let (lval, neg) = get_long(buffer, &mut p, &mut left, PROC_WSPACE_SEP, &mut tr)?;
        if neg && is_unsigned {
            return None;
        }
        data[i] = convert(table, neg, lval)?;
        i += 1;
        first = false;
    }
    if left != 0 {
        skip_spaces(buffer, &mut p, &mut left);
    }
    if first {
        return None;
    }
    Some((i, buffer.len() - left))
}

/// Returns what a read into `size` bytes shows.
pub fn read(data: &[i128], size: usize) -> Vec<u8> {
    let mut buffer = Vec::new();
    let mut left = size;
    let mut first = true;
    for value in data {
        if left == 0 {
            break;
        }
        if !first {
            put_char(&mut buffer, &mut left, b'\t');
        }
        put_long(&mut buffer, &mut left, value.unsigned_abs(), *value < 0);
        first = false;
    }
    if !first && left != 0 {
        put_char(&mut buffer, &mut left, b'\n');
    }
    buffer
}

/// `proc_dobool()`.
pub fn write_bool(buffer: &[u8]) -> Option<(bool, usize)> {
    let table = Table {
        kind: Type::Int,
        extra1: None,
        extra2: None,
    };
    let mut val = [0];
    let (_, len) = write(&table, &mut val, buffer)?;
    Some((val[0] != 0, len))
}

fn convert(table: &Table, neg: bool, u: u64) -> Option<i128> {
    let u = i128::from(u);
    let tmp_k = match table.kind {
        Type::Int if neg && u > i128::from(i32::MAX) + 1 => return None,
        Type::Int if !neg && u > i128::from(i32::MAX) => return None,
        Type::Long if neg && u > i128::from(i64::MAX) + 1 => return None,
        Type::Long if !neg && u > i128::from(i64::MAX) => return None,
        Type::Uint if u > i128::from(u32::MAX) => return None,
        _ if neg => -u,
        _ => u,
    };
    if table.extra1.is_some_and(|extra1| extra1 > tmp_k)
        || table.extra2.is_some_and(|extra2| extra2 < tmp_k)
    {
        return None;
    }
    Some(tmp_k)
}

fn skip_spaces(buf: &[u8], p: &mut usize, size: &mut usize) {
    while *size != 0 {
        if ![b' ', b'\t', b'\n', 0x0b, 0x0c, b'\r', 0xa0].contains(&buf[*p]) {
            break;
        }
        *size -= 1;
        *p += 1;
    }
}
