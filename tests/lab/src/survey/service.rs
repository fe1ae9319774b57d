// SPDX-License-Identifier: GPL-2.0

//! Which of our types serves an entry: rules for the handlers that C has ready, and a file by hand for all others.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use super::c::{Entry, File};
use crate::Result;

/// What serves an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The type.
    pub storage: String,
    /// `bounded`, `validate`, `on_write`, in this order.
    pub with: Vec<String>,
}

const WITH: &[&str] = &["bounded", "validate", "on_write"];

/// What stands for an entry that nothing of ours serves.
pub const NOTHING: &str = "nothing";

impl Service {
    fn new(storage: impl Into<String>, with: &[&str]) -> Self {
        Self {
            storage: storage.into(),
            with: with.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    /// Reads what its `Display` prints.
    fn parse(text: &str) -> Result<Self> {
        let mut words = text.split("`, ").map(|word| word.trim_matches('`'));
        let storage = words.next().unwrap_or_default();
        let starts = [
            "Bool",
            "Int<",
            "Text<",
            "Bits<",
            "SysctlShow",
            "SysctlStorage",
        ];
        let is_known = storage == NOTHING || starts.iter().any(|start| storage.starts_with(start));
        let with = Vec::from_iter(words);
        let order = with
            .iter()
            .map(|word| WITH.iter().position(|known| known == word));
        if !is_known || !order.clone().all(|place| place.is_some()) || !order.is_sorted() {
            return Err(format!("\"{text}\" is no type of ours").into());
        }
        Ok(Self::new(storage, &with))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.storage == NOTHING {
            return f.write_str(NOTHING);
        }
        write!(f, "`{}`", self.storage)?;
        self.with
            .iter()
            .try_for_each(|word| write!(f, ", `{word}`"))
    }
}

/// A line by hand.
#[derive(Debug)]
struct Line {
    /// What is said of these: the names of entries or handlers, `path of` a table or an entry, or `code`,
    /// `gap`, `test code` or `left out`, which are about the file.
    keys: Vec<String>,
    /// What serves them, or a path; empty: what the rules say.
    service: String,
    how: String,
}

/// What has been written by hand, by file.
#[derive(Debug, Default)]
pub struct ByHand {
    files: BTreeMap<String, Vec<Line>>,
    used: RefCell<BTreeSet<(String, String)>>,
}

impl ByHand {
    /// Reads Markdown: a heading for each file, and a table below it.
    pub fn parse(text: &str) -> Result<Self> {
        let mut files = BTreeMap::<_, Vec<Line>>::new();
        let mut file = None;
        for line in text.lines() {
            if let Some(path) = line.strip_prefix("## ") {
                file = Some(files.entry(path.to_owned()).or_default());
            } else if let Some(cells) = line.strip_prefix("| `").or(line.strip_prefix("| *")) {
                let cells = Vec::from_iter(cells.trim_end_matches('|').split('|').map(str::trim));
                let [keys, service, how] = cells[..] else {
                    return Err(format!("\"{line}\" has not three cells").into());
                };
                let keys = keys
                    .split(", ")
                    .map(|key| key.trim_matches(['`', '*']).to_owned());
                let file = file.as_mut().ok_or("a line before the first file")?;
                file.push(Line {
                    keys: keys.collect(),
                    service: service.to_owned(),
                    how: how.to_owned(),
                });
            }
        }
        Ok(Self {
            files,
            ..Self::default()
        })
    }

    fn line(&self, file: &str, key: &str) -> Option<&Line> {
        let mut lines = self.files.get(file)?.iter();
        let line = lines.find(|line| line.keys.iter().any(|known| known == key))?;
        let used = (file.to_owned(), key.to_owned());
        self.used.borrow_mut().insert(used);
        Some(line)
    }

    /// What is said of a file.
    pub fn said(&self, file: &str, key: &str) -> Option<&str> {
        self.line(file, key).map(|line| &*line.how)
    }

    /// The directory of a table or of an entry.
    pub fn path(&self, file: &str, name: &str) -> Option<&str> {
        let line = self.line(file, &format!("path of {name}"))?;
        Some(line.service.trim_matches('`'))
    }

    /// What has been said of nothing that there is.
    pub fn unused(&self) -> Vec<String> {
        let used = self.used.borrow();
        let all = self.files.iter().flat_map(|(file, lines)| {
            let keys = lines.iter().flat_map(|line| &line.keys);
            keys.map(|key| (file.clone(), key.clone()))
        });
        all.filter(|pair| !used.contains(pair))
            .map(|(file, key)| {
                format!("{file}: by hand there is a line for `{key}`, which is not there")
            })
            .collect()
    }

    /// What serves an entry of a file, and how. `arrays` tells how many elements a variable has.
    pub fn service(
        &self,
        path: &str,
        file: &File<'_>,
        entry: &Entry<'_>,
        arrays: &HashMap<&str, &str>,
    ) -> Result<(Service, String)> {
        let name = entry.name().unwrap_or_default();
        let handler = entry.object("proc_handler");
        let rule = by_rule(file, entry, arrays);
        let line = self.line(path, name).or_else(|| self.line(path, &handler));
        match (line, rule) {
            (Some(line), _) if !line.service.is_empty() => {
                Ok((Service::parse(&line.service)?, line.how.clone()))
            }
            (Some(line), Some((service, _))) => Ok((service, line.how.clone())),
            (None, Some(served)) => Ok(served),
            (_, None) => {
                let error =
                    format!("nothing says what serves `{name}`, whose handler is `{handler}`");
                Err(error.into())
            }
        }
    }
}

/// What serves an entry with one of C's handlers, and how.
fn by_rule(
    file: &File<'_>,
    entry: &Entry<'_>,
    arrays: &HashMap<&str, &str>,
) -> Option<(Service, String)> {
    let plain = |storage| Some((Service::new(storage, &[]), String::new()));
    let handler = entry.object("proc_handler");
    let (kind, unit) = match &*handler {
        "proc_dobool" => return plain("Bool"),
        "proc_dostring" => return plain("Text<N>"),
        "proc_do_large_bitmap" => return plain("Bits<WORDS>"),
        "proc_dointvec" | "proc_dointvec_minmax" => ("i32", ""),
        "proc_douintvec" | "proc_douintvec_minmax" => ("u32", ""),
        "proc_dou8vec_minmax" => ("u8", ""),
        "proc_doulongvec_minmax" => ("usize", ""),
        "proc_dointvec_jiffies" => ("i32", ", Seconds"),
        "proc_dointvec_ms_jiffies" => ("i32", ", Milliseconds"),
        "proc_dointvec_userhz_jiffies" => ("i32", ", UserHz"),
        "proc_doulongvec_ms_jiffies_minmax" => ("usize", ", Milliseconds"),
        _ => return None,
    };
    let size = entry.field("maxlen").concat();
    let sized = size.trim_start_matches("sizeof").trim_matches(['(', ')']);
    let values = match arrays.get(sized.rsplit(['.', '>']).next().unwrap_or_default()) {
        Some(count) => format!("[{kind}; {count}]"),
        None => kind.to_owned(),
    };
    let mut with = Vec::new();
    let mut how = String::new();
    if handler.ends_with("_minmax") {
        let bounds = ["extra1", "extra2"].map(|field| entry.object(field));
        let bounds = bounds
            .iter()
            .filter(|bound| !["", "NULL"].contains(&&***bound));
        // A bound that changes is one that a closure looks up.
        let (changing, fixed) = bounds.partition::<Vec<_>, _>(|bound| {
            let mut entries = file.entries.iter();
            file.assigned.contains(&***bound)
                || entries.any(|entry| entry.object("data") == **bound)
        });
        with.extend((!fixed.is_empty()).then_some("bounded"));
        if !changing.is_empty() {
            with.push("validate");
            let named = changing.iter().map(|bound| format!("`{bound}`"));
            how = format!("The bound {} changes.", Vec::from_iter(named).join(" or "));
        }
    }
    Some((Service::new(format!("Int<{values}{unit}>"), &with), how))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
static struct ctl_table table[] = {
	{ .procname = "plain", .maxlen = sizeof(int), .proc_handler = &proc_dointvec, .extra1 = SYSCTL_ONE },
	{ .procname = "some", .maxlen = sizeof(x.some), .proc_handler = proc_doulongvec_minmax },
	{ .procname = "low", .data = &low, .proc_handler = proc_dointvec_minmax, .extra1 = SYSCTL_ONE, .extra2 = &high },
	{ .procname = "high", .data = &high, .proc_handler = proc_dointvec_minmax, .extra2 = SYSCTL_INT_MAX },
	{ .procname = "limit", .proc_handler = proc_dou8vec_minmax, .extra2 = &limit },
	{ .procname = "own", .proc_handler = handler },
};
void f(void) { limit = 3; }
"#;

    fn serve(by_hand: &ByHand, name: &str) -> Result<(String, String)> {
        let file = File::parse(TEXT);
        let entry = file.entries.iter().find(|entry| entry.name() == Some(name));
        let arrays = HashMap::from([("some", "3")]);
        let (service, how) = by_hand.service("a.c", &file, entry.unwrap(), &arrays)?;
        Ok((service.to_string(), how))
    }

    #[test]
    fn handlers_of_c_are_served_by_rules() -> Result<()> {
        let by_hand = ByHand::default();
        for (name, expected) in [
            ("plain", "`Int<i32>`"),
            ("some", "`Int<[usize; 3]>`"),
            ("low", "`Int<i32>`, `bounded`, `validate`"),
            ("high", "`Int<i32>`, `bounded`"),
            ("limit", "`Int<u8>`, `validate`"),
        ] {
            assert_eq!(serve(&by_hand, name)?.0, expected, "{name}");
        }
        assert!(serve(&by_hand, "own").is_err());
        Ok(())
    }

    #[test]
    fn other_handlers_are_served_by_hand() -> Result<()> {
        let by_hand = ByHand::parse(
            "# Title\n\n## a.c\n\n| said of | served by | how |\n|---|---|---|\n\
             | `handler`, `gone` | `Int<i32>`, `validate`, `on_write` | Acts. |\n\
             | `plain` | | As it is. |\n| *left out* | | Why. |\n| `path of table` | `net/a` | |\n",
        )?;
        let own = "`Int<i32>`, `validate`, `on_write`";
        assert_eq!(
            serve(&by_hand, "own")?,
            (own.to_owned(), "Acts.".to_owned())
        );
        let plain = ("`Int<i32>`".to_owned(), "As it is.".to_owned());
        assert_eq!(serve(&by_hand, "plain")?, plain);
        assert_eq!(by_hand.said("a.c", "left out"), Some("Why."));
        assert_eq!(by_hand.path("a.c", "table"), Some("net/a"));
        let unused = by_hand.unused();
        assert_eq!(unused.len(), 1);
        assert!(unused[0].contains("`gone`"), "{unused:?}");
        Ok(())
    }

    #[test]
    fn a_service_is_one_of_ours() {
        assert!(Service::parse("`Int<u8>`, `bounded`, `on_write`").is_ok());
        assert!(Service::parse("nothing").is_ok());
        assert!(Service::parse("`Int<u8>`, `on_write`, `bounded`").is_err());
        assert!(Service::parse("`Integer`").is_err());
    }
}
