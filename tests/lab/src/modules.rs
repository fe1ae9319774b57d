// SPDX-License-Identifier: GPL-2.0

//! Modules that only tests load, built for every kernel as their author would.

use std::{fs, path::PathBuf};

use crate::{cache, debian, progress::step, Result};

/// Where they are in the tree.
pub const DIRECTORIES: &[&str] = &[
    "tests/modules",
    "samples",
    "samples/timebomb",
    "bench",
];

/// A tar with a directory for each kernel release: the modules of [`DIRECTORIES`], and of the
/// kernel's own sources `test_sysctl.ko` and what tests it.
pub fn packed() -> Result<PathBuf> {
    let installed = debian::installed()?;
    let key = cache::key([
        installed.key(),
        &cache::key_of_files(DIRECTORIES)?,
        BUILD,
        &DIRECTORIES.concat(),
    ]);
    let mut root = installed.scratch()?;
    let path = cache::once("modules", &key, |path| {
        fs::create_dir_all(path)?;
        root.bind(cache::tree().canonicalize()?, "/mnt/tree");
        root.bind(path, "/mnt/modules");
        step("the tests' modules", || {
            let script = BUILD.replace("DIRECTORIES", &DIRECTORIES.join(" "));
            root.sh(&script)?.ok().map(drop)
        })
    })?;
    Ok(path.join("tar"))
}

const BUILD: &str = r#"
set -e
build() {
	make $(rust-kheaders path --make $release) M=$1 modules
	for module in $1/*.ko; do
		strip --strip-debug -o /tmp/out/$release/${module##*/} $module
	done
}
for release in $(cat /usr/local/share/releases); do
	mkdir -p /tmp/out/$release
	for directory in DIRECTORIES; do
		rm -rf /tmp/build
		cp -rL /mnt/tree/$directory /tmp/build
		build /tmp/build
	done
	series=$(echo $release | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
	sources=linux-source-$series
	tar -x -C /tmp -f /usr/src/$sources.tar.xz $sources/lib/test_sysctl.c $sources/tools/testing/selftests/sysctl
	rm -rf /tmp/build
	mkdir /tmp/build
	cp /tmp/$sources/lib/test_sysctl.c /tmp/build
	echo 'obj-m := test_sysctl.o' > /tmp/build/Kbuild
	build /tmp/build
	cp -r /tmp/$sources/tools/testing/selftests/sysctl /tmp/out/$release
	cd /tmp/out/$release
	for module in *.ko; do
		echo $(stat -c %s $module) $(size $module | tail -n 1)
	done > sizes
done
tar -c -f /mnt/modules/tar -C /tmp/out .
"#;
