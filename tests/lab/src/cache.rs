// SPDX-License-Identifier: GPL-2.0

//! Results that are slow to make, kept until what they were made from changes.

use std::{
    collections::{hash_map::DefaultHasher, BTreeSet},
    env, fs,
    hash::{Hash, Hasher},
    io::ErrorKind,
    path::{Path, PathBuf},
    process,
    sync::Mutex,
    time::SystemTime,
};

use rustix::fs::{flock, statvfs, FlockOperation};

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

/// Free space, in bytes, below which results make room for a new one: the largest take 4 GB, and some are
/// made at the same time.
const ROOM: u64 = 15 << 30;

/// The results that this process has asked for.
static USED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Notes that `path` is used.
fn uses(path: &Path) -> Result<()> {
    USED.lock().unwrap().insert(path.to_owned());
    // The order in which results are removed.
    if path.exists() {
        fs::File::open(path)?.set_modified(SystemTime::now())?;
    }
    Ok(())
}

/// Removes results in `dir` until `room` bytes are free, the longest unused first, and none that this process
/// uses.
fn make_room(dir: &Path, room: u64) -> Result<()> {
    let used = USED.lock().unwrap();
    let mut unused = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_result = name
            .rsplit_once('-')
            .is_some_and(|(_, key)| key.len() == 16 && u64::from_str_radix(key, 16).is_ok());
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if is_result && !used.contains(&path) {
            unused.push((metadata.modified()?, path));
        }
    }
    unused.sort();
    for (_, path) in unused {
        let space = statvfs(dir)?;
        if space.f_bavail * space.f_frsize >= room {
            break;
        }
        remove(&path)?;
    }
    Ok(())
}

/// Returns the path of the result `kind` for `key`. Unless it is there, `make` makes it at the path that
/// it gets. Results of the same kind for other keys are removed, and others when space is short.
///
/// Whoever else wants the same kind waits, other processes too; what is of another kind can be made at
/// the same time.
pub fn once(kind: &str, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let path = dir().join(format!("{kind}-{key}"));
    uses(&path)?;
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
    make_room(&dir(), ROOM)?;
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

/// Removes a file or a directory with all that is in it; there need not be one, and somebody else may remove it
/// at the same time.
pub fn remove(path: &Path) -> Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Err(error) => Err(error),
        Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unused_makes_room() -> Result<()> {
        let dir = env::temp_dir().join(format!("oximod-room-{}", process::id()));
        let [used, unused, other] = [
            "used-0123456789abcdef",
            "unused-0123456789abcdef",
            "archives",
        ]
        .map(|name| dir.join(name));
        for path in [&used, &unused, &other] {
            fs::create_dir_all(path)?;
        }
        uses(&used)?;

        make_room(&dir, 0)?;
        assert!(unused.exists());
        make_room(&dir, u64::MAX)?;
        assert!(used.exists() && !unused.exists() && other.exists());
        remove(&dir)
    }
}
