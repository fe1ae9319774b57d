// SPDX-License-Identifier: GPL-2.0

//! The table of supported systems, which is in README: what `make test-matrix` tries, and what cannot be tried.

use std::{fmt, fs};

use crate::{
    arch::{ARMHF, LOONG64, RISCV64},
    cache,
    system::{
        backports, next_cross, own, Suite, System, ARM64_16K_CROSS, ARM64_CROSS, ARM64_EMULATED,
        CLOUD, FORKY, NEXT, RT, UNSTABLE,
    },
    Result,
};

/// What is tried on a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// From the installation by apt to the removal, booted with systemd.
    Life,
    /// A life with the release upgrade to this one in it.
    Upgrade(&'static Suite),
    /// The modules are built on another machine and loaded.
    Boot,
    /// The module is built.
    Build,
    /// The packages are installed, and the kernel is none that modules can be built for.
    Skip,
}

impl Trial {
    /// What runs, for people.
    pub fn what(self) -> &'static str {
        match self {
            Self::Life => "apt, DKMS, boot, sysctl, contract, reboot, removal",
            Self::Upgrade(_) => "apt, boot, full-upgrade, boot of both kernels, rebuild",
            Self::Boot => "apt, DKMS, boot, contract, 200,000 calls beside C's, unload",
            Self::Build => "apt, DKMS",
            Self::Skip => "apt, DKMS",
        }
    }

    /// What the result is where all is well, for people.
    pub fn success(self) -> &'static str {
        match self {
            Self::Skip => "skipped with one line, as expected",
            Self::Build => "is built",
            _ => "works",
        }
    }
}

/// What is tried, in the order of the table.
pub const TRIED: &[(System, Trial)] = &[
    (own("amd64"), Trial::Life),
    (own("cloud-amd64"), Trial::Life),
    (RT, Trial::Life),
    (backports("amd64"), Trial::Life),
    (CLOUD, Trial::Life),
    (backports("rt-amd64"), Trial::Life),
    (own("amd64"), Trial::Upgrade(&FORKY)),
    (NEXT_AMD64, Trial::Life),
    (NEXT, Trial::Life),
    (UNSTABLE, Trial::Life),
    (OWN_ARM64, Trial::Skip),
    (ARM64_EMULATED, Trial::Life),
    (ARM64_CROSS, Trial::Boot),
    (ARM64_16K_CROSS, Trial::Boot),
    (next_cross("armmp", &ARMHF), Trial::Boot),
    (next_cross("loong64", &LOONG64), Trial::Build),
    (next_cross("riscv64", &RISCV64), Trial::Skip),
];

/// What cannot be tried without its machine or its distribution, and the other cells of its row. What rust-kheaders
/// decides there is tested with its layout: see `tests/system/layouts.rs`.
pub const NOT_TRIED: &[(&str, &str)] = &[
    (
        "Fedora 44",
        "7.1.6 and later | x86_64 | 1.98.0 | 15.3.1 | with the kernel's crates | \
         RPMs in a root that dnf takes for Fedora, one boot; decisions | \
         not tested; should work: kernel-devel has the metadata | -",
    ),
    (
        "Ubuntu 26.04",
        "7.0.0-generic | amd64 | 1.93.1 | 15.2.0 | with the kernel's crates | decisions | \
         not tested; should work with linux-lib-rust-RELEASE, which has the metadata | -",
    ),
    (
        "Arch Linux",
        "7.1.6-arch1 | x86_64 | 1.98.1 | 16.1.1 | with the kernel's crates | decisions | \
         not tested; should work while rust is the kernel's: linux-headers has the metadata | -",
    ),
    (
        "RHEL 10",
        "6.12.0-211.el10 | x86_64 | 1.92.0 | 14 | - | decisions | \
         not tested; skipped: before 7.0, Rust off, and not on the list of linked kernels | -",
    ),
    (
        "SLES 16",
        "6.12.0-160000-default | x86_64 | - | 13 | - | decisions | not tested; skipped, as RHEL 10 | -",
    ),
];

/// The next release in the flavour that most machines have.
const NEXT_AMD64: System = System {
    flavour: "amd64",
    ..NEXT
};

/// Debian's own kernel for 64-bit ARM. None of our tests boot it with linked modules.
const OWN_ARM64: System = System {
    series: Some("6.12"),
    ..ARM64_EMULATED
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What tells it from others.
    pub system: String,
    /// What follows, between the lines.
    pub rest: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} |", self.system, self.rest)
    }
}

/// The heading of the table.
pub const HEADING: &str =
    "| system | kernel | architecture | rustc | gcc | Rust code | what ran | result | date |";

/// What the first cell of a row says.
pub fn title(system: &System, trial: Trial) -> String {
    match trial {
        Trial::Upgrade(to) => format!("{}, upgraded to {}", system.title(), to.name),
        _ => system.title(),
    }
}

fn not_tried() -> impl Iterator<Item = Row> {
    NOT_TRIED.iter().map(|(system, rest)| Row {
        system: (*system).to_owned(),
        rest: (*rest).to_owned(),
    })
}

const README: &str = "README.md";

/// The rows that README has.
fn recorded() -> Result<Vec<Row>> {
    let text = fs::read_to_string(cache::tree().join(README))?;
    let rows = text.lines().skip_while(|line| *line != HEADING).skip(2);
    Ok(rows
        .map_while(|line| {
            line.strip_prefix("| ")?
                .strip_suffix(" |")?
                .split_once(" | ")
        })
        .map(|(system, rest)| Row {
            system: system.to_owned(),
            rest: rest.to_owned(),
        })
        .collect())
}

/// Puts `rows` into README's table, in the place of those that it has of the same systems.
pub fn record(rows: &[Row]) -> Result<()> {
    let old = recorded()?;
    let tried = TRIED.iter().filter_map(|(system, trial)| {
        let title = title(system, *trial);
        rows.iter()
            .chain(&old)
            .find(|row| row.system == title)
            .cloned()
    });
    let table: String = tried
        .chain(not_tried())
        .map(|row| format!("{row}\n"))
        .collect();

    let path = cache::tree().join(README);
    let text = fs::read_to_string(&path)?;
    let start = text
        .find(HEADING)
        .ok_or("README.md has no table of systems")?;
    let end = text[start..]
        .find("\n\n")
        .map_or(text.len(), |end| start + end + 1);
    let line = "|---".repeat(HEADING.matches(" | ").count() + 1);
    let text = format!(
        "{}{HEADING}\n{line}|\n{table}{}",
        &text[..start],
        &text[end..]
    );
    Ok(fs::write(path, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// README names no system without a run, and none that there is is missing.
    #[test]
    fn the_table_in_readme_has_what_was_tried_and_what_was_not() -> Result<()> {
        let recorded = recorded()?;
        let titles = TRIED.iter().map(|(system, trial)| title(system, *trial));
        let rows = not_tried().collect::<Vec<_>>();
        let titles = Vec::from_iter(titles.chain(rows.iter().map(|row| row.system.clone())));
        let found = Vec::from_iter(recorded.iter().map(|row| row.system.clone()));
        assert_eq!(found, titles);
        for row in &recorded[..TRIED.len()] {
            let date = row.rest.rsplit(" | ").next().unwrap_or_default();
            assert!(date.len() == 10 && date.starts_with("20"), "{row}");
        }
        assert_eq!(recorded[TRIED.len()..], rows);
        Ok(())
    }
}
