// SPDX-License-Identifier: GPL-2.0

//! `_proc_do_string()` in strict mode. `maxlen` is the length of `data`.

/// Returns what `*lenp` becomes.
pub fn write(data: &mut [u8], buffer: &[u8], ppos: &mut u64) -> usize {
    let maxlen = data.len();
    let mut len = strlen(data);
    if len > maxlen - 1 {
        len = maxlen - 1;
    }
    if *ppos > len as u64 {
        return buffer.len();
    }
    len = *ppos as usize;

    *ppos += buffer.len() as u64;
    let mut p = 0;
    while p < buffer.len() && len < maxlen - 1 {
        let c = buffer[p];
        p += 1;
        if c == 0 || c == b'\n' {
            break;
        }
        data[len] = c;
        len += 1;
    }
    data[len] = 0;
    buffer.len()
}

/// Returns what a read into `size` bytes shows.
pub fn read(data: &[u8], size: usize, ppos: &mut u64) -> Vec<u8> {
    let maxlen = data.len();
    let mut len = strlen(data);
    if len > maxlen {
        len = maxlen;
    }
    if *ppos > len as u64 {
        return Vec::new();
    }
    let start = *ppos as usize;
    len -= start;
    if len > size {
        len = size;
    }
    let mut buffer = data[start..start + len].to_vec();
    if len < size {
        buffer.push(b'\n');
        len += 1;
    }
    *ppos += len as u64;
    buffer
}

/// `strlen()`.
pub fn strlen(data: &[u8]) -> usize {
    data.iter()
        .position(|byte| *byte == 0)
        .unwrap_or(data.len())
}
