//! Reads that lag: every third one shows the account as it was up to five seconds ago, a new account
//! gets its service-linked roles late, and roles take their time to be known everywhere.

use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::Span;

use super::rehearsal::Rehearsal;
use super::trial::Schedule as Try;

/// The same lag at other calls, by seed.
pub fn schedules<'a>(rehearsal: &'a Rehearsal<'_>, seeds: u64) -> Vec<Try<'a>> {
    (1..=seeds).map(|seed| Box::new(move || lag(rehearsal, seed)) as Try<'a>).collect()
}

fn lag(rehearsal: &Rehearsal<'_>, seed: u64) -> Result<(), String> {
    let late = Schedule { seed, stale_reads: 333, stale_by: Span(5000), ..Schedule::default() };
    let run = rehearsal.disturbed(late);
    // Which revisions carry which tags depends on what was seen when.
    let judged = run.complete().and_then(|()| rehearsal.converges(run.world));
    judged.map_err(|why| rehearsal.about(&format!("lag {seed}"), &why))
}
