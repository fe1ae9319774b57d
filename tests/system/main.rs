// SPDX-License-Identifier: GPL-2.0

//! What the project promises, tried in real roots and on booted stock kernels. It is one program, so that as
//! many tests run at once as may, to the end.

mod announce;
mod authors;
mod bench;
mod crash;
mod debug;
mod elsewhere;
mod enable;
mod entries;
mod follow;
mod hooks;
mod initramfs;
mod kheaders;
mod kmod;
mod layouts;
mod life;
mod linked;
mod matrix;
mod new;
mod own;
mod package;
mod packaged;
mod ports;
mod prebuilt;
mod rpm;
mod secure_boot;
mod security;
mod signing;
mod spaces;
mod style;
mod survey;
mod system;
mod upstream;
