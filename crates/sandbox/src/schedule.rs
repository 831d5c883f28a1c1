//! What goes wrong, and when: by chance from the seed, or scripted.

use serde::{Deserialize, Serialize};

use crate::services::ecs::script::Script;
use crate::services::elb;
use crate::world::{Chance, Span, Time};

/// What goes wrong. Empty, nothing does. Rates are per mille of the calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// The seed of the faults.
    pub seed: u64,
    /// Calls answered with an internal error, without effect.
    pub server_errors: u32,
    /// Calls whose connection is reset before they have an effect.
    pub resets_before: u32,
    /// Calls whose connection is reset after they had their effect.
    pub resets_after: u32,
    /// Calls that have their effect and are never answered.
    pub timeouts: u32,
    /// Reads that are answered as of some time ago.
    pub stale_reads: u32,
    /// How old a stale read is at most, in milliseconds.
    pub stale_by: Span,
    /// At most so many items on a page, where AWS has pages.
    pub page_size: Option<usize>,
    /// A token bucket for each service, for reads and for writes.
    pub throttle: Option<Throttle>,
    /// Refusals of certain operations.
    pub refusals: Vec<Refusal>,
    /// What becomes of single calls.
    pub at: Vec<At>,
    /// How tasks fail, in every region.
    pub tasks: Vec<Script>,
    /// Load balancers that are never provisioned, in every region.
    pub load_balancers: Vec<elb::script::Script>,
    /// When the client dies.
    pub kill: Option<Kill>,
}

/// A token bucket (EC2 API reference, "Request throttling"): each call takes a token.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// How many calls the full bucket holds.
    pub burst: u32,
    /// How many calls come in again per second.
    pub per_second: u32,
}

/// A refusal that is scripted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The operation: `ecs:CreateService`.
    pub operation: String,
    /// The HTTP status.
    #[serde(default = "bad_request")]
    pub status: u16,
    /// The code.
    pub code: String,
    /// The message.
    #[serde(default)]
    pub message: String,
    /// How often; always, where it is not given.
    #[serde(default)]
    pub times: Option<u32>,
}

const fn bad_request() -> u16 {
    400
}

/// When the client dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kill {
    /// At which of its calls, from 1.
    pub call: u64,
    /// Whether that call still has its effect.
    pub after_effect: bool,
}

/// What becomes of a single call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// Which, from 1.
    pub call: u64,
    /// What becomes of it.
    pub fault: Fault,
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It is answered with an internal error.
    ServerError,
    /// It has its effect and is answered with an internal error.
    ServerErrorAfter,
    /// Its connection is reset before its effect.
    ResetBefore,
    /// Its connection is reset after its effect.
    ResetAfter,
    /// It has its effect and is never answered.
    Timeout,
    /// It is answered as of a time in the past.
    Stale(Span),
}

impl Schedule {
    /// What becomes of a call, by its number. Draws the same number of times for every call, so
    /// that one rate does not shift what another one does.
    pub fn draw(&self, chance: &mut Chance, number: u64, read: bool) -> Option<Fault> {
        let mut happens = |per_mille| chance.happens(per_mille);
        let (error, before, after) =
            (happens(self.server_errors), happens(self.resets_before), happens(self.resets_after));
        let (timeout, stale) = (happens(self.timeouts), happens(self.stale_reads));
        let age = chance.between(Span::default(), self.stale_by);
        let scripted = self.at.iter().find(|at| at.call == number).map(|at| at.fault);
        let by_chance = [
            (error, Fault::ServerError),
            (before, Fault::ResetBefore),
            (after, Fault::ResetAfter),
            (timeout, Fault::Timeout),
            (stale && read, Fault::Stale(age)),
        ]
        .into_iter()
        .find_map(|(happens, fault)| happens.then_some(fault));
        scripted.or(by_chance)
    }
}

/// A bucket with what is left in it.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    at: Time,
}

impl Bucket {
    /// A full bucket.
    pub fn full(throttle: Throttle, now: Time) -> Bucket {
        Bucket { tokens: f64::from(throttle.burst), at: now }
    }

    /// Takes a token, if there is one.
    pub fn take(&mut self, throttle: Throttle, now: Time) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "spans are short")]
        let seconds = self.at.until(now).0 as f64 / 1000.0;
        let refilled = self.tokens + seconds * f64::from(throttle.per_second);
        self.tokens = refilled.min(f64::from(throttle.burst));
        self.at = now;
        let has = self.tokens >= 1.0;
        if has {
            self.tokens -= 1.0;
        }
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::BEGINNING;

    #[test]
    fn a_seed_fixes_what_goes_wrong() {
        let schedule = Schedule { server_errors: 200, resets_after: 200, ..Schedule::default() };
        let draw = |seed| {
            let mut chance = Chance::of(seed);
            (0..50).map(|_| schedule.draw(&mut chance, 1, true)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).contains(&Some(Fault::ServerError)));
        assert!(draw(1).contains(&Some(Fault::ResetAfter)));
    }

    #[test]
    fn writes_are_never_stale() {
        let schedule = Schedule { stale_reads: 1000, ..Schedule::default() };
        let mut chance = Chance::of(1);
        assert_eq!(schedule.draw(&mut chance, 1, false), None);
        assert!(matches!(schedule.draw(&mut chance, 1, true), Some(Fault::Stale(_))));
    }

    #[test]
    fn a_bucket_refills_with_time() {
        let throttle = Throttle { burst: 2, per_second: 1 };
        let mut bucket = Bucket::full(throttle, BEGINNING);
        assert!(bucket.take(throttle, BEGINNING) && bucket.take(throttle, BEGINNING));
        assert!(!bucket.take(throttle, BEGINNING + Span(900)));
        assert!(bucket.take(throttle, BEGINNING + Span(1100)));
    }
}
