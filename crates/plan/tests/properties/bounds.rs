//! How far the properties are tried.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// So many cases, the same ones in every run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` say
/// otherwise.
pub fn cases(cases: u32) -> ProptestConfig {
    let told = |name| std::env::var_os(name).is_some();
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    config.max_shrink_iters = 20_000;
    if !told("PROPTEST_CASES") {
        config.cases = cases;
    }
    if !told("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(1);
    }
    config
}
