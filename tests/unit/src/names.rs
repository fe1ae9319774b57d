// SPDX-License-Identifier: GPL-2.0

//! Which names and paths can be registered.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    check,
    sysctl::text::{is_name, is_path},
};

proptest! {
    #![proptest_config(crate::writes::config())]

    #[test]
    fn a_path_is_one_or_more_names(pieces in vec(select(vec!["a", ".", "/", "..", "b c", "\n", "\u{e4}"]), 0..8)) {
        check::path(pieces.concat().as_bytes());
    }
}

#[test]
fn only_names_that_can_be_opened_are_taken() {
    let longest = "n".repeat(255) + "\0";
    for good in ["atom\0", "a\0", "with space\0", "a.b\0", "a.\0", &longest] {
        assert!(is_name(good.as_bytes()), "{good:?}");
    }
    let too_long = "n".repeat(256) + "\0";
    for bad in [
        "\0", ".\0", "..\0", "..a\0", ".a\0", "/\0", "a/b\0", "/a\0", "a/\0", &too_long,
    ] {
        assert!(!is_name(bad.as_bytes()), "{bad:?}");
    }
}

#[test]
fn only_paths_of_such_names_are_taken() {
    let longest = "n".repeat(255);
    let two = format!("{longest}/{longest}\0");
    for good in ["example\0", "net/ipv4/conf\0", "a/b.c\0", &two] {
        assert!(is_path(good.as_bytes()), "{good:?}");
    }
    let too_long = format!("a/{longest}n/b\0");
    for bad in [
        "\0",
        "/\0",
        "/example\0",
        "example/\0",
        "a//b\0",
        "a/../b\0",
        "./a\0",
        "a/.\0",
        "a/.b\0",
        &too_long,
    ] {
        assert!(!is_path(bad.as_bytes()), "{bad:?}");
    }
}
