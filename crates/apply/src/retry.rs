//! Waiting for AWS to catch up. The only place besides the SDK in which a call is made again: the SDK
//! repeats what was throttled and reads that failed; a write that was not answered is repeated
//! here, by [`Again`], once somebody has looked what came of it.

use std::future::Future;
use std::time::Duration;

use landfall_model::{CloudError, KindRules, On, Refusal, Transient};
use landfall_plan::Cause;
use tokio::time::{Instant, sleep};

use crate::blockers::Blockers;

/// Pauses between tries: dense at first, since most delays are of seconds; rarer after a long wait,
/// of which they stay a small part.
pub(crate) struct Pauses {
    next: Duration,
    longest: Duration,
    waited: Duration,
}

impl Pauses {
    /// From a quarter of a second, doubling up to `longest`; then a tenth of what was waited, up to
    /// twice that.
    pub fn up_to(longest: Duration) -> Pauses {
        Pauses { next: Duration::from_millis(250), longest, waited: Duration::ZERO }
    }

    pub async fn pause(&mut self) {
        sleep(self.next).await;
        self.waited += self.next;
        let longest = (self.waited / 10).clamp(self.longest, self.longest * 2);
        self.next = (self.next * 2).min(longest);
    }
}

/// How often a call that was not answered is made again, after a look at what came of it.
const AGAIN: usize = 7;

/// Counts the repeats of a call that was not answered.
pub(crate) struct Again {
    left: usize,
    pauses: Pauses,
}

impl Default for Again {
    fn default() -> Again {
        Again { left: AGAIN, pauses: Pauses::up_to(Duration::from_secs(5)) }
    }
}

impl Again {
    /// Waits for the next try, if there is to be one.
    pub async fn once_more(&mut self) -> bool {
        let more = self.left > 0;
        if more {
            self.left -= 1;
            self.pauses.pause().await;
        }
        more
    }
}

/// Whether a call may have had its effect though it failed.
pub(crate) fn leaves_open(cause: &Cause) -> bool {
    matches!(cause, Cause::Refused(error) if error.leaves_open())
}

/// The pause that waiting for `budget` in all deserves at most.
fn longest_pause(budget: Duration) -> Duration {
    (budget / 60).clamp(Duration::from_secs(2), Duration::from_secs(10))
}

/// Makes a call, again where AWS refuses it for a reason that the kind says will pass.
pub(crate) async fn until_accepted<T, F>(
    rules: &KindRules,
    on: On,
    report: &(dyn Fn(&str) + Sync),
    call: impl FnMut() -> F,
) -> Result<T, Cause>
where
    F: Future<Output = Result<T, CloudError>>,
{
    repeated(rules, on, report, None, call).await
}

/// Makes a call that deletes something, again where AWS refuses it for a reason that will pass.
/// Whoever is in the way is named, and not waited for once it is plain that they stay.
pub(crate) async fn until_deleted<T, F>(
    rules: &KindRules,
    report: &(dyn Fn(&str) + Sync),
    blockers: Blockers<'_>,
    call: impl FnMut() -> F,
) -> Result<T, Cause>
where
    F: Future<Output = Result<T, CloudError>>,
{
    repeated(rules, On::Delete, report, Some(blockers), call).await
}

async fn repeated<T, F>(
    rules: &KindRules,
    on: On,
    report: &(dyn Fn(&str) + Sync),
    mut blockers: Option<Blockers<'_>>,
    mut call: impl FnMut() -> F,
) -> Result<T, Cause>
where
    F: Future<Output = Result<T, CloudError>>,
{
    let start = Instant::now();
    let mut pauses: Option<(&Transient, Pauses)> = None;
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let blockers = blockers.as_mut().filter(|_| error.is_in_use());
        let Some(transient) = passing(rules, on, &error) else {
            let held = match blockers {
                Some(blockers) => {
                    blockers.ask().await;
                    blockers.cause(&error)
                }
                None => None,
            };
            return Err(held.unwrap_or_else(|| Cause::Refused(Box::new(error))));
        };
        let mut because = transient.because.to_owned();
        if let Some(blockers) = blockers {
            blockers.look().await;
            if (blockers.are_staying() || start.elapsed() >= transient.budget)
                && let Some(held) = blockers.cause(&error)
            {
                return Err(held);
            }
            because = blockers.words().unwrap_or(because);
        }
        if start.elapsed() >= transient.budget {
            let last = Some(Box::new(error));
            return Err(Cause::TimedOut { because, after: start.elapsed(), last });
        }
        report(&because);
        let fresh = || (transient, Pauses::up_to(longest_pause(transient.budget)));
        pauses.get_or_insert_with(fresh).1.pause().await;
    }
}

/// What the kind knows of a refusal that passes. Who may not do something now may not do it later,
/// whatever the message says.
fn passing<'a>(rules: &'a KindRules, on: On, error: &CloudError) -> Option<&'a Transient> {
    if error.refusal == Refusal::Denied {
        return None;
    }
    rules.transients.iter().find(|known| known.on == on && meets(known, error))
}

fn meets(transient: &Transient, error: &CloudError) -> bool {
    error.code.as_deref() == Some(transient.code)
        && error.message.to_lowercase().contains(&transient.message.to_lowercase())
}
