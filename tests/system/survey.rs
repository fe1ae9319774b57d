// SPDX-License-Identifier: GPL-2.0

//! The kernel's own entries, and which of our types serves each.

use std::fs;

use lab::{cache, survey, Result};

/// The table that is kept is the one that the newest stock kernel's sources make. No entry of code that can be a
/// module is without a type. The guide for authors says how many there are.
#[test]
fn every_entry_of_a_module_has_a_type() -> Result<()> {
    let kept = fs::read_to_string(cache::tree().join(survey::TABLE))?;
    // Its text has lines.
    let made = survey::of_newest().unwrap_or_else(|error| panic!("{error}"));
    let difference = survey::difference(&kept, &made);
    assert!(
        difference.is_empty(),
        "{difference}{} is another one; to fix: make survey RECORD=1",
        survey::TABLE
    );
    let authors = fs::read_to_string(cache::tree().join("docs/module-authors.md"))?;
    let count = survey::count(&kept).ok_or("the table has no sum")?;
    assert!(kept.contains(&format!("\n{count} of {count} entries in ")));
    assert!(
        authors.contains(&format!(" {count} entries ")),
        "docs/module-authors.md does not say {count} entries"
    );
    Ok(())
}
