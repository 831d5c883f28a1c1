//! Any text as a spec.
#![no_main]

use std::sync::LazyLock;

use landfall_fuzz::spec_parser;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<landfall_fuzz::Catalogue> = LazyLock::new(landfall_fuzz::catalogue);

fuzz_target!(|bytes: &[u8]| spec_parser::check(bytes, &CATALOGUE));
