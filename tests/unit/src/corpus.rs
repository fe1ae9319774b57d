// SPDX-License-Identifier: GPL-2.0

//! The inputs that fuzzing starts with.

use std::{fs, path::Path};

use super::check;

#[test]
fn every_input_of_the_fuzz_corpus_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/text");
    let mut count = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check::input(&fs::read(path).unwrap());
        count += 1;
    }
    assert!(count >= 30);
}
