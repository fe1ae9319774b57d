// SPDX-License-Identifier: GPL-2.0

//! The kernel's own entries, as far as their code can be a module, and which of our types serves each.
//!
//! The table is made from the sources, and from what has been written by hand about handlers that are not C's
//! ready ones. A test compares it with the one that is kept.

mod archive;
mod c;
mod kbuild;
mod service;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    fs::{self, File as Archive},
    io::BufReader,
    path::Path,
    process::{Command, Stdio},
};

use self::{
    archive::Sources,
    c::{File, Namespaces},
    kbuild::{Fate, Kbuild},
    service::{ByHand, Service, NOTHING},
};
use crate::{cache, debian, Result};

/// The table that is kept.
pub const TABLE: &str = "tests/sysctls/README.md";

/// What has been written by hand.
pub const BY_HAND: &str = "tests/sysctls/by-hand.md";

/// The table, made from the sources of the newest stock kernel.
pub fn of_newest() -> Result<String> {
    let root = debian::forge()?.scratch()?;
    let mut command = root.command("xz")?;
    command.args(["-T0", "-dc", &debian::sources(&root)?]);
    of_output(command)
}

/// The table, made from the sources in this archive, which xz(1) has compressed.
pub fn of_archive(path: &Path) -> Result<String> {
    let mut command = Command::new("xz");
    command.args(["-T0", "-dc"]).stdin(Archive::open(path)?);
    of_output(command)
}

/// The table, made from the archive that `command` prints.
fn of_output(mut command: Command) -> Result<String> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("there is no output")?;
    let sources = Sources::read(BufReader::with_capacity(1 << 20, output));
    if !child.wait()?.success() {
        return Err("the sources cannot be unpacked".into());
    }
    let by_hand = fs::read_to_string(cache::tree().join(BY_HAND))?;
    table(&sources?, &ByHand::parse(&by_hand)?)
}

/// The lines that only one of two tables has; empty if they are the same.
pub fn difference(kept: &str, made: &str) -> String {
    let only = |one: &str, other: &str, sign: char| {
        let other = Vec::from_iter(other.lines());
        let lines = one.lines().filter(|line| !other.contains(line));
        lines.fold(String::new(), |text, line| {
            text + &format!("{sign}{line}\n")
        })
    };
    let difference = only(kept, made, '-') + &only(made, kept, '+');
    if difference.is_empty() && kept != made {
        return "The lines are in another order.\n".to_owned();
    }
    difference
}

/// How many entries a table says that there are.
pub fn count(table: &str) -> Option<&str> {
    table.lines().find_map(|line| {
        let (_, rest) = line.split_once(" of ")?;
        Some(rest.split_once(" entries in ")?.0)
    })
}

/// An entry.
struct Row {
    path: String,
    mode: String,
    handler: String,
    namespaces: Namespaces,
    service: Service,
    how: String,
}

/// Those of a file.
struct Section<'a> {
    file: &'a str,
    module: String,
    /// What is said of it, if it only tests the kernel.
    test: Option<&'a str>,
    /// What is said of its code.
    code: Option<&'a str>,
    /// What ours cannot do.
    gap: Option<&'a str>,
    rows: Vec<Row>,
}

/// Makes the table. What is not known of an entry is an error that names all such entries.
fn table(sources: &Sources, by_hand: &ByHand) -> Result<String> {
    let kbuild = Kbuild::new(sources);
    let headers = sources
        .files
        .iter()
        .filter(|(path, _)| path.ends_with(".h"));
    let headers = Vec::from_iter(headers.flat_map(|(_, text)| c::arrays(text)));
    let mut sections = Vec::new();
    let mut left_out = Vec::new();
    let mut errors = Vec::new();
    for (path, text) in &sources.files {
        if !c::concerns_entries(text) {
            continue;
        }
        let file = File::parse(text);
        if file.entries.is_empty() && file.calls.is_empty() && file.macros.is_empty() {
            continue;
        }
        let reason = by_hand.said(path, "left out");
        let module = match (kbuild.fate(path), reason) {
            (Fate::BuiltIn, _) => continue,
            (Fate::Module(module), _) => module,
            (Fate::Unknown, Some(_)) => String::new(),
            (Fate::Unknown, None) => {
                errors.push(format!(
                    "{path}: no Makefile says whether it can be in a module"
                ));
                continue;
            }
        };
        if let Some(reason) = reason {
            left_out.push((path, reason));
            continue;
        }
        let arrays = headers.iter().copied().chain(c::arrays(text)).collect();
        let (rows, problems) = rows(path, &file, by_hand, &arrays);
        errors.extend(
            problems
                .into_iter()
                .map(|problem| format!("{path}: {problem}")),
        );
        sections.push(Section {
            file: path,
            module,
            test: by_hand.said(path, "test code"),
            code: by_hand.said(path, "code"),
            gap: by_hand.said(path, "gap"),
            rows,
        });
    }
    errors.extend(by_hand.unused());
    if !errors.is_empty() {
        return Err(format!("{}\nto fix: say it in {BY_HAND}", errors.join("\n")).into());
    }
    Ok(print(&series(sources), &sections, &left_out)?)
}

/// The entries of a file, and what is not known of them.
fn rows(
    path: &str,
    file: &File<'_>,
    by_hand: &ByHand,
    arrays: &HashMap<&str, &str>,
) -> (Vec<Row>, Vec<String>) {
    let mut rows = Vec::<Row>::new();
    let mut errors = Vec::new();
    let is_explained = by_hand.said(path, "code").is_some();
    for entry in &file.entries {
        let Some(name) = entry.name() else {
            // The end of a table, or a copy of an entry for the call of another handler.
            match entry.field("procname") {
                ["NULL"] | [_, "->", "procname"] => {}
                other => errors.push(format!("an entry's name is {}", other.concat())),
            }
            continue;
        };
        let calls = file.calls.iter();
        let mut calls = Vec::from_iter(calls.filter(|call| call.tables.contains(entry.table)));
        calls.sort_by_key(|call| call.tables.len());
        let folder = by_hand
            .path(path, name)
            .or_else(|| by_hand.path(path, entry.table))
            .or(calls.first().and_then(|call| call.path.as_deref()));
        let (Some(folder), Some(call)) = (folder, calls.first()) else {
            errors.push(format!(
                "`{name}` in {} is not registered there",
                entry.table
            ));
            continue;
        };
        let full = format!("{folder}/{name}");
        if rows.iter().any(|row| row.path == full) {
            errors.push(format!("`{full}` is there twice"));
        }
        match by_hand.service(path, file, entry, arrays) {
            Ok((service, how)) => rows.push(Row {
                path: full,
                mode: entry.field("mode").concat(),
                handler: entry.object("proc_handler"),
                namespaces: call.namespaces,
                service,
                how,
            }),
            Err(error) => errors.push(error.to_string()),
        }
    }
    if rows.is_empty() && errors.is_empty() {
        errors.push("it registers a table and has no entry".to_owned());
    }
    errors.extend(
        file.macros
            .iter()
            .map(|text| format!("a macro makes entries: {text}")),
    );
    let changes = file.changes.iter().filter(|field| **field != "data");
    let changes = Vec::from_iter(changes.copied());
    if !changes.is_empty() && !is_explained {
        let changes = changes.join(", ");
        errors.push(format!(
            "its code changes {changes}: a line for *code* says what that means"
        ));
    }
    (rows, errors)
}

/// The series of the kernel: `7.3`.
fn series(sources: &Sources) -> String {
    let makefile = sources.makefiles.get("Makefile").map_or("", |text| text);
    let value = |name: &str| {
        let mut lines = makefile.lines();
        lines.find_map(|line| Some(line.strip_prefix(name)?.trim().strip_prefix("= ")?.trim()))
    };
    format!(
        "{}.{}",
        value("VERSION").unwrap_or("?"),
        value("PATCHLEVEL").unwrap_or("?")
    )
}

const HEAD: &str = "\
# Every sysctl entry that a module of Linux SERIES can have

The table says which of our types serves each. `make survey` compares it with the sources of the newest stock kernel,
and `make survey RECORD=1` records it anew. Lines about handlers that are not C's ready ones are in
[by-hand.md](by-hand.md).

- A file is here if the kernel's Makefiles can make it a part of a module, in some configuration and for some
  architecture. Branches of `#ifdef` all count.
- *bounded* is `Int::bounded`. *validate* and *on_write* are closures of the module. The module implements
  `SysctlShow` and `SysctlStorage`.
- *Namespaces*: *each* network namespace has the entry, or only the *first* one, as `Sysctl::dir_in` makes it.
  Elsewhere there is one entry for all. The type is that of one namespace's value.
- Each `*` in a path is a name that is only known at run time.
- [Gaps](#gaps) and what is [left out](#left-out) come last.
";

fn print(
    series: &str,
    sections: &[Section<'_>],
    left_out: &[(&String, &str)],
) -> Result<String, std::fmt::Error> {
    let mut text = HEAD.replace("SERIES", series);
    totals(&mut text, sections)?;
    for section in sections {
        write!(
            text,
            "\n## {}\n\nModule `{}`.",
            section.file, section.module
        )?;
        if let Some(what) = section.test {
            write!(text, " Test code: {what}")?;
        }
        if let Some(what) = section.code {
            write!(text, " {what}")?;
        }
        text += "\n\n| entry | mode | handler in C | namespaces | served by | how |\n|---|---|---|---|---|---|\n";
        for row in &section.rows {
            let namespaces = match row.namespaces {
                Namespaces::None => "",
                Namespaces::First => "first",
                Namespaces::Each => "each",
            };
            let cells = [
                &format!("`{}`", row.path),
                &row.mode,
                &format!("`{}`", row.handler),
                namespaces,
                &row.service.to_string(),
                &row.how,
            ];
            let cells = cells.map(|cell| {
                if cell.is_empty() {
                    " ".to_owned()
                } else {
                    format!(" {cell} ")
                }
            });
            writeln!(text, "|{}|", cells.join("|"))?;
        }
    }
    text += "\n## Gaps\n\nWhat C does there, and ours cannot, or not alone:\n\n";
    for section in sections {
        if let Some(gap) = section.gap {
            writeln!(text, "- `{}`: {gap}", section.file)?;
        }
    }
    text += "\n## Left out\n\n";
    for (path, reason) in left_out {
        writeln!(text, "- `{path}`: {reason}")?;
    }
    Ok(text)
}

/// The entries by type, which of them are in namespaces, and which are served by nothing.
fn totals(text: &mut String, sections: &[Section<'_>]) -> std::fmt::Result {
    let (tests, others) = sections
        .iter()
        .partition::<Vec<_>, _>(|section| section.test.is_some());
    let rows = Vec::from_iter(others.iter().flat_map(|section| &section.rows));
    let mut types = BTreeMap::<_, [usize; 6]>::new();
    for row in &rows {
        let has = |word: &str| usize::from(row.service.with.iter().any(|with| with == word));
        let is_in = |namespaces| usize::from(row.namespaces == namespaces);
        let counts = [
            1,
            has("bounded"),
            has("validate"),
            has("on_write"),
            is_in(Namespaces::Each),
            is_in(Namespaces::First),
        ];
        for name in [&*row.service.storage, "all"] {
            // The sum comes last.
            let sums = types.entry((name == "all", name)).or_default();
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }
    let served = rows
        .iter()
        .filter(|row| row.service.storage != NOTHING)
        .count();
    let test_entries = tests
        .iter()
        .map(|section| section.rows.len())
        .sum::<usize>();
    writeln!(
        text,
        "\n{served} of {} entries in {} files are served. {test_entries} more are test code.\n",
        rows.len(),
        others.len()
    )?;
    *text += "| type | entries | bounded | validate | on_write | in each namespace | in the first one |\n";
    *text += "|---|---|---|---|---|---|---|\n";
    for ((_, name), counts) in types {
        let name = if name == "all" || name == NOTHING {
            name.to_owned()
        } else {
            format!("`{name}`")
        };
        let counts = counts.map(|count| count.to_string());
        writeln!(text, "| {name} | {} |", counts.join(" | "))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &[u8] = br#"
static struct ctl_table table[] = {
	{ .procname = "level", .mode = 0644, .proc_handler = proc_dointvec },
	{ .procname = "own", .mode = 0600, .proc_handler = handler },
};
int init(struct net *net) { register_net_sysctl(net, "net/a", table); }
"#;

    const BY_HAND: &str =
        "## net/a.c\n\n| `handler` | `SysctlShow` | Looks. |\n| *gap* | | Something. |\n";

    fn made(module: &[u8], by_hand: &str) -> Result<String> {
        let mut sources = Sources::default();
        sources.add("Makefile", b"VERSION = 7\nPATCHLEVEL = 3\n");
        sources.add("Kconfig", b"config A\n\ttristate\n");
        sources.add("net/Makefile", b"obj-$(CONFIG_A) += a.o\nobj-y += b.o\n");
        sources.add("net/a.c", module);
        sources.add("net/b.c", MODULE);
        table(&sources, &ByHand::parse(by_hand)?)
    }

    fn error(module: &[u8], by_hand: &str) -> String {
        made(module, by_hand).unwrap_err().to_string()
    }

    #[test]
    fn the_table_has_what_can_be_a_module() -> Result<()> {
        let made = made(MODULE, BY_HAND)?;
        assert!(made.starts_with("# Every sysctl entry that a module of Linux 7.3 can have\n"));
        for line in [
            "2 of 2 entries in 1 files are served. 0 more are test code.",
            "| all | 2 | 0 | 0 | 0 | 2 | 0 |",
            "## net/a.c",
            "Module `a`.",
            "| `net/a/level` | 0644 | `proc_dointvec` | each | `Int<i32>` | |",
            "| `net/a/own` | 0600 | `handler` | each | `SysctlShow` | Looks. |",
            "- `net/a.c`: Something.",
        ] {
            assert!(made.lines().any(|made| made == line), "{line}\n{made}");
        }
        assert!(!made.contains("net/b.c"));
        assert_eq!(count(&made), Some("2"));
        Ok(())
    }

    #[test]
    fn what_is_not_known_is_an_error() {
        let untyped = error(MODULE, "");
        assert!(
            untyped.contains("net/a.c: nothing says what serves `own`"),
            "{untyped}"
        );
        let unused = error(
            MODULE,
            &(BY_HAND.to_owned() + "## net/gone.c\n| `x` | `Bool` | |\n"),
        );
        assert!(
            unused.contains("net/gone.c: by hand there is a line for `x`"),
            "{unused}"
        );
        let empty = error(b"void f(void) { register_sysctl(\"a\", sysctls); }", "");
        assert!(
            empty.contains("it registers a table and has no entry"),
            "{empty}"
        );
        let text = String::from_utf8_lossy(MODULE);
        let unregistered = text.replace("register_net_sysctl", "unknown_sysctl");
        let unregistered = error(unregistered.as_bytes(), BY_HAND);
        assert!(
            unregistered.contains("is not registered there"),
            "{unregistered}"
        );
        let changed = text.replace("int init", "void f(void) { table[0].mode = 0; } int init");
        let changed = error(changed.as_bytes(), BY_HAND);
        assert!(changed.contains("its code changes mode"), "{changed}");
    }

    #[test]
    fn a_difference_is_in_lines() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "-b\n+c\n");
        assert_eq!(difference("a\n", "a\n"), "");
        assert_ne!(difference("a\nb\n", "b\na\n"), "");
    }
}
