// SPDX-License-Identifier: GPL-2.0

//! The ways to sleep until an entry changes.

use std::{
    fs::File,
    io,
    os::fd::{AsFd, AsRawFd},
    str::FromStr,
    time::Duration,
};

use io_uring::{opcode::PollAdd, types, IoUring};
use rustix::event::{
    epoll, fd_set_insert, fd_set_num_elements, poll, select, FdSetElement, PollFd, PollFlags,
    Timespec,
};

/// A system call that sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `poll(2)` for `POLLPRI`.
    Poll,
    /// `select(2)` for exceptions. A file of sysctl always can be read and written.
    Select,
    /// `epoll_wait(2)` for `EPOLLPRI`.
    Epoll,
    /// `IORING_OP_POLL_ADD` for `POLLPRI`.
    Uring,
    /// `IOCB_CMD_POLL` for `POLLPRI`.
    Aio,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Poll,
        Self::Select,
        Self::Epoll,
        Self::Uring,
        Self::Aio,
    ];
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "poll" => Ok(Self::Poll),
            "select" => Ok(Self::Select),
            "epoll" => Ok(Self::Epoll),
            "uring" => Ok(Self::Uring),
            "aio" => Ok(Self::Aio),
            _ => Err(format!("{name} does not sleep")),
        }
    }
}

/// Sleeps until something happens to the file, and returns what, or nothing after `limit`. `select(2)` only tells
/// that there is an exception: `PRI`.
pub fn wait(kind: Kind, file: &File, limit: Duration) -> io::Result<PollFlags> {
    let timespec = Timespec::try_from(limit).map_err(io::Error::other)?;
    match kind {
        Kind::Poll => {
            let mut files = [PollFd::new(file, PollFlags::PRI)];
            poll(&mut files, Some(&timespec))?;
            Ok(files[0].revents())
        }
        Kind::Select => {
            let end = file.as_raw_fd() + 1;
            let mut exceptions = vec![FdSetElement::default(); fd_set_num_elements(1, end)];
            fd_set_insert(&mut exceptions, file.as_raw_fd());
            // SAFETY: The file is open.
            let found = unsafe { select(end, None, None, Some(&mut exceptions), Some(&timespec)) }?;
            Ok(if found == 0 {
                PollFlags::empty()
            } else {
                PollFlags::PRI
            })
        }
        Kind::Epoll => {
            let queue = epoll::create(epoll::CreateFlags::CLOEXEC)?;
            epoll::add(
                &queue,
                file,
                epoll::EventData::new_u64(0),
                epoll::EventFlags::PRI,
            )?;
            let mut events = Vec::with_capacity(1);
            epoll::wait(
                &queue,
                rustix::buffer::spare_capacity(&mut events),
                Some(&timespec),
            )?;
            let bits = events.first().map_or(0, |event| { event.flags }.bits());
            Ok(PollFlags::from_bits_retain(bits as u16))
        }
        Kind::Uring => {
            let mut ring = IoUring::new(1)?;
            let file = types::Fd(file.as_fd().as_raw_fd());
            let entry = PollAdd::new(file, PollFlags::PRI.bits().into()).build();
            // SAFETY: The operation takes no memory, and the ring is dropped before the file.
            unsafe { ring.submission().push(&entry) }.map_err(io::Error::other)?;
            let timespec = types::Timespec::from(limit);
            let arguments = types::SubmitArgs::new().timespec(&timespec);
            match ring.submitter().submit_with_args(1, &arguments) {
                Err(error) if error.raw_os_error() != Some(libc::ETIME) => return Err(error),
                _ => {}
            }
            let result = ring.completion().next().map_or(0, |event| event.result());
            match result {
                // There is nothing to sleep for any more.
                result if result == -libc::ECANCELED => Ok(PollFlags::HUP),
                ..0 => Err(io::Error::from_raw_os_error(-result)),
                _ => Ok(PollFlags::from_bits_retain(result as u16)),
            }
        }
        Kind::Aio => aio(file, limit),
    }
}

/// `struct iocb` of `include/uapi/linux/aio_abi.h`, for little-endian machines.
#[repr(C)]
#[derive(Default)]
struct Iocb {
    data: u64,
    key: u32,
    rw_flags: i32,
    opcode: u16,
    priority: i16,
    file: u32,
    buffer: u64,
    bytes: u64,
    offset: i64,
    reserved: u64,
    flags: u32,
    event_file: u32,
}

/// `struct io_event` there.
#[repr(C)]
#[derive(Default)]
struct IoEvent {
    data: u64,
    object: u64,
    result: i64,
    result2: i64,
}

const IOCB_CMD_POLL: u16 = 5;

fn aio(file: &File, limit: Duration) -> io::Result<PollFlags> {
    let mut context: libc::c_ulong = 0;
    let mut request = Iocb {
        opcode: IOCB_CMD_POLL,
        file: file.as_raw_fd() as u32,
        buffer: PollFlags::PRI.bits().into(),
        ..Iocb::default()
    };
    let mut requests = [&raw mut request];
    let mut event = IoEvent::default();
    let mut timeout = libc::timespec {
        tv_sec: limit.as_secs() as libc::time_t,
        tv_nsec: limit.subsec_nanos().into(),
    };
    // SAFETY: The kernel copies the request, and writes the event. All of them are valid as long as the context.
    unsafe {
        checked(libc::syscall(libc::SYS_io_setup, 1, &raw mut context))?;
        let submitted = libc::syscall(libc::SYS_io_submit, context, 1, requests.as_mut_ptr());
        let count = checked(submitted).and_then(|_| {
            checked(libc::syscall(
                libc::SYS_io_getevents,
                context,
                1,
                1,
                &raw mut event,
                &raw mut timeout,
            ))
        });
        checked(libc::syscall(libc::SYS_io_destroy, context))?;
        match count? {
            0 => Ok(PollFlags::empty()),
            _ => Ok(PollFlags::from_bits_retain(event.result as u16)),
        }
    }
}

fn checked(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}
