//! The fuzz targets over their corpus and over mutations of it: thousands of cases in a few seconds,
//! the same in every run. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` go further.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use landfall_fuzz::{catalogue, corpus, mutation};
use landfall_fuzz::{reference_resolver, sandbox_decoder, spec_parser};
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

thread_local! {
    /// Whether panics go without a word, as they do while an input is made smaller.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What a check says of an input, if anything does not hold.
fn verdict(check: &impl Fn(&[u8]), bytes: &[u8]) -> Result<(), String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |told| {
            if !QUIET.get() {
                loud(told);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(|| check(bytes)));
    QUIET.set(false);
    result.map_err(|told| {
        let text = told.downcast_ref::<String>().cloned();
        text.or_else(|| told.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic".to_owned())
    })
}

fn run(target: &str, cases: u32, check: impl Fn(&[u8])) {
    let inputs = corpus::inputs(target).unwrap();
    assert!(!inputs.is_empty(), "no corpus");
    for (name, bytes) in &inputs {
        let verdict = verdict(&check, bytes);
        assert_eq!(verdict, Ok(()), "fuzz/corpus/{target}/{name}");
    }
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let told = |name| std::env::var_os(name).is_some();
    if !told("PROPTEST_CASES") {
        config.cases = cases;
    }
    if !told("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(1);
    }
    let mutations = mutation::mutations(inputs, corpus::words(target).unwrap());
    let result = TestRunner::new(config).run(&mutations.prop_map(Shown), |Shown(bytes)| {
        verdict(&check, &bytes).map_err(TestCaseError::fail)
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Bytes, shown as the text that they nearly are.
struct Shown(Vec<u8>);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.escape_ascii().to_string();
        write!(f, "\n{}\n", text.replace("\\n", "\n").replace("\\\"", "\""))
    }
}

#[test]
fn spec_parser() {
    let catalogue = catalogue();
    run("spec_parser", 4000, |bytes| spec_parser::check(bytes, &catalogue));
}

#[test]
fn reference_resolver() {
    let catalogue = catalogue();
    run("reference_resolver", 250, |bytes| reference_resolver::check(bytes, &catalogue));
}

#[test]
fn sandbox_decoder() {
    run("sandbox_decoder", 1000, sandbox_decoder::check);
}
