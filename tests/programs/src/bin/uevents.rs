// SPDX-License-Identifier: GPL-2.0

//! Prints the kernel's uevents of modules, until it is ended: the action, the path, and the variables that are not in
//! every event.

use std::io;

use rustix::net::{
    bind,
    netlink::{SocketAddrNetlink, KOBJECT_UEVENT},
    recv, socket_with, AddressFamily, RecvFlags, SocketFlags, SocketType,
};

/// The group of the kernel's own events; udev has another one.
const KERNEL: u32 = 1;

fn main() -> io::Result<()> {
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        Some(KOBJECT_UEVENT),
    )?;
    bind(&socket, &SocketAddrNetlink::new(0, KERNEL))?;
    let mut buffer = [0; 8192];
    loop {
        let (length, _) = recv(&socket, &mut buffer, RecvFlags::empty())?;
        let event = String::from_utf8_lossy(&buffer[..length]);
        let variables: Vec<_> = event.split_terminator('\0').skip(1).collect();
        if !variables.contains(&"SUBSYSTEM=module") {
            continue;
        }
        let words: Vec<_> = variables
            .into_iter()
            .filter_map(|variable| match variable.split_once('=') {
                Some(("ACTION" | "DEVPATH", value)) => Some(value),
                Some(("SUBSYSTEM" | "SEQNUM", _)) => None,
                _ => Some(variable),
            })
            .collect();
        println!("{}", words.join(" "));
    }
}
