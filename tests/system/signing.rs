// SPDX-License-Identifier: GPL-2.0

//! `module-signing` without a kernel. What kernels say of its signatures is in `secure_boot.rs`.

use lab::{debian, Result};

#[test]
fn a_ca_certifies_the_keys_of_releases() -> Result<()> {
    sign("ceremony")
}

/// Neither the CA's key nor those of releases are ever in a file.
#[test]
fn keys_can_be_in_a_token() -> Result<()> {
    sign("token")
}

/// Keys that others can read or that would be published, requests, modules and signatures that are not what they
/// pass for: one line says why, and nothing has been done.
#[test]
fn what_is_not_safe_is_refused() -> Result<()> {
    sign("refusals")
}

fn sign(what: &str) -> Result<()> {
    let root = debian::signers()?.scratch()?;
    let script = "tests/system/scripts/signing.sh";
    root.script(script, &[what])?.ok().map(drop)
}
