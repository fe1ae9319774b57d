// SPDX-License-Identifier: GPL-2.0

//! Results that are slow to make, kept until what they were made from changes.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    process,
};

use rustix::fs::{flock, FlockOperation};

use crate::Result;

/// The directory that everything is kept in.
pub fn dir() -> PathBuf {
    env::var_os("OXIMOD_LAB").map_or_else(|| "/var/cache/oximod-lab".into(), PathBuf::from)
}

/// The top of the tree that the tests belong to.
pub fn tree() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Removes what processes that are gone have left unfinished.
pub fn sweep() -> Result<()> {
    fs::create_dir_all(dir())?;
    for entry in fs::read_dir(dir())? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let mut words = name.split('-');
        if matches!(words.next(), Some("unfinished" | "scratch")) {
            let pid = words.next().unwrap_or_default();
            if !Path::new("/proc").join(pid).exists() {
                remove(&entry.path())?;
            }
        }
    }
    Ok(())
}

/// A digest of `parts`. It need not withstand anybody.
pub fn key(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.as_ref().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// A digest of files and directories of the tree, names and contents.
pub fn key_of_files(paths: &[&str]) -> Result<String> {
    fn collect(path: &Path, parts: &mut Vec<Vec<u8>>) -> Result<()> {
        let name = path.strip_prefix(tree())?;
        parts.push(name.to_string_lossy().into_owned().into_bytes());
        if path.is_dir() {
            let mut entries = fs::read_dir(path)?
                .map(|entry| Ok(entry?.path()))
                .collect::<Result<Vec<_>>>()?;
            entries.sort();
            for entry in entries {
                collect(&entry, parts)?;
            }
        } else {
            parts.push(fs::read(path)?);
        }
        Ok(())
    }
    let mut parts = Vec::new();
    for path in paths {
        collect(&tree().join(path), &mut parts)?;
    }
    Ok(key(parts))
}

/// Returns the path of the result `kind` for `key`. Unless it is there, `make` makes it at the path that
/// it gets. Results of the same kind for other keys are removed.
///
/// Whoever else wants the same kind waits, other processes too; what is of another kind can be made at
/// the same time.
pub fn once(kind: &str, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let path = dir().join(format!("{kind}-{key}"));
    if path.exists() {
        return Ok(path);
    }
    let _lock = lock(kind)?;
    if path.exists() {
        return Ok(path);
    }
    let prefix = format!("{kind}-");
    for entry in fs::read_dir(dir())? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name
            .strip_prefix(&prefix)
            .is_some_and(|key| !key.contains('-'))
        {
            remove(&entry.path())?;
        }
    }
    let unfinished = dir().join(format!("unfinished-{}-{kind}-", process::id()));
    remove(&unfinished)?;
    make(&unfinished)?;
    fs::rename(&unfinished, &path)?;
    Ok(path)
}

/// Waits until nobody else has the lock `name`, and has it until the value is dropped.
pub fn lock(name: &str) -> Result<fs::File> {
    let locks = dir().join("locks");
    fs::create_dir_all(&locks)?;
    let file = fs::File::create(locks.join(name))?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(file)
}

/// Removes a file or a directory with all that is in it; there need not be one.
pub fn remove(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(metadata) if metadata.is_dir() => Ok(fs::remove_dir_all(path)?),
        Ok(_) => Ok(fs::remove_file(path)?),
    }
}
