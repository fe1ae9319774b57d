// SPDX-License-Identifier: GPL-2.0

//! The series of patches for the kernel, which `make upstream` writes.

use std::fs;

use lab::{cache, debian, progress::show, Result};

/// How many patches there are.
fn patches() -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(cache::tree().join("upstream"))? {
        count += usize::from(entry?.file_type()?.is_dir());
    }
    Ok(count)
}

/// The same bytes each time; it applies; neither checkpatch nor rustfmt complains; MAINTAINERS has what is new.
#[test]
fn the_series_is_what_maintainers_ask_for() -> Result<()> {
    let root = debian::hackers()?.scratch()?;
    let source = debian::sources(&root)?;
    let said = root.script("tests/system/scripts/series.sh", &[&source])?;
    assert_eq!(
        said.ok()?,
        format!("{} patches, 0 complaints\n", patches()?)
    );
    Ok(())
}

/// Each patch builds, with clippy; the documentation too. KUnit passes, and sees where C's fix is missing.
#[test]
#[ignore = "make test-debug"]
fn the_series_builds_and_passes_its_tests() -> Result<()> {
    let root = debian::hackers()?.scratch()?;
    let source = debian::sources(&root)?;
    let said = root.script("tests/system/scripts/series-build.sh", &[&source])?;
    let said = said.ok()?;
    show(&said);
    assert_eq!(said.matches("built: ").count(), patches()?, "{said}");
    let (fixed, broken) = said
        .split_once("without the fix:\n")
        .ok_or("KUnit has run once")?;
    assert!(!fixed.contains("not ok"), "{said}");
    for passed in [
        "# sysctl_test: pass:12 fail:0 skip:0 total:12",
        "# rust_sysctl_text: pass:10 fail:0 skip:0 total:10",
        "# rust_sysctl: pass:8 fail:0 skip:0 total:8",
        "rust_doctest_kernel_sysctl_rs_0",
    ] {
        assert!(fixed.contains(passed), "{passed}: {said}");
    }
    let failed = broken.lines().filter(|line| line.contains("not ok"));
    let failed = Vec::from_iter(failed.filter_map(|line| line.split(' ').next_back()));
    assert_eq!(
        failed,
        [
            "sysctl_test_register_present",
            "sysctl_test_register_conflict",
            "sysctl_test",
            "an_entry_is_refused_where_nobody_sees_proc",
            "rust_sysctl",
        ],
        "{said}"
    );
    Ok(())
}
