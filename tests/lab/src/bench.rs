// SPDX-License-Identifier: GPL-2.0

//! What our handlers cost beside C's, in instructions and bytes.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    fs,
    process::Command,
    time::Duration,
};

use crate::{bare::Bare, cache, root::said, setup::COUNTING_CPU, Result};

/// The types, and what share of C's instructions above the floor a read and a write may cost.
pub const TYPES: &[(&str, [f64; 2])] = &[
    ("bool", [0.30, 0.40]),
    ("int", [0.30, 0.40]),
    ("u8", [0.30, 0.40]),
    ("int4", [0.30, 0.40]),
    ("string", [0.90, 0.90]),
    ("bitmap", [0.90, 0.90]),
];

/// What the size of the module with a bool may be, as a multiple of its C twin's.
///
/// C's parser, its printer and the check of what is registered are in the kernel. A module of ours brings its
/// own, once for all of its entries.
pub const SIZE: f64 = 6.5;

/// Entries whose value each write changes: one that tells nobody, and one that announces it, which nobody listens to.
pub const FLIPS: [&str; 2] = ["rust_flip", "rust_announced_flip"];

/// How many times as dear as the first of [`FLIPS`] a write to the second may be.
pub const ANNOUNCED: f64 = 1.05;

/// Where the medians are that later ones are held against.
pub const BASELINE: &str = "bench/baseline";

/// The medians of the instructions that four operations take, the system calls included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// `pread()` of 64 bytes.
    pub read: u32,
    /// `pwrite()` of a value.
    pub write: u32,
    /// `pwrite()` of something that is refused.
    pub refused: u32,
    /// `open()`, `read()` and `close()`.
    pub open: u32,
}

/// What `size` says of a module, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// What is neither written to nor zero at first.
    pub text: u32,
    /// What is written to.
    pub data: u32,
    /// The file without debug information.
    pub file: u32,
}

/// Costs by the entry's name: `floor`, and of each type `c_` and `rust_` with its name.
pub struct Costs {
    /// The kernel's release, QEMU's version and the processor model.
    pub heading: String,
    /// Of the entries.
    pub costs: BTreeMap<String, Cost>,
}

impl Costs {
    /// Those of [`BASELINE`].
    pub fn baseline() -> Result<Self> {
        fs::read_to_string(cache::tree().join(BASELINE))?.parse_costs()
    }

    /// What an entry's operation takes above what one takes that does nothing.
    pub fn above_floor(&self, name: &str, of: fn(&Cost) -> u32) -> Result<f64> {
        Ok(f64::from(of(self.of(name)?)) - f64::from(of(self.of("floor")?)))
    }

    fn of(&self, name: &str) -> Result<&Cost> {
        Ok(self.costs.get(name).ok_or_else(|| format!("no {name}"))?)
    }

    /// Our share of what C takes above the floor.
    pub fn share(&self, name: &str, of: fn(&Cost) -> u32) -> Result<f64> {
        let ours = self.above_floor(&format!("rust_{name}"), of)?;
        Ok(ours / self.above_floor(&format!("c_{name}"), of)?)
    }
}

trait ParseCosts {
    fn parse_costs(&self) -> Result<Costs>;
}

impl ParseCosts for str {
    fn parse_costs(&self) -> Result<Costs> {
        let (heading, lines) = self.split_once('\n').ok_or("no heading")?;
        let costs = lines
            .lines()
            .map(|line| {
                let (name, numbers) = line.split_once(' ').ok_or_else(|| line.to_owned())?;
                let numbers = numbers
                    .split(' ')
                    .map(str::parse)
                    .collect::<Result<Vec<_>, _>>()?;
                let [read, write, refused, open] = numbers[..] else {
                    return Err(line.into());
                };
                let cost = Cost {
                    read,
                    write,
                    refused,
                    open,
                };
                Ok((name.to_owned(), cost))
            })
            .collect::<Result<_>>()?;
        Ok(Costs {
            heading: heading.into(),
            costs,
        })
    }
}

impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.heading)?;
        for (name, cost) in &self.costs {
            let Cost {
                read,
                write,
                refused,
                open,
            } = cost;
            writeln!(f, "{name} {read} {write} {refused} {open}")?;
        }
        Ok(())
    }
}

/// What was measured.
pub struct Bench {
    /// Instructions.
    pub costs: Costs,
    /// The modules' sizes, by their names.
    pub sizes: BTreeMap<String, Size>,
}

impl Bench {
    /// Boots a kernel with QEMU counting instructions, and measures there. The machine's files are called `name`.
    pub fn run(bare: &Bare, name: &str) -> Result<Self> {
        let mut machine = bare.machine(name).counting().boot()?;
        machine.set_patience(Duration::from_secs(600));
        let names: Vec<_> = TYPES
            .iter()
            .flat_map(|(name, _)| [format!("c_{name}"), format!("rust_{name}")])
            .chain(FLIPS.map(str::to_owned))
            .chain(["floor".into()])
            .collect();
        for name in &names {
            machine.ok(&format!("insmod /modules/{name}.ko"))?;
        }
        let costs = machine.ok(&format!("cost {}", names.join(" ")))?;
        let sizes = fs::read_to_string(bare.modules().join("sizes"))?;
        let release = machine.ok("uname -r")?;
        machine.require_health()?;
        Ok(Self {
            costs: format!("{}\n{costs}", heading(release.trim())?).parse_costs()?,
            sizes: parse_sizes(&sizes)?,
        })
    }

    /// How many times as dear a write is if it is announced.
    pub fn announced(&self) -> Result<f64> {
        let [plain, announced] = FLIPS.map(|name| self.costs.of(name));
        Ok(f64::from(announced?.write) / f64::from(plain?.write))
    }

    /// How many times as large the module with a bool is as its twin.
    pub fn size_of_bool(&self) -> Result<f64> {
        let text = |name| self.sizes.get(name).map(|size| f64::from(size.text));
        let sizes = text("rust_bool").zip(text("c_bool"));
        let (rust, c) = sizes.ok_or("no module with a bool")?;
        Ok(rust / c)
    }

    /// Tables for people, in Markdown.
    pub fn table(&self) -> Result<String> {
        let mut table = String::from(
            "| instructions | read | write | refused write | open, read, close |\n|---|---|---|---|---|\n",
        );
        let Cost {
            read,
            write,
            refused,
            open,
        } = self.costs.of("floor")?;
        writeln!(
            table,
            "| a handler that does nothing | {read} | {write} | {refused} | {open} |"
        )?;
        for (name, _) in TYPES {
            let (c, rust) = (format!("c_{name}"), format!("rust_{name}"));
            let (c, rust) = (self.costs.of(&c)?, self.costs.of(&rust)?);
            write!(table, "| {name}: C, ours")?;
            for of in [
                |cost: &Cost| cost.read,
                |cost: &Cost| cost.write,
                |cost: &Cost| cost.refused,
                |cost: &Cost| cost.open,
            ] {
                let share = 100.0 * self.costs.share(name, of)?;
                write!(table, " | {}, {} ({share:.0} %)", of(c), of(rust))?;
            }
            table.push_str(" |\n");
        }
        let [plain, announced] = FLIPS.map(|name| self.costs.of(name));
        writeln!(
            table,
            "\nA write that changes a bool: {}. If it is announced and nobody listens: {}.",
            plain?.write, announced?.write
        )?;
        table.push_str("\n| bytes | text | data | file |\n|---|---|---|---|\n");
        for (name, _) in TYPES {
            let size = |language| {
                let module = format!("{language}_{name}");
                self.sizes.get(&module).ok_or(format!("no {module}"))
            };
            let (c, rust) = (size("c")?, size("rust")?);
            writeln!(
                table,
                "| {name}: C, ours | {}, {} | {}, {} | {}, {} |",
                c.text, rust.text, c.data, rust.data, c.file, rust.file
            )?;
        }
        Ok(table)
    }
}

/// What costs depend on besides the handlers.
fn heading(release: &str) -> Result<String> {
    let qemu = Command::new("qemu-system-x86_64")
        .arg("--version")
        .output()?;
    let qemu = said(&qemu).ok()?;
    let version = qemu.split_whitespace().nth(3).unwrap_or_default();
    Ok(format!("Linux {release}, QEMU {version}, {COUNTING_CPU}"))
}

/// Lines of `size`, each with the size of the file before it.
fn parse_sizes(text: &str) -> Result<BTreeMap<String, Size>> {
    text.lines()
        .map(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            let [file, text, data, .., name] = words[..] else {
                return Err(line.into());
            };
            let size = Size {
                text: text.parse()?,
                data: data.parse()?,
                file: file.parse()?,
            };
            Ok((name.trim_end_matches(".ko").to_owned(), size))
        })
        .collect()
}
