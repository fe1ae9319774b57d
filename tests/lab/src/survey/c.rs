// SPDX-License-Identifier: GPL-2.0

//! Tables of entries in C: what a file has in its initializers, and where it registers them.

use std::collections::BTreeSet;

/// The tokens of C text, without comments and without what is in `#if 0`. A directive is one token, and so is a
/// string.
pub fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    // The depth of conditions within one that is never true.
    let mut disabled = 0u32;
    let mut rest = text;
    let mut begins_line = true;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\n' => {
                begins_line = true;
                1
            }
            _ if first.is_whitespace() => first.len_utf8(),
            '#' if begins_line => {
                let end = end_of_line(rest);
                let directive = rest[1..end].trim_start();
                let is_end = directive.starts_with("endif");
                if disabled == 0 && directive.split_whitespace().take(2).eq(["if", "0"]) {
                    disabled = 1;
                } else if disabled > 0 && directive.starts_with("if") {
                    disabled += 1;
                } else if is_end || disabled == 1 && directive.starts_with("el") {
                    disabled = disabled.saturating_sub(1);
                } else if disabled == 0 {
                    tokens.push(&rest[..end]);
                }
                end
            }
            '/' if rest.starts_with("//") => end_of_line(rest),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            _ => {
                begins_line = false;
                let end = match first {
                    '"' | '\'' => end_of_literal(rest, first),
                    _ if is_word(first) => rest
                        .find(|character| !is_word(character))
                        .unwrap_or(rest.len()),
                    _ => ["->", "==", "!=", "<=", ">="]
                        .iter()
                        .find(|symbol| rest.starts_with(**symbol))
                        .map_or(first.len_utf8(), |symbol| symbol.len()),
                };
                if disabled == 0 {
                    tokens.push(&rest[..end]);
                }
                end
            }
        };
        rest = &rest[end..];
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Where the line ends that `text` begins with, with those that continue it.
fn end_of_line(text: &str) -> usize {
    let mut ends = text.match_indices('\n');
    let end = ends.find(|(at, _)| !text[..*at].ends_with('\\'));
    end.map_or(text.len(), |(at, _)| at)
}

fn end_of_literal(text: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !is_escaped {
            return at + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    text.len()
}

/// An initializer that has `.procname`.
#[derive(Debug, Default)]
pub struct Entry<'a> {
    /// The variable that it is a part of.
    pub table: &'a str,
    /// The fields that it gives values, with these.
    pub fields: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Entry<'a> {
    /// The value of a field; nothing if it has none.
    pub fn field(&self, name: &str) -> &[&'a str] {
        let mut fields = self.fields.iter();
        fields
            .find(|field| field.0 == name)
            .map_or(&[], |field| &field.1)
    }

    /// The name of the entry, if it is a literal.
    pub fn name(&self) -> Option<&'a str> {
        match self.field("procname") {
            [name] => name.strip_prefix('"')?.strip_suffix('"'),
            _ => None,
        }
    }

    /// The object that a field points to, or the constant: `x.max` for `(void *)&x.max`.
    pub fn object(&self, name: &str) -> String {
        let mut value = self.field(name);
        // What is in parentheses before something else is a type.
        while let ["(", rest @ ..] = value {
            match rest.iter().position(|token| *token == ")") {
                Some(at) if at + 1 < rest.len() => value = &rest[at + 1..],
                _ => break,
            }
        }
        value.strip_prefix(&["&"]).unwrap_or(value).concat()
    }
}

/// In which network namespaces a table is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Namespaces {
    /// It does not belong to namespaces of that kind.
    None,
    /// Only the first one.
    First,
    /// Each.
    Each,
}

/// A call that registers a table.
#[derive(Debug, PartialEq, Eq)]
pub struct Call<'a> {
    pub function: &'a str,
    /// The directory, if there is text for it. What is only known at run time is `*`.
    pub path: Option<String>,
    pub namespaces: Namespaces,
    /// The tables that it may be about: the one that it names, or else those that the function names.
    pub tables: BTreeSet<&'a str>,
}

/// The functions that register entries, for modules or for the kernel itself.
const REGISTER: &[&str] = &[
    "__register_sysctl_init",
    "__register_sysctl_table",
    "appldata_register_ops",
    "neigh_sysctl_register",
    "register_net_sysctl",
    "register_net_sysctl_sz",
    "register_sysctl",
    "register_sysctl_init",
    "register_sysctl_mount_point",
    "register_sysctl_sz",
];

/// What concerns entries in a file.
#[derive(Debug, Default)]
pub struct File<'a> {
    pub entries: Vec<Entry<'a>>,
    pub calls: Vec<Call<'a>>,
    /// The fields of tables that code changes.
    pub changes: BTreeSet<&'a str>,
    /// The variables that code gives values.
    pub assigned: BTreeSet<&'a str>,
    /// The macros that make entries.
    pub macros: Vec<&'a str>,
}

impl<'a> File<'a> {
    pub fn parse(text: &'a str) -> Self {
        let tokens = tokens(text);
        let mut file = Self::default();
        // Where the braces are that are open.
        let mut open = Vec::new();
        // Where the calls are, and the functions that they are in.
        let mut calls = Vec::new();
        for (at, token) in tokens.iter().copied().enumerate() {
            let before = |count: usize| at.checked_sub(count).map_or("", |at| tokens[at]);
            let after = |count: usize| tokens.get(at + count).copied().unwrap_or_default();
            match token {
                "{" => open.push(at),
                "}" => {
                    open.pop();
                }
                "procname" if before(1) == "." && ["{", ","].contains(&before(2)) => {
                    if let (Some(begin), "=") = (open.last(), after(1)) {
                        let inner = &tokens[begin + 1..end_of_block(&tokens, *begin)];
                        file.entries.push(Entry {
                            table: variable(&tokens, &open).unwrap_or_default(),
                            fields: fields(inner),
                        });
                    }
                }
                _ if token.starts_with('#') && token.contains("procname") => {
                    file.macros.push(token);
                }
                _ if REGISTER.contains(&token) && after(1) == "(" && !open.is_empty() => {
                    calls.push((at, open[0]));
                }
                "data" | "extra1" | "extra2" | "maxlen" | "mode" | "proc_handler" | "procname"
                    if after(1) == "=" && before(1) == "." && before(2) == "]" =>
                {
                    file.changes.insert(token);
                }
                _ if after(1) == "=" && [";", "{", "}", ")"].contains(&before(1)) => {
                    let function = open.first().map_or(&[][..], |begin| &tokens[*begin..at]);
                    if !is_declared(function, token) {
                        file.assigned.insert(token);
                    }
                }
                _ => {}
            }
        }
        let names = BTreeSet::from_iter(file.entries.iter().map(|entry| entry.table));
        let calls = calls
            .into_iter()
            .map(|(at, begin)| call(&tokens, at, begin, &names));
        file.calls = calls.collect();
        file
    }
}

/// Whether C text may have something to do with entries.
pub fn concerns_entries(text: &str) -> bool {
    text.contains("procname") || REGISTER.iter().any(|function| text.contains(function))
}

/// The arrays that C text declares, with how many elements each has.
pub fn arrays(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices('[').filter_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let (count, _) = after.split_once(']')?;
        let (kind, name) = before.rsplit_once([' ', '\t', '*'])?;
        let is_declared = kind.trim_end().ends_with(is_word) && !kind.ends_with("return");
        let is_name = !name.is_empty() && name.chars().all(is_word);
        (is_declared && is_name && count.chars().all(is_word)).then_some((name, count))
    })
}

/// Where the brace at `begin` is closed.
fn end_of_block(tokens: &[&str], begin: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(begin) {
        match *token {
            "{" | "(" => depth += 1,
            "}" | ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// The variable whose initializer the innermost brace is in.
fn variable<'a>(tokens: &[&'a str], open: &[usize]) -> Option<&'a str> {
    let begin = open.iter().find(|at| **at > 0 && tokens[**at - 1] == "=")?;
    let declared = &tokens[..begin - 1];
    let declared = match declared.iter().rposition(|token| *token == "[") {
        Some(at) if declared.last() == Some(&"]") => &declared[..at],
        _ => declared,
    };
    declared.last().copied()
}

/// Whether a function that begins with `tokens` has a variable `name` of its own.
fn is_declared(tokens: &[&str], name: &str) -> bool {
    tokens.windows(2).any(|pair| {
        let is_type = pair[0].starts_with(is_word) && !["return", "else"].contains(&pair[0]);
        pair[1] == name && is_type
    })
}

/// The fields of an initializer.
fn fields<'a>(tokens: &[&'a str]) -> Vec<(&'a str, Vec<&'a str>)> {
    let parts = arguments(tokens);
    let fields = parts.into_iter().filter_map(|part| match part {
        [".", name, "=", value @ ..] => Some((*name, value.to_vec())),
        _ => None,
    });
    fields.collect()
}

/// Splits at the commas that are not within parentheses or braces. Directives are left out.
fn arguments<'t, 'a>(tokens: &'t [&'a str]) -> Vec<&'t [&'a str]> {
    let mut depth = 0;
    let parts = tokens.split(|token| {
        match *token {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth -= 1,
            _ => {}
        }
        depth == 0 && *token == "," || token.starts_with('#')
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// The call at `at` in the function that begins at `begin`. `names` are those of the file's tables.
fn call<'a>(tokens: &[&'a str], at: usize, begin: usize, names: &BTreeSet<&'a str>) -> Call<'a> {
    let function = tokens[at];
    let mut arguments = arguments(&tokens[at + 2..end_of_block(tokens, at + 1)]);
    let mut namespaces = Namespaces::None;
    if function.contains("net_sysctl") && !arguments.is_empty() {
        namespaces = match arguments.remove(0) {
            ["&", "init_net"] => Namespaces::First,
            _ => Namespaces::Each,
        };
    }
    let literal = |token: &&str| Some(token.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    let path = match arguments.first() {
        Some([path]) if path.starts_with('"') => literal(path),
        _ => {
            let before = tokens[begin..at].iter().rev();
            let path = before.filter_map(literal).find(|text| text.contains('/'));
            path.map(|path| path.replace("%s", "*"))
        }
    };
    let named = |tokens: &[&'a str]| {
        let named = tokens.iter().filter(|token| names.contains(*token));
        named.copied().collect::<BTreeSet<_>>()
    };
    let mut tables = named(arguments.get(1).copied().unwrap_or_default());
    if tables.is_empty() {
        // It may be a copy of one.
        tables = named(&tokens[begin..end_of_block(tokens, begin)]);
    }
    Call {
        function,
        path,
        namespaces,
        tables,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
#define LEVEL(x) { .procname = #x }
static int least, most = 5, own;
static struct ctl_table table[] = {
	{
		.procname	= "level", /* .procname = "comment" */
		.data		= &init_net.level,
		.maxlen		= sizeof(int),
#ifdef CONFIG_X
		.mode		= 0644,
#endif
		.extra2		= (void *)&most,
	},
#if 0
	{ .procname = "never" },
#else
	{ .procname = "else", .extra1 = SYSCTL_ZERO },
#endif
	{}
};
static const struct ctl_table other = { .procname = "other" };
int handler(const struct ctl_table *ctl)
{
	struct ctl_table copy = { .procname = ctl->procname };
	int own;
	own = 3;
	most = 7;
	if (least == 3)
		copy.extra2 = NULL;
	table[0].extra1 = NULL;
}
int init(struct net *net)
{
	t = kmemdup(table, sizeof(table));
	snprintf(path, "net/a/%s", dev->name);
	register_net_sysctl_sz(net, path, t, 2);
	register_net_sysctl(&init_net, "net/b", &other);
	register_sysctl("c", &other);
}
int register_sysctl(int no_call);
"#;

    #[test]
    fn entries_are_found() {
        let file = File::parse(TEXT);
        let names = file.entries.iter().map(|entry| (entry.table, entry.name()));
        let expected = [
            ("table", Some("level")),
            ("table", Some("else")),
            ("other", Some("other")),
            ("copy", None),
        ];
        assert_eq!(Vec::from_iter(names), expected);
        let level = &file.entries[0];
        assert_eq!(level.field("maxlen").concat(), "sizeof(int)");
        assert_eq!(level.field("mode"), ["0644"]);
        assert_eq!(level.object("data"), "init_net.level");
        assert_eq!(level.object("extra2"), "most");
        assert_eq!(level.field("extra1"), [""; 0]);
        assert_eq!(file.entries[1].object("extra1"), "SYSCTL_ZERO");
        assert_eq!(file.macros, ["#define LEVEL(x) { .procname = #x }"]);
    }

    #[test]
    fn registrations_are_found() {
        let file = File::parse(TEXT);
        let call = |function, path: &str, namespaces, table| Call {
            function,
            path: Some(path.to_owned()),
            namespaces,
            tables: BTreeSet::from([table]),
        };
        let expected = [
            call(
                "register_net_sysctl_sz",
                "net/a/*",
                Namespaces::Each,
                "table",
            ),
            call("register_net_sysctl", "net/b", Namespaces::First, "other"),
            call("register_sysctl", "c", Namespaces::None, "other"),
        ];
        // The second and third name theirs, and the first is in a function that names both.
        assert_eq!(file.calls[1..], expected[1..]);
        assert_eq!(file.calls[0].path, expected[0].path);
        assert_eq!(file.calls[0].tables, BTreeSet::from(["table", "other"]));
    }

    #[test]
    fn what_code_changes_is_found() {
        let file = File::parse(TEXT);
        assert_eq!(file.changes, BTreeSet::from(["extra1"]));
        assert!(file.assigned.contains("most"));
        assert!(!file.assigned.contains("least"));
        assert!(!file.assigned.contains("own"));
    }

    #[test]
    fn arrays_are_found() {
        let text = "extern int many[3]; return x[1]; long one; f(many[2]); char *text[SIZE];";
        assert_eq!(
            Vec::from_iter(arrays(text)),
            [("many", "3"), ("text", "SIZE")]
        );
    }
}
