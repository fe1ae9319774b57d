// SPDX-License-Identifier: GPL-2.0

//! Tests of the module's pure code, which is compiled here as it is for the kernel.

#![cfg(test)]

#[path = "../../../src/sysctl/text.rs"]
mod text;

mod bit;
mod model;
mod names;
