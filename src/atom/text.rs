// SPDX-License-Identifier: GPL-2.0

//! The text of a write to the bit. Pure.

use crate::sysctl::number::{
    parse_values,
    take_number, //
};

/// What a write does to the bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BitWrite {
    /// Sets it: `0` or `1`, or another spelling that C takes (`01`, `0x1`, `-0`).
    Set(bool),
    /// Inverts it: `flip`.
    Flip,
}

/// Returns what writing `data` does, and how many bytes the write consumes.
///
/// [`None`] is EINVAL.
pub(crate) fn parse_bit(data: &[u8]) -> Option<(BitWrite, usize)> {
    let mut values = [BitWrite::Flip];
    let (_, consumed) = parse_values(data, &mut values, take_bit)?;
    let [value] = values;
    Some((value, consumed))
}

fn take_bit(text: &[u8]) -> Option<(BitWrite, &[u8])> {
    if let Some(rest) = text.strip_prefix(b"flip") {
        return Some((BitWrite::Flip, rest));
    }
    match take_number(text)? {
        (0, _, rest) => Some((BitWrite::Set(false), rest)),
        (1, false, rest) => Some((BitWrite::Set(true), rest)),
        _ => None,
    }
}
