//! Client tokens: a call that is repeated because its answer was lost carries the same one, and AWS
//! does not do it twice (EC2 API reference, "Ensuring idempotency").

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// Where client tokens come from. The SDK would draw its own, but not from a seed.
#[derive(Clone, Debug)]
pub struct Tokens(Arc<Source>);

#[derive(Debug)]
struct Source {
    seed: u64,
    drawn: AtomicU64,
}

impl Tokens {
    /// Tokens that no other process has.
    pub(crate) fn by_chance() -> Tokens {
        // The standard library keys its hashers at random.
        Tokens::of_seed(RandomState::new().hash_one(std::process::id()))
    }

    /// The same tokens for the same seed.
    pub(crate) fn of_seed(seed: u64) -> Tokens {
        Tokens(Arc::new(Source { seed, drawn: AtomicU64::new(0) }))
    }

    /// A new token.
    pub(crate) fn draw(&self) -> String {
        let number = self.0.drawn.fetch_add(1, Ordering::Relaxed);
        let digest = Sha256::digest(format!("{}/{number}", self.0.seed));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_comes_twice_but_from_the_same_seed() {
        let (one, again) = (Tokens::of_seed(1), Tokens::of_seed(1));
        let first = one.draw();
        assert_eq!(first, again.draw());
        assert_ne!(first, one.draw());
        assert_ne!(Tokens::by_chance().draw(), Tokens::by_chance().draw());
    }
}
