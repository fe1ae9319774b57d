// SPDX-License-Identifier: GPL-2.0

//! Which C files can become parts of modules, as the kernel's Makefiles and Kconfig files say.
//!
//! All branches of conditions are taken: a file can be in a module if it is in one in some configuration.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::archive::Sources;

/// What becomes of a C file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It can be in the module of this name.
    Module(String),
    /// It is only built into the kernel.
    BuiltIn,
    /// No Makefile names it.
    Unknown,
}

/// The kernel's Makefiles, and which options can be `m`.
pub struct Kbuild<'a> {
    sources: &'a Sources,
    tristates: HashSet<&'a str>,
}

impl<'a> Kbuild<'a> {
    pub fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            tristates: tristates(&sources.kconfig),
        }
    }

    /// What becomes of the C file or header `path`. One that others include is where these are.
    pub fn fate(&self, path: &str) -> Fate {
        self.fate_within(path, 3)
    }

    fn fate_within(&self, path: &str, depth: u32) -> Fate {
        if let Some(stem) = path.strip_suffix(".c") {
            let fate = self.fate_of_object(&format!("{stem}.o"));
            if fate != Fate::Unknown {
                return fate;
            }
        }
        if depth == 0 {
            return Fate::Unknown;
        }
        let includers = self.sources.includes.iter().filter(|(from, name)| {
            let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
            path == name || path == format!("{folder}/{name}")
        });
        let mut fates = includers.map(|(from, _)| self.fate_within(from, depth - 1));
        let mut result = Fate::Unknown;
        fates
            .find_map(|fate| match fate {
                Fate::Module(_) => Some(fate),
                Fate::BuiltIn => {
                    result = fate;
                    None
                }
                Fate::Unknown => None,
            })
            .unwrap_or(result)
    }

    fn fate_of_object(&self, object: &str) -> Fate {
        let mut fate = Fate::Unknown;
        for (at, _) in object.rmatch_indices('/') {
            let (folder, name) = (&object[..at], &object[at + 1..]);
            let file = ["Kbuild", "Makefile"]
                .iter()
                .find_map(|file| self.sources.makefiles.get(&format!("{folder}/{file}")));
            match file.map(|text| self.fate_in(text, name)) {
                Some(module @ Fate::Module(_)) => return module,
                Some(Fate::BuiltIn) => fate = Fate::BuiltIn,
                _ => {}
            }
        }
        fate
    }

    /// What a Makefile makes of `object`.
    fn fate_in(&self, makefile: &str, object: &str) -> Fate {
        let lists = self.lists(makefile);
        // The object, what it is a part of, and so on.
        let mut targets = BTreeSet::from([object.to_owned()]);
        loop {
            let wholes = lists.iter().filter_map(|(name, words)| {
                let (whole, kind) = name.rsplit_once('-')?;
                let is_list = ["y", "m", "objs"].contains(&kind) && !is_goal(whole);
                (is_list && words.iter().any(|word| targets.contains(word)))
                    .then(|| format!("{whole}.o"))
            });
            let wholes = Vec::from_iter(wholes.filter(|whole| !targets.contains(whole)));
            if wholes.is_empty() {
                break;
            }
            targets.extend(wholes);
        }
        let within = |name: &str| {
            let words = lists.get(name).into_iter().flatten();
            words.into_iter().find(|word| targets.contains(*word))
        };
        if let Some(module) = within("obj-m") {
            return Fate::Module(module.trim_end_matches(".o").to_owned());
        }
        match within("obj-y").or_else(|| within("lib-y")) {
            Some(_) => Fate::BuiltIn,
            None => Fate::Unknown,
        }
    }

    /// The variables of a Makefile whose names have a dash, with all words that they may have.
    fn lists(&self, makefile: &str) -> BTreeMap<String, BTreeSet<String>> {
        let makefile = makefile.replace("\\\n", " ");
        let mut variables = HashMap::<String, Vec<&str>>::new();
        for line in makefile.lines() {
            let line = line.split('#').next().unwrap_or_default();
            let Some((name, value)) = assignment(line) else {
                continue;
            };
            let name = name.trim_end_matches([':', '+', '?', ' ', '\t']).trim();
            for name in self.expand(name, &HashMap::new(), 0) {
                variables.entry(name).or_default().push(value);
            }
        }
        let lists = variables.iter().filter(|(name, _)| name.contains('-'));
        lists
            .map(|(name, values)| {
                let words = values
                    .iter()
                    .flat_map(|value| self.expand(value, &variables, 0));
                (name.clone(), words.collect())
            })
            .collect()
    }

    /// The words that `text` may stand for.
    fn expand(
        &self,
        text: &str,
        variables: &HashMap<String, Vec<&str>>,
        depth: u32,
    ) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        if depth > 8 {
            return words;
        }
        for word in split(text) {
            // The parts of one word, each with what it may be.
            let mut results = vec![String::new()];
            let mut rest = word;
            while !rest.is_empty() {
                let (values, after) = match reference(rest) {
                    Some((inner, after)) => (self.value(inner, variables, depth), after),
                    None => {
                        let mut dollars = rest.char_indices().skip(1);
                        let end = dollars.find(|(_, character)| *character == '$');
                        let (part, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
                        (BTreeSet::from([part.to_owned()]), after)
                    }
                };
                let joined = results
                    .iter()
                    .flat_map(|result| values.iter().map(move |value| format!("{result}{value}")));
                results = joined.collect();
                rest = after;
            }
            words.extend(results);
        }
        words
    }

    /// The words that `$(text)` may stand for.
    fn value(
        &self,
        text: &str,
        variables: &HashMap<String, Vec<&str>>,
        depth: u32,
    ) -> BTreeSet<String> {
        if let Some((function, arguments)) = text.split_once([' ', '\t']) {
            let arguments = Vec::from_iter(arguments.split(',').map(str::trim));
            let expand = |text: &str| self.expand(text, variables, depth + 1);
            return match (function, &*arguments) {
                ("addprefix", [prefix, list]) => {
                    let list = expand(list);
                    list.iter().map(|word| format!("{prefix}{word}")).collect()
                }
                ("subst", [from, to, list]) => {
                    let list = expand(list);
                    list.iter().map(|word| word.replace(from, to)).collect()
                }
                _ => arguments.iter().copied().flat_map(expand).collect(),
            };
        }
        if let Some((name, substitution)) = text.split_once(':') {
            let words = self.value(name, variables, depth + 1);
            let Some((from, to)) = substitution.split_once('=') else {
                return words;
            };
            let replace = |word: String| match word.strip_suffix(from) {
                Some(start) => format!("{start}{to}"),
                None => word,
            };
            return words.into_iter().map(replace).collect();
        }
        if let Some(option) = text.strip_prefix("CONFIG_") {
            let mut values = BTreeSet::from(["y".to_owned()]);
            if self.tristates.contains(option) {
                values.insert("m".to_owned());
            }
            return values;
        }
        let values = variables.get(text).into_iter().flatten();
        values
            .flat_map(|value| self.expand(value, variables, depth + 1))
            .collect()
    }
}

/// Whether `$(name)-y` is what is built, and not a part of it.
fn is_goal(name: &str) -> bool {
    ["obj", "lib", "subdir", "always", "extra", "targets"].contains(&name)
}

/// The name and the value that a line has before and after its first `=` that is not within parentheses.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    let at = line.find(|character| {
        match character {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        depth == 0 && character == '='
    })?;
    Some((&line[..at], &line[at + 1..]))
}

/// Splits `text` at spaces that are not within parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut depth = 0;
    let mut begin = None;
    for (at, character) in text.char_indices() {
        match character {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        if character.is_whitespace() && depth <= 0 {
            words.extend(begin.take().map(|begin| &text[begin..at]));
        } else if begin.is_none() {
            begin = Some(at);
        }
    }
    words.extend(begin.map(|begin| &text[begin..]));
    words
}

/// What is in the reference to a variable, or the call of a function, that `text` begins with, and what follows.
fn reference(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix("$(").or(text.strip_prefix("${"))?;
    let mut depth = 1;
    for (at, character) in inner.char_indices() {
        match character {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

/// The options that can be `m`.
fn tristates(kconfig: &str) -> HashSet<&str> {
    let mut tristates = HashSet::new();
    let mut option = None;
    for line in kconfig.lines() {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("config" | "menuconfig") => option = words.next(),
            Some("tristate" | "def_tristate") => tristates.extend(option),
            _ => {}
        }
    }
    tristates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        let mut sources = Sources::default();
        let kconfig = "config BOOL\n\tbool \"x\"\nmenuconfig TRI\n\ttristate \"y\"\n\
            config DEF\n\tdef_tristate y\n";
        sources.add("Kconfig", kconfig.as_bytes());
        sources
    }

    fn fate(makefile: &str, path: &str) -> Fate {
        let mut sources = sources();
        sources.add("net/Makefile", makefile.as_bytes());
        Kbuild::new(&sources).fate(path)
    }

    fn module(name: &str) -> Fate {
        Fate::Module(name.to_owned())
    }

    #[test]
    fn an_object_is_what_its_option_can_be() {
        let makefile = "obj-$(CONFIG_BOOL) += a.o # b.o\nobj-$(CONFIG_TRI)\t+= c.o\n\
            obj-$(CONFIG_DEF) := d.o \\\n\te.o\nlib-y += f.o\n";
        assert_eq!(fate(makefile, "net/a.c"), Fate::BuiltIn);
        assert_eq!(fate(makefile, "net/b.c"), Fate::Unknown);
        assert_eq!(fate(makefile, "net/c.c"), module("c"));
        assert_eq!(fate(makefile, "net/e.c"), module("e"));
        assert_eq!(fate(makefile, "net/f.c"), Fate::BuiltIn);
    }

    #[test]
    fn a_part_is_where_the_whole_is() {
        let makefile =
            "whole-y := a.o $(more)\nwhole-$(CONFIG_BOOL) += b.o\nmore = $(addprefix lib/, c.o)\n\
            obj-$(CONFIG_TRI) += whole.o\nother-objs := d.o\nobj-y += other.o\n\
            whole-$(subst m,y,$(CONFIG_TRI)) += e.o\nobj-$(CONFIG_TRI:m=y) += f.o\n";
        assert_eq!(fate(makefile, "net/a.c"), module("whole"));
        assert_eq!(fate(makefile, "net/b.c"), module("whole"));
        assert_eq!(fate(makefile, "net/lib/c.c"), module("whole"));
        assert_eq!(fate(makefile, "net/d.c"), Fate::BuiltIn);
        assert_eq!(fate(makefile, "net/e.c"), module("whole"));
        assert_eq!(fate(makefile, "net/f.c"), Fate::BuiltIn);
    }

    #[test]
    fn both_branches_of_a_condition_count() {
        let makefile =
            "ifeq ($(CONFIG_BOOL),y)\nobj-y += a.o\nelse\nobj-$(CONFIG_TRI) += a.o\nendif\n";
        assert_eq!(fate(makefile, "net/a.c"), module("a"));
    }

    #[test]
    fn what_is_included_is_where_the_includer_is() {
        let mut sources = sources();
        sources.add("net/Makefile", b"obj-y += all.o\n");
        sources.add("net/all.c", b"#include \"part.c\"\n#include \"table.h\"");
        let kbuild = Kbuild::new(&sources);
        assert_eq!(kbuild.fate("net/part.c"), Fate::BuiltIn);
        assert_eq!(kbuild.fate("net/table.h"), Fate::BuiltIn);
        assert_eq!(kbuild.fate("net/other.c"), Fate::Unknown);
    }
}
