//! Any text in every place where references may stand.
#![no_main]

use std::sync::LazyLock;

use landfall_fuzz::reference_resolver;
use libfuzzer_sys::fuzz_target;

static CATALOGUE: LazyLock<landfall_fuzz::Catalogue> = LazyLock::new(landfall_fuzz::catalogue);

fuzz_target!(|bytes: &[u8]| reference_resolver::check(bytes, &CATALOGUE));
