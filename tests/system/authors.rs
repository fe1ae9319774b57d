// SPDX-License-Identifier: GPL-2.0

//! Authors of any module: what rust-kheaders makes is exact, and whole.

use lab::{debian, Result};

/// Debug information has the same variables, and each source that it names exists.
#[test]
fn modules_are_the_same_as_with_a_full_tree() -> Result<()> {
    let root = debian::enabled()?.scratch()?;
    let said = root.script("tests/system/scripts/exact.sh", &[])?.ok()?;
    let same = said.lines().filter(|line| line.ends_with(".ko: same"));
    assert!(same.count() > 10, "{said}");
    assert!(
        said.lines().all(|line| line.ends_with(".ko: same")),
        "{said}"
    );
    Ok(())
}

#[test]
fn tools_find_what_they_look_for() -> Result<()> {
    let root = debian::enabled()?.scratch()?;
    let said = root.script("tests/system/scripts/whole.sh", &[])?.ok()?;
    assert_eq!(
        said,
        "rust-analyzer: True True []
clippy: 1
expanded: some some some
installed: installed/lib/modules/RELEASE/updates/skeleton.ko.xz
available: yes
documented: 1
documented: /doc/skeleton/index.html 
"
    );
    Ok(())
}
