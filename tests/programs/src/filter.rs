// SPDX-License-Identifier: GPL-2.0

//! BPF programs that decide about reads and writes below `/proc/sys`.
//!
//! The kernel runs a program of the type `cgroup/sysctl` before each such call by a process of the
//! cgroup that the program is attached to.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::Path,
};

use rustix::mount::{mount, MountFlags};

use crate::page;

use self::{
    assembler::{Assembler, Register},
    bpf::{Attached, Map},
};

mod assembler;
mod bpf;

/// What a program does with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Lets it pass.
    Allow,
    /// Refuses it.
    Refuse,
    /// Has this written instead, at least a byte and at most a page. Reads pass.
    Replace(Vec<u8>),
    /// Has it begin at this offset. Of the caller's own, the upper 32 bits remain.
    Seek(u32),
}

impl Decision {
    /// Returns its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Refuse => "refuse",
            Self::Replace(_) => "replace",
            Self::Seek(_) => "seek",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name())?;
        match self {
            Self::Allow | Self::Refuse => Ok(()),
            Self::Replace(new) => write!(f, " by \"{}\"", new.escape_ascii()),
            Self::Seek(offset) => write!(f, " to {offset}"),
        }
    }
}

/// What a program saw of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The value before the call, as the handler printed it into a page, or the negative errno.
    pub current: Result<Vec<u8>, i64>,
    /// What setting a new value returned, if the program tries to.
    pub replaced: Option<i64>,
}

// Where in the shared memory there is what.
/// What `bpf_sysctl_get_current_value()` returned.
const RETURNED: usize = 0;
/// What `bpf_sysctl_set_new_value()` returned.
const REPLACED: usize = 8;
/// What `bpf_sysctl_get_current_value()` copied: a page at most, and a NUL.
const CURRENT: usize = 16;
/// What to write instead: less than a page.
fn new_at() -> usize {
    CURRENT + page() + 8
}
fn size() -> usize {
    new_at() + page()
}

/// What no program leaves in the memory.
const UNTOUCHED: u8 = 0xee;

/// A cgroup that this process is in.
pub struct Cgroup(File);

impl Cgroup {
    /// Makes a cgroup, which stays, and joins it.
    pub fn join() -> io::Result<Self> {
        let root = Path::new("/run/cgroup");
        if !root.exists() {
            fs::create_dir(root)?;
            mount("cgroup", root, "cgroup2", MountFlags::empty(), None)?;
        }
        let path = root.join("filter");
        fs::create_dir_all(&path)?;
        fs::write(path.join("cgroup.procs"), "0")?;
        Ok(Self(File::open(path)?))
    }

    /// Attaches a program that makes this decision.
    pub fn attach(&self, decision: &Decision) -> io::Result<Filter<'_>> {
        let map = Map::new(size())?;
        let mut untouched = vec![UNTOUCHED; size()];
        if let Decision::Replace(new) = decision {
            untouched[new_at()..][..new.len()].copy_from_slice(new);
        }
        let filter = Filter {
            _attached: Attached::new(&self.0, &program(decision, &map))?,
            decision: decision.clone(),
            untouched,
            map,
        };
        filter.forget()?;
        Ok(filter)
    }
}

/// A program that is attached until this is dropped.
pub struct Filter<'a> {
    _attached: Attached<'a>,
    decision: Decision,
    untouched: Vec<u8>,
    map: Map,
}

impl Filter<'_> {
    /// Returns what the program decides.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Forgets what the program saw.
    pub fn forget(&self) -> io::Result<()> {
        self.map.write(&self.untouched)
    }

    /// Returns what the program saw of the last call, if it ran since [`forget`](Self::forget).
    pub fn seen(&self) -> io::Result<Option<Seen>> {
        let memory = self.map.read()?;
        if memory == self.untouched {
            return Ok(None);
        }
        let number = |at: usize| i64::from_ne_bytes(memory[at..][..8].try_into().expect("8 bytes"));
        let returned = number(RETURNED);
        let (current, behind) =
            memory[CURRENT..new_at()].split_at(usize::try_from(returned).unwrap_or(0));
        if behind.iter().any(|byte| *byte != 0) {
            return Err(io::Error::other(
                "the kernel did not clear what is behind a value",
            ));
        }
        Ok(Some(Seen {
            current: if returned < 0 {
                Err(returned)
            } else {
                Ok(current.to_vec())
            },
            replaced: matches!(self.decision, Decision::Replace(_)).then(|| number(REPLACED)),
        }))
    }
}

/// Helpers of the kernel's.
const GET_CURRENT_VALUE: i32 = 102;
const SET_NEW_VALUE: i32 = 104;

/// The offset of `file_pos` in `struct bpf_sysctl`.
const FILE_POS: i16 = 4;

/// The instructions of a program. Whatever it decides, it looks at the current value.
fn program(decision: &Decision, map: &Map) -> Vec<u64> {
    use Register::{R0, R1, R2, R3, R6, R7};

    let map = map.number();
    let mut code = Assembler::default();
    code.copy(R6, R1);
    code.address(R7, map, 0);
    code.address(R2, map, CURRENT as i32);
    code.set(R3, (new_at() - CURRENT) as i32);
    code.call(GET_CURRENT_VALUE);
    code.store_u64(R7, RETURNED as i16, R0);
    match decision {
        Decision::Allow | Decision::Refuse => {}
        Decision::Replace(new) => {
            code.copy(R1, R6);
            code.address(R2, map, new_at() as i32);
            code.set(R3, new.len() as i32);
            code.call(SET_NEW_VALUE);
            code.store_u64(R7, REPLACED as i16, R0);
        }
        Decision::Seek(offset) => {
            code.set(R1, *offset as i32);
            code.store_u32(R6, FILE_POS, R1);
        }
    }
    code.set(R0, (*decision != Decision::Refuse).into());
    code.exit();
    code.instructions
}
