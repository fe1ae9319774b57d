// SPDX-License-Identifier: GPL-2.0

//! The kernel's sources, read from the archive that Debian packages, without unpacking it.

use std::{collections::BTreeMap, io::Read};

use crate::Result;

/// What the survey needs of the sources, by path.
#[derive(Default)]
pub struct Sources {
    /// The Makefiles and Kbuild files.
    pub makefiles: BTreeMap<String, String>,
    /// What is in all Kconfig files.
    pub kconfig: String,
    /// The C files and headers that mention entries.
    pub files: BTreeMap<String, String>,
    /// Which C files include which others or which headers, by the names in the `#include`.
    pub includes: Vec<(String, String)>,
}

impl Sources {
    /// Reads a tar archive. The first component of each path is left out.
    pub fn read(mut archive: impl Read) -> Result<Self> {
        let mut sources = Self::default();
        let mut header = [0; 512];
        let mut long = None;
        loop {
            archive.read_exact(&mut header)?;
            if header[0] == 0 {
                // Who writes into a pipe that is closed fails.
                std::io::copy(&mut archive, &mut std::io::sink())?;
                return Ok(sources);
            }
            let size = usize::from_str_radix(text(&header[124..136]).trim(), 8)?;
            let mut contents = vec![0; size.next_multiple_of(header.len())];
            archive.read_exact(&mut contents)?;
            contents.truncate(size);
            let name = text(&header[..100]);
            match header[156] {
                // GNU tar: the name of the next file.
                b'L' => long = Some(text(&contents).into_owned()),
                b'0' | 0 => {
                    let path = long.take().unwrap_or_else(|| name.into_owned());
                    let path = path.split_once('/').map_or(&*path, |(_, path)| path);
                    sources.add(path, &contents);
                }
                _ => long = None,
            }
        }
    }

    /// Adds a file if it is of use.
    pub fn add(&mut self, path: &str, contents: &[u8]) {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name == "Makefile" || name == "Kbuild" {
            let contents = String::from_utf8_lossy(contents).into_owned();
            self.makefiles.insert(path.to_owned(), contents);
        } else if name.starts_with("Kconfig") {
            self.kconfig += &String::from_utf8_lossy(contents);
            self.kconfig.push('\n');
        } else if name.ends_with(".c") || name.ends_with(".h") {
            let is_ours = ["tools/", "scripts/", "Documentation/"]
                .iter()
                .all(|folder| !path.starts_with(folder));
            if !is_ours {
                return;
            }
            let contents = String::from_utf8_lossy(contents);
            let mut rest = if name.ends_with(".c") { &*contents } else { "" };
            while let Some((_, after)) = rest.split_once("include \"") {
                let Some((included, after)) = after.split_once('"') else {
                    break;
                };
                self.includes.push((path.to_owned(), included.to_owned()));
                rest = after;
            }
            let makes_one = || contents.contains("appldata_register_ops");
            if contents.contains("sysctl") || path.starts_with("arch/s390/") && makes_one() {
                self.files.insert(path.to_owned(), contents.into_owned());
            }
        }
    }
}

/// What is before the first NUL.
fn text(field: &[u8]) -> std::borrow::Cow<'_, str> {
    let end = field.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&field[..end.unwrap_or(field.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, kind: u8, contents: &[u8]) -> Vec<u8> {
        let mut member = vec![0; 512];
        member[..name.len()].copy_from_slice(name.as_bytes());
        member[124..135].copy_from_slice(format!("{:011o}", contents.len()).as_bytes());
        member[156] = kind;
        member.extend_from_slice(contents);
        member.resize(member.len().next_multiple_of(512), 0);
        member
    }

    #[test]
    fn what_matters_is_read_from_an_archive() -> Result<()> {
        let long = format!("linux/net/{}/long.c", "x".repeat(100));
        let mut archive = Vec::new();
        archive.extend(member("linux/", b'5', b""));
        archive.extend(member("linux/net/Makefile", b'0', b"obj-y := a.o\n"));
        archive.extend(member("linux/net/Kconfig.x", b'0', b"config X"));
        archive.extend(member("linux/net/none.c", b'0', b"int a;"));
        archive.extend(member("././@LongLink", b'L', (long + "\0").as_bytes()));
        let table = b"#include \"part.c\"\nstruct ctl_table sysctls;";
        archive.extend(member("linux/net/cut", b'0', table));
        archive.extend([0; 1024]);
        let sources = Sources::read(&*archive)?;
        assert_eq!(sources.makefiles["net/Makefile"], "obj-y := a.o\n");
        assert_eq!(sources.kconfig, "config X\n");
        let path = format!("net/{}/long.c", "x".repeat(100));
        assert_eq!(Vec::from_iter(sources.files.keys()), [&path]);
        assert_eq!(sources.includes, [(path, "part.c".to_owned())]);
        Ok(())
    }
}
