//! Any bytes as requests to the sandbox.
#![no_main]

use landfall_fuzz::sandbox_decoder;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| sandbox_decoder::check(bytes));
