//! Chance from a seed: whatever is drawn in the same order is the same again.

use serde::{Deserialize, Serialize};

use super::time::Span;

/// A stream of chance. SplitMix64 (Steele, Lea and Flood: Fast Splittable Pseudorandom Number
/// Generators, OOPSLA 2014): its state is one number, which the state file can keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub const fn of(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit; 0 for the limit 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.draw().checked_rem(limit).unwrap_or_default()
    }

    /// Whether something of this many per mille happens.
    pub fn happens(&mut self, per_mille: u32) -> bool {
        self.below(1000) < u64::from(per_mille)
    }

    /// A span between two, both included.
    pub fn between(&mut self, least: Span, most: Span) -> Span {
        Span(least.0 + self.below(most.0.saturating_sub(least.0) + 1))
    }

    /// So many lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        self.letters(b"0123456789abcdef", digits)
    }

    /// So many of these letters.
    pub fn letters(&mut self, of: &[u8], count: usize) -> String {
        let limit = u64::try_from(of.len()).unwrap_or(1);
        let mut pick = || usize::try_from(self.below(limit)).unwrap_or_default();
        (0..count).map(|_| char::from(of[pick()])).collect()
    }

    /// A random UUID, as in request ids.
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        let (a, b, c, d, e) = (&hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]);
        format!("{a}-{b}-4{c}-a{d}-{e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_all_that_is_drawn() {
        let draw = |seed| {
            let mut chance = Chance::of(seed);
            (chance.uuid(), chance.hex(17), chance.between(Span(5), Span(9)))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let (uuid, hex, span) = draw(1);
        assert_eq!((uuid.len(), hex.len()), (36, 17));
        assert!((Span(5)..=Span(9)).contains(&span));
    }
}
