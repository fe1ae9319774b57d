// SPDX-License-Identifier: GPL-2.0

//! The tests that take roots and machines. In one program, so that as many run at once as may, to the
//! end.

mod bench;
mod crash;
mod debug;
mod kheaders;
mod life;
mod package;
mod rpm;
mod secure_boot;
mod security;
mod style;
mod system;
mod types;
