//! The ids that outlive names: `AROA…` (IAM guide, "Unique identifiers").

use crate::world::Site;

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new one with a prefix: `AROA`, `AIDA`, `AGPA`, `ANPA`, `AIPA`, `AKIA`.
pub(super) fn new(site: &mut Site<'_>, prefix: &str) -> String {
    format!("{prefix}{}", site.world.chance.letters(LETTERS, 17))
}
