// SPDX-License-Identifier: GPL-2.0

//! Names and paths that can be registered.

use super::text::{is_name, is_path};

#[test]
fn names() {
    let longest = "n".repeat(255);
    for good in ["atom", "a", "with space", "..a", longest.as_str()] {
        assert!(is_name(good.as_bytes()), "{good:?}");
    }
    let too_long = "n".repeat(256);
    for bad in ["", ".", "..", "/", "a/b", "/a", "a/", too_long.as_str()] {
        assert!(!is_name(bad.as_bytes()), "{bad:?}");
    }
}

#[test]
fn paths() {
    for good in ["example", "net/ipv4/conf", "a/b.c"] {
        assert!(is_path(good.as_bytes()), "{good:?}");
    }
    for bad in [
        "", "/", "/example", "example/", "a//b", "a/../b", "./a", "a/.",
    ] {
        assert!(!is_path(bad.as_bytes()), "{bad:?}");
    }
}
