// SPDX-License-Identifier: GPL-2.0

//! bpf(2), as much of it as programs here need.
//!
//! The attributes of a command are the `union bpf_attr` in `include/uapi/linux/bpf.h`, here as numbers
//! of 64 bits. What is missing at the end is 0.

use std::{
    ffi::{c_int, c_long},
    fs::File,
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
};

const MAP_CREATE: c_int = 0;
const MAP_LOOKUP_ELEM: c_int = 1;
const MAP_UPDATE_ELEM: c_int = 2;
const PROG_LOAD: c_int = 5;
const PROG_ATTACH: c_int = 8;
const PROG_DETACH: c_int = 9;

const MAP_TYPE_ARRAY: u32 = 2;
const PROG_TYPE_CGROUP_SYSCTL: u32 = 23;
const CGROUP_SYSCTL: u32 = 18;

/// Two numbers of 32 bits, the first at the lower address.
fn pair(first: u32, second: u32) -> u64 {
    u64::from(first) | u64::from(second) << 32
}

/// # Safety
///
/// Addresses in `attributes` must be valid for what the command reads and writes there.
unsafe fn bpf(command: c_int, attributes: &[u64]) -> io::Result<c_long> {
    let size = size_of_val(attributes);
    // SAFETY: The kernel reads `size` bytes. By the safety requirements, addresses among them are valid.
    match unsafe { libc::syscall(libc::SYS_bpf, command, attributes.as_ptr(), size) } {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// # Safety
///
/// As for [`bpf`]. The command must return a new file descriptor.
unsafe fn bpf_open(command: c_int, attributes: &[u64]) -> io::Result<OwnedFd> {
    // SAFETY: By the safety requirements.
    let number = unsafe { bpf(command, attributes)? };
    // SAFETY: The kernel has just made it for this process, and nothing else uses it.
    Ok(unsafe { OwnedFd::from_raw_fd(number as c_int) })
}

/// Memory that this process and BPF programs share: a map with one value.
pub struct Map {
    map: OwnedFd,
    size: usize,
}

impl Map {
    /// Makes one of `size` bytes, a multiple of 8.
    pub fn new(size: usize) -> io::Result<Self> {
        let attributes = [pair(MAP_TYPE_ARRAY, 4), pair(size as u32, 1)];
        // SAFETY: There are no addresses. The command returns a file descriptor.
        let map = unsafe { bpf_open(MAP_CREATE, &attributes)? };
        Ok(Self { map, size })
    }

    /// Its file descriptor.
    pub fn number(&self) -> i32 {
        self.map.as_raw_fd()
    }

    /// Changes all of it.
    pub fn write(&self, value: &[u8]) -> io::Result<()> {
        assert_eq!(value.len(), self.size);
        let key = 0u32;
        let attributes = [
            pair(self.map.as_raw_fd() as u32, 0),
            &raw const key as u64,
            value.as_ptr() as u64,
        ];
        // SAFETY: The command reads a key and a value, which are as large as the map says.
        unsafe { bpf(MAP_UPDATE_ELEM, &attributes).map(drop) }
    }

    /// Returns all of it.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        let mut value = vec![0; self.size];
        let key = 0u32;
        let attributes = [
            pair(self.map.as_raw_fd() as u32, 0),
            &raw const key as u64,
            value.as_mut_ptr() as u64,
        ];
        // SAFETY: The command reads a key and writes a value, which are as large as the map says.
        unsafe { bpf(MAP_LOOKUP_ELEM, &attributes)? };
        Ok(value)
    }
}

/// A program that is attached to a cgroup until this is dropped.
pub struct Attached<'a> {
    cgroup: &'a File,
    program: OwnedFd,
}

impl<'a> Attached<'a> {
    /// Attaches a program of the type `cgroup/sysctl`. If the kernel refuses it, the error says why.
    pub fn new(cgroup: &'a File, instructions: &[u64]) -> io::Result<Self> {
        let program = load(instructions)?;
        let attached = Self { cgroup, program };
        attached.command(PROG_ATTACH)?;
        Ok(attached)
    }

    fn command(&self, command: c_int) -> io::Result<()> {
        let (cgroup, program) = (self.cgroup.as_raw_fd(), self.program.as_raw_fd());
        let attributes = [pair(cgroup as u32, program as u32), pair(CGROUP_SYSCTL, 0)];
        // SAFETY: There are no addresses.
        unsafe { bpf(command, &attributes).map(drop) }
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        // It stays attached to a cgroup that only this process is in.
        let _ = self.command(PROG_DETACH);
    }
}

fn load(instructions: &[u64]) -> io::Result<OwnedFd> {
    let mut log = vec![0; 1 << 16];
    let attributes = [
        pair(PROG_TYPE_CGROUP_SYSCTL, instructions.len() as u32),
        instructions.as_ptr() as u64,
        c"GPL".as_ptr() as u64,
        pair(1, log.len() as u32),
        log.as_mut_ptr() as u64,
        0,
        0,
        0,
        pair(0, CGROUP_SYSCTL),
    ];
    // SAFETY: The command reads the instructions and the license, writes the log, and returns a file
    // descriptor.
    let program = unsafe { bpf_open(PROG_LOAD, &attributes) };
    program.map_err(|error| {
        let log = String::from_utf8_lossy(&log);
        io::Error::other(format!("{error}\n{}", log.trim_end_matches('\0')))
    })
}
