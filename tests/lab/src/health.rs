// SPDX-License-Identifier: GPL-2.0

//! What a guest's kernel must not have said.

use std::mem;

/// What the kernel says when something is wrong with it.
const REPORTS: &[&str] = &[
    "BUG ",
    "BUG:",
    TRACE,
    "INFO: task",
    "ODEBUG:",
    "Oops",
    "UBSAN:",
    "WARNING:",
    "kernel BUG at",
    "panicked at",
    "unregister_netdevice: waiting",
];

const TRACE: &str = "Call Trace:";

/// Taint flags that an out-of-tree module (12, `O`) with a key that is not enrolled (13, `E`) sets.
const EXPECTED_TAINT: u32 = 1 << 12 | 1 << 13;

/// What is wrong with a kernel that has logged `log` and is tainted so; the traces of `expected` messages
/// are not.
pub(crate) fn complaint(log: &str, taint: u32, expected: &[&str]) -> Option<String> {
    let mut is_expected = false;
    let mut reports = Vec::new();
    for line in log.lines() {
        if expected.iter().any(|message| line.contains(message)) {
            is_expected = true;
        } else if REPORTS.iter().any(|report| line.contains(report))
            && !(mem::take(&mut is_expected) && line.contains(TRACE))
        {
            reports.push(line);
        }
    }
    if !reports.is_empty() {
        return Some(format!("the kernel reports:\n{}", reports.join("\n")));
    }
    (taint & !EXPECTED_TAINT != 0).then(|| format!("the kernel is tainted: {taint:#x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_reports_fails_a_run() {
        let tainted = complaint("", 0x3400, &[]);
        assert_eq!(tainted.as_deref(), Some("the kernel is tainted: 0x3400"));
        let warned = complaint("[1] fine\n[2] WARNING: made up\n", 0x3000, &[]);
        assert_eq!(
            warned.as_deref(),
            Some("the kernel reports:\n[2] WARNING: made up")
        );
        assert_eq!(complaint("[1] fine\n", 0x3000, &[]), None);
    }

    #[test]
    fn only_the_trace_of_an_expected_message_is_passed_over() {
        let log = "vmalloc error: size 1\nCall Trace:\n";
        assert_eq!(complaint(log, 0, &["vmalloc error: "]), None);
        let twice = format!("{log}Call Trace:\n");
        assert!(complaint(&twice, 0, &["vmalloc error: "]).is_some());
        assert!(complaint(log, 0, &[]).is_some());
    }
}
