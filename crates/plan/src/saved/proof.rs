//! By which a secret is recognised without being kept: a salted hash that takes a while to try.

use std::fmt::Write;

use indexmap::IndexMap;
use landfall_model::Secrets;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How often a secret is hashed. Guessing a weak one from a file that leaks gets that much dearer.
const ROUNDS: u32 = 50_000;

/// Salted hashes of secrets, by the names of their variables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proofs {
    salt: String,
    sha256: IndexMap<String, String>,
}

impl Proofs {
    /// The hashes of secrets. No two files should have the same salt.
    pub fn of(secrets: &Secrets, salt: String) -> Proofs {
        let proof = |(name, value): (&str, &str)| (name.to_owned(), hash(&salt, name, value));
        let sha256 = secrets.iter().map(proof).collect();
        Proofs { salt, sha256 }
    }

    /// The names of the variables whose values have to be given again.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sha256.keys().map(String::as_str)
    }

    /// Whether a value is the one that the plan was made with.
    pub fn holds(&self, name: &str, value: &str) -> bool {
        self.sha256.get(name).is_some_and(|proof| *proof == hash(&self.salt, name, value))
    }
}

fn hash(salt: &str, name: &str, value: &str) -> String {
    let mut hash = Sha256::digest(format!("{salt}\0{name}\0{value}"));
    for _ in 0..ROUNDS {
        hash = Sha256::new().chain_update(hash).chain_update(value).finalize();
    }
    hash.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_value_holds() {
        let mut secrets = Secrets::default();
        secrets.insert("password", "correct horse");
        let proofs = Proofs::of(&secrets, "salt".to_owned());
        assert!(proofs.holds("password", "correct horse"));
        assert!(!proofs.holds("password", "correct horsf"));
        assert!(!proofs.holds("other", "correct horse"));
        assert_ne!(proofs, Proofs::of(&secrets, "another".to_owned()));
        assert!(!format!("{proofs:?}").contains("horse"));
    }
}
