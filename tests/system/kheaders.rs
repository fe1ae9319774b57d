// SPDX-License-Identifier: GPL-2.0

//! rust-kheaders: what it decides, and what becomes of builds that fail.

use std::env;

use lab::{
    cache, debian,
    root::{Root, Said},
    Result,
};

/// A root with everything, and the newest release in it.
fn ready() -> Result<(Root, String)> {
    let root = debian::installed()?.scratch()?;
    let release = debian::releases(&root)?.remove(0);
    Ok((root, release))
}

/// Runs a script in which `$R` is the release, `$H` its headers and `$C` the path of its entry.
fn run(root: &Root, release: &str, script: &str) -> Result<Said> {
    root.sh(&format!(
        "R={release} H=/usr/src/linux-headers-{release} C=$(echo /var/cache/rust-kheaders/{release}/*)
         {script}"
    ))
}

/// The exit code and the text of a script, in a root of its own.
fn decide(script: &str) -> Result<(i32, String)> {
    let (root, release) = ready()?;
    let said = run(&root, &release, script)?;
    Ok((said.code, said.text.replace(&release, "RELEASE")))
}

/// The one line that the last command of `script` stops with, and its exit code.
fn stops(script: &str, code: i32, starts: &str, contains: &str) -> Result<()> {
    let said = decide(script)?;
    assert_eq!(said.0, code, "{said:?}");
    assert_eq!(said.1.lines().count(), 1, "{said:?}");
    assert!(
        said.1.starts_with(&format!("rust-kheaders: {starts}")),
        "{said:?}"
    );
    assert!(said.1.contains(contains), "{said:?}");
    Ok(())
}

/// A copy of the headers that can be changed.
const COPY: &str = "cp -r $H /tmp/h; ";

#[test]
fn usage() -> Result<()> {
    let (code, help) = decide("rust-kheaders --help")?;
    assert_eq!(code, 0);
    for word in [
        "build",
        "path",
        "check",
        "status",
        "clean",
        "--source",
        "--headers",
        "--cache",
        "77",
    ] {
        assert!(help.contains(word), "{help}");
    }
    stops(
        "rust-kheaders frobnicate",
        2,
        "no such command: frobnicate",
        "--help",
    )?;
    stops(
        "rust-kheaders build --frob",
        2,
        "no such option: --frob",
        "--help",
    )?;
    stops(
        "rust-kheaders build --cache",
        2,
        "--cache needs a value",
        "--help",
    )?;
    stops(
        "rust-kheaders build --cache '/tmp/a b' $R",
        2,
        "kbuild cannot work in '/tmp/a b'",
        "give --cache another path",
    )?;
    stops(
        "rust-kheaders build $R $R",
        2,
        "RELEASE: one release at a time",
        "--help",
    )
}

#[test]
fn what_is_made_is_used_at_once() -> Result<()> {
    let (code, said) =
        decide("test \"$(rust-kheaders build $R)\" = $C/build && rust-kheaders check $R")?;
    assert_eq!(
        (code, said.split_once(": ready: ").map(|line| line.0)),
        (0, Some("RELEASE")),
        "{said}"
    );
    // As rpm calls scriptlets: /bin is /usr/bin.
    let (_, elsewhere) = decide("PATH=/sbin:/bin:/usr/sbin:/usr/bin rust-kheaders check $R")?;
    assert!(said.ends_with(&elsewhere), "{elsewhere}");
    let (_, made) = decide("rust-kheaders path --make $R")?;
    assert!(made.ends_with("/build RUSTC=/usr/bin/rustc\n"), "{made}");
    stops(
        "rust-kheaders path --cache /tmp/c $R",
        1,
        "RELEASE: the metadata has not been made",
        "to fix: rust-kheaders build RELEASE",
    )
}

#[test]
fn a_directory_with_blanks() -> Result<()> {
    let (mut root, release) = ready()?;
    root.bind(cache::tree().canonicalize()?, "/mnt/tree");
    let said = root.sh(&format!(
        "mkdir '/tmp/a b' && cp -r /mnt/tree/Makefile /mnt/tree/src /mnt/tree/samples '/tmp/a b' && cd '/tmp/a b'
         make KVER={release} 2>&1; code=$?; make clean >/dev/null && exit $code"
    ))?;
    assert_eq!(said.code, 2, "{said}");
    let line = "the kernel's build takes no blanks in paths; to fix: move '/tmp/a b'.  Stop.\n";
    assert!(said.text.ends_with(line), "{said}");
    // Blanks elsewhere do no harm.
    let said = root.sh(&format!("cd '/tmp/a b' && rust-kheaders path {release}"))?;
    assert!(said.ok()?.starts_with("/var/cache/rust-kheaders/"));
    Ok(())
}

#[test]
fn kernels_without_rust() -> Result<()> {
    stops(
        "rust-kheaders check --headers $H 6.19.14",
        77,
        "6.19.14: kernels before 7.0",
        "",
    )?;
    stops(
        &format!(
            "{COPY} sed -i '/^CONFIG_RUST=/d' /tmp/h/include/config/auto.conf
                 rust-kheaders build --headers /tmp/h $R"
        ),
        77,
        "RELEASE: this kernel has no Rust support (CONFIG_RUST is off)",
        "",
    )
}

#[test]
fn headers_that_are_not_there() -> Result<()> {
    stops(
        "rust-kheaders build 7.9.9-nowhere",
        3,
        "7.9.9-nowhere: no headers in /lib/modules/7.9.9-nowhere/build",
        "to fix: apt install linux-headers-7.9.9-nowhere",
    )
}

/// Headers with metadata, as Fedora, Arch and Ubuntu have them: here the build directory that was
/// made, which is the same.
#[test]
fn headers_that_have_the_metadata() -> Result<()> {
    let (code, said) =
        decide("rust-kheaders build --headers $C/build --cache /tmp/c $R; ls /tmp/c")?;
    assert_eq!(code, 2, "no cache is made: {said}");
    let (_, path) = decide("readlink -f $C/build")?;
    assert!(said.starts_with(&path), "{said}");

    stops(
        "cp -r $C/build /tmp/h && sed -i '1s/rustc 1[.]/rustc 2./' /tmp/h/rust/libkernel.rmeta
         rust-kheaders build --headers /tmp/h $R",
        3,
        "RELEASE: needs 'rustc 2.",
        "found /usr/bin/rustc (rustc 1.",
    )?;
    stops(
        &format!(
            "{COPY} ln -s ../linux-lib-rust-7.3.4-5-generic/rust /tmp/h/rust
                 rust-kheaders build --headers /tmp/h $R"
        ),
        3,
        "RELEASE: /tmp/h/rust is a link to a directory that is not installed",
        "to fix: apt install linux-lib-rust-7.3.4-5-generic",
    )
}

#[test]
fn a_compiler_under_a_versioned_name() -> Result<()> {
    let (code, said) = decide("mv /usr/bin/rustc /usr/bin/rustc-1.85; rust-kheaders check $R")?;
    assert_eq!(code, 0, "{said}");
    assert!(said.ends_with(" with /usr/bin/rustc-1.85\n"), "{said}");
    Ok(())
}

#[test]
fn tools_that_are_missing() -> Result<()> {
    for (take_away, starts, mended) in [
        (
            "/usr/bin/rustc",
            "RELEASE: needs 'rustc 1.",
            "apt install rustc",
        ),
        (
            "/usr/src/rustc-*",
            "RELEASE: needs the sources of Rust's library 1.",
            "apt install rust-src",
        ),
        (
            "/usr/bin/bindgen",
            "RELEASE: needs 'bindgen ",
            "apt install bindgen",
        ),
        (
            "/usr/lib/*/libclang-*.so*",
            "RELEASE: /usr/bin/bindgen cannot load libclang",
            "apt install libclang-dev",
        ),
        (
            "/usr/bin/*-linux-gnu-gcc-*",
            "RELEASE: needs the C compiler ",
            "apt install gcc-",
        ),
        ("/usr/bin/make", "RELEASE: needs make", "apt install make"),
    ] {
        stops(
            &format!("rm -rf {take_away} $C; rust-kheaders build $R"),
            3,
            starts,
            &format!("to fix: {mended}"),
        )?;
    }
    Ok(())
}

#[test]
fn a_cache_that_cannot_be_written() -> Result<()> {
    for cache in ["/var/cache/rust-kheaders", "/var/cache/new"] {
        stops(
            &format!("rm -r $C; setpriv --reuid=nobody --clear-groups rust-kheaders build --cache {cache} $R"),
            1,
            &format!("RELEASE: cannot write to {cache}"),
            "to fix: run it as root, mount that writable, or give --cache DIR",
        )?;
    }
    Ok(())
}

/// The compiler of trixie-backports is not the one that the kernels there were built with. The line
/// that says so is followed to the letter.
#[test]
fn the_wrong_compiler() -> Result<()> {
    let (root, release) = ready()?;
    root.sh(
        "apt-get update && apt-get install -y --no-install-recommends -t trixie-backports rustc",
    )?
    .ok()?;
    let said = run(&root, &release, "rust-kheaders check $R")?;
    assert_eq!(said.code, 3, "{said}");
    assert!(
        said.text.contains(": needs 'rustc 1.85.1 (")
            && said.text.contains(", found /usr/bin/rustc (rustc 1.96."),
        "{said}"
    );
    let command = said.text.split_once("to fix: ").expect("a way out").1;
    let mended = command.replace("apt install", "apt-get install -y --allow-downgrades");
    run(
        &root,
        &release,
        &format!("{mended}\nrust-kheaders check $R"),
    )?
    .ok()
    .map(drop)
}

#[test]
fn sources_that_do_not_fit() -> Result<()> {
    // Which series it is of comes from the release.
    let source = "/usr/src/linux-source-${R%.*}.tar.xz";
    stops(
        &format!("rm -r $C {source}; rust-kheaders build $R"),
        3,
        "RELEASE: needs the kernel's sources, linux-source-",
        "to fix: apt install linux-source-",
    )?;
    stops(
        "rm -r $C; sed -i \"/^Package: linux-source-${R%.*}$/,/^$/ s/^Version: /Version: 1:/\" /var/lib/dpkg/status
         rust-kheaders build $R",
        3,
        "RELEASE: needs linux-source-",
        ", found 1:",
    )?;
    let (code, said) = decide(
        "other=$(ls /usr/src/linux-source-*.tar.xz | grep -v ${R%.*})
         rust-kheaders build --cache /tmp/c --source $other $R; code=$?; ls /tmp/c/$R; exit $code",
    )?;
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("is not what the headers were built from: the top Makefiles differ"),
        "{said}"
    );
    assert!(!said.contains(".new"), "{said}");
    let (code, said) = decide(&format!(
        "rm -r $C; truncate -s 20M {source}; rust-kheaders build $R"
    ))?;
    assert_eq!(code, 1, "{said}");
    let line = said.lines().last().unwrap_or_default();
    assert!(
        line.contains(": unpacking failed; see /var/cache/")
            && line.contains("; to fix: apt install --reinstall linux-source-"),
        "{said}"
    );
    Ok(())
}

/// What was built from a directory, by a compiler with a versioned name, after a run that was
/// killed, by two runs at once: one entry, and a module compiles with it.
#[test]
fn killed_runs_and_two_at_once() -> Result<()> {
    let (code, said) = decide(
        r#"
set -e
mv /usr/bin/rustc /usr/bin/rustc-1.85
mkdir /tmp/source
tar -xf /usr/src/linux-source-${R%.*}.tar.xz -C /tmp/source --strip-components=1
build() { rust-kheaders build --cache /tmp/c --source /tmp/source $R 2>&1; }
for seconds in 0.2 1 8; do
	setsid sh -c "exec rust-kheaders build --cache /tmp/c --source /tmp/source $R" >/dev/null 2>&1 &
	sleep $seconds
	kill -KILL -$!
	! rust-kheaders path --cache /tmp/c $R
	test -z "$(rust-kheaders status --cache /tmp/c)"
done
build > /tmp/one & one=$!
build > /tmp/two & two=$!
wait $one
wait $two
cat /tmp/one /tmp/two
test $(grep -c 'making the Rust metadata' /tmp/one /tmp/two | grep -c ':1$') = 1
test "$(tail -n 1 /tmp/one)" = "$(tail -n 1 /tmp/two)"
test $(rust-kheaders status --cache /tmp/c | wc -l) = 1
ls -A /tmp/c/$R
cp -r /usr/src/oximod-*/src /tmp/module
make -C $(rust-kheaders path --cache /tmp/c $R) M=/tmp/module modules
test -f /tmp/module/oximod.ko
cmp $C/symbols $(echo /tmp/c/$R/*)/symbols
"#,
    )?;
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains(".new") && !said.contains(".log\n"), "{said}");
    Ok(())
}

#[test]
fn an_interrupted_run_says_so_and_leaves_nothing() -> Result<()> {
    let (code, said) = decide(
        "for step in unpacking linking compiling; do
             rust-kheaders build --cache /tmp/c $R 2>/tmp/said & pid=$!
             until grep -q $step /tmp/said; do sleep 0.01; done
             test $step = linking || sleep 2
             kill $pid; wait $pid; code=$?
             flock -n /tmp/c/lock true || echo still running
             find /tmp/c -mindepth 2
             tail -n 1 /tmp/said
             test $code = 143 || exit $code
         done",
    )?;
    assert_eq!(code, 0, "{said}");
    let line = "rust-kheaders: RELEASE: interrupted; to make it: rust-kheaders build RELEASE\n";
    assert_eq!(said, line.repeat(3));
    Ok(())
}

#[test]
fn a_full_disk() -> Result<()> {
    let (code, said) = decide(
        "mkdir /tmp/c; mount -t tmpfs -o size=60m,mode=755 tmpfs /tmp/c
         rust-kheaders build --cache /tmp/c $R; code=$?; find /tmp/c -name '*.new'; exit $code",
    )?;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no space left in /tmp/c ("), "{said}");
    assert!(!said.contains(".new"), "{said}");
    Ok(())
}

/// Headers of a kernel that does not export one of the symbols; in a directory that looks like
/// sources.
#[test]
fn symbols_that_the_kernel_does_not_export() -> Result<()> {
    let (code, said) = decide(
        "mkdir -p /tmp/w/x; touch /tmp/w/x/Makefile; cd /tmp/w # no concern of tar's patterns
         cp -r $H /tmp/h; ln -sfn $(readlink -f $H/scripts) /tmp/h/scripts; ln -sfn $(readlink -f $H/tools) /tmp/h/tools
         symbol=$(grep -m 1 '6kernel' $C/symbols)
         sed -i \"/\\t$symbol\\t/d\" /tmp/h/Module.symvers
         rust-kheaders build --headers /tmp/h --cache /tmp/c $R; code=$?
         grep -qx \"$symbol\" /tmp/c/$R/*.log && find /tmp/c -name build; exit $code",
    )?;
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains(": checking the symbols failed; see /tmp/c/"),
        "{said}"
    );
    assert!(!said.contains("/build"), "{said}");
    Ok(())
}

#[test]
fn status_and_clean() -> Result<()> {
    let (code, said) = decide(
        r#"
set -e
other=$(tail -n 1 /usr/local/share/releases)
test "$(rust-kheaders status | cut -f 2 | sort -u)" = usable
test -z "$(rust-kheaders clean)"
echo >> $H/Module.symvers
mv /usr/src/linux-headers-$other /usr/src/away
rust-kheaders status | cut -f 1-4
rust-kheaders clean
test -z "$(rust-kheaders status)"
test -z "$(find /var/cache/rust-kheaders -mindepth 1 -type d)"
"#,
    )?;
    assert_eq!(code, 0, "{said}");
    for line in [
        "RELEASE\tchanged\t",
        "\tgone\t",
        "(its headers are gone)",
        "(its headers are changed)",
    ] {
        assert!(said.contains(line), "{line:?}: {said}");
    }
    Ok(())
}

/// As if the power went: everything is gone at once, at any time. Never is there half an entry, and the
/// next run takes what it finds.
#[test]
fn killed_at_any_time() -> Result<()> {
    let seed: u64 = env::var("OXIMOD_SEED").map_or(Ok(1), |seed| seed.parse())?;
    // Most runs end in the first steps, which are short; the compiler takes the rest of 40 s.
    let times: Vec<_> = (0..KILLS)
        .map(|kill| {
            let random = cache::key([seed.to_le_bytes(), u64::from(kill).to_le_bytes()]);
            let random = u64::from_str_radix(&random, 16).expect("a number") as f64;
            let random = random / u64::MAX as f64;
            let longest = if kill % 5 == 0 { 45.0 } else { 5.0 };
            format!("{:.3}", random * longest)
        })
        .collect();
    let (code, said) = decide(&format!(
        "(cd $C && find . | sort) > /tmp/expected
         killed=0
         for time in {}; do
             timeout --signal KILL $time unshare --pid --fork --kill-child --mount-proc \\
                 rust-kheaders build --cache /tmp/c $R >/tmp/out 2>&1
             test $? != 137 || killed=$((killed + 1))
             if made=$(rust-kheaders path --cache /tmp/c $R 2>/dev/null); then
                 (cd $made/.. && find . | sort) | diff /tmp/expected - && cmp $C/symbols $made/../symbols
                 rm -r /tmp/c/$R
             fi
         done
         rust-kheaders build --cache /tmp/c $R 2>/dev/null
         (cd /tmp/c/$R/* && find . | sort) | diff /tmp/expected -
         ls -A /tmp/c/$R | wc -l
         echo $killed killed",
        times.join(" ")
    ))?;
    assert_eq!(code, 0, "{said}");
    // The last run's directory, how many entries there are, and how many runs did not come to an end.
    let lines: Vec<_> = said.lines().collect();
    let [_, "1", killed] = lines[..] else {
        panic!("{said}");
    };
    let killed: u32 = killed.trim_end_matches(" killed").parse()?;
    assert!(killed >= 50, "{said}");
    Ok(())
}

/// A few runs end before they are killed.
const KILLS: u32 = 60;

/// Sources, headers and a module from the future, as make sees it.
#[test]
fn a_clock_that_was_wrong() -> Result<()> {
    let (code, said) = decide(
        "set -e
         mkdir /tmp/source
         tar -xf /usr/src/linux-source-${R%.*}.tar.xz -C /tmp/source --strip-components=1
         cp -r /usr/src/oximod-*/src /tmp/module
         find /tmp/source /tmp/module $H/include $H/Module.symvers $H/.config -exec touch -h -d tomorrow {} +
         rust-kheaders build --cache /tmp/c --source /tmp/source $R
         make $(rust-kheaders path --cache /tmp/c --make $R) M=/tmp/module modules
         modinfo -F version /tmp/module/oximod.ko",
    )?;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Clock skew detected"), "{said}");
    assert!(
        said.ends_with(&format!("\n{}\n", debian::version()?)),
        "{said}"
    );
    Ok(())
}

/// Who runs it as root runs nobody else's files.
#[test]
fn what_others_can_write_is_refused() -> Result<()> {
    for (script, starts, contains) in [
        (
            "mkdir -m 777 /tmp/c; rust-kheaders check --cache /tmp/c $R",
            "RELEASE: others can write to /tmp/c;",
            "to fix: chown -R root: /tmp/c && chmod -R go-w /tmp/c",
        ),
        (
            "mkdir -p /tmp/c/x; chown nobody /tmp/c/x; rust-kheaders clean --cache /tmp/c",
            "others can write to /tmp/c/x;",
            "",
        ),
        (
            "mkdir /tmp/c; chown nobody /tmp/c; rust-kheaders build --cache /tmp/c/new $R",
            "RELEASE: others can write to /tmp/c, where /tmp/c/new is",
            "",
        ),
        (
            "mkdir /tmp/c; ln -s /etc /tmp/c/x; rust-kheaders clean --cache /tmp/c",
            "/tmp/c/x is a link, where none belongs;",
            "to fix: rm /tmp/c/x",
        ),
        (
            "mkdir -p /tmp/s/rust; touch /tmp/s/rust/Makefile; chmod g+w /tmp/s/rust/Makefile
             rust-kheaders build --cache /tmp/c --source /tmp/s $R",
            "RELEASE: others can write to /tmp/s/rust/Makefile;",
            "to fix: chown -R root: /tmp/s/rust && chmod -R go-w /tmp/s/rust",
        ),
        (
            "rm -r $C; chmod o+w /usr/src/linux-source-${R%.*}.tar.xz; rust-kheaders build $R",
            "RELEASE: others can write to /usr/src/linux-source-",
            "",
        ),
    ] {
        stops(script, 1, starts, contains)?;
    }
    // Who has called sudo is root already.
    let (code, said) = decide(
        "mkdir -p /tmp/s/rust; touch /tmp/s/Makefile /tmp/s/rust/Makefile; chown -R 1000 /tmp/s
         SUDO_UID=1000 rust-kheaders check --cache /tmp/c --source /tmp/s $R",
    )?;
    assert_eq!(code, 0, "{said}");
    Ok(())
}
