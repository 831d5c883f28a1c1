//! Somebody stops the run, at each of its events in turn: once, so that it ends what it has begun, or
//! twice, so that it stops at once. The same command, given again, goes on.

use landfall_apply::Stop;
use landfall_sandbox::schedule::Schedule;

use super::rehearsal::Rehearsal;
use super::run::{End, Interrupt, run_until};
use super::trial::Schedule as Try;

/// Both ways to stop, at each event.
pub fn schedules<'a>(rehearsal: &'a Rehearsal<'_>) -> Vec<Try<'a>> {
    let ways = [Stop::Drain, Stop::Abandon].into_iter();
    let interrupts =
        ways.flat_map(|stop| (1..=rehearsal.events).map(move |event| Interrupt { event, stop }));
    interrupts.map(|interrupt| Box::new(move || stop(rehearsal, interrupt)) as Try<'a>).collect()
}

fn stop(rehearsal: &Rehearsal<'_>, interrupt: Interrupt) -> Result<(), String> {
    let (case, begin) = (rehearsal.case, rehearsal.begin.clone());
    let first = run_until(begin, &case.stack, case.goal, Schedule::default(), Some(interrupt));
    let judged = match &first.end {
        End::Ended(ended) if !ended.1.failed.is_empty() => Err(format!("{:?}", ended.1.failed)),
        End::Ended(ended) if interrupt.stop == Stop::Drain && !ended.1.in_flight.is_empty() => {
            Err(format!("left in flight: {:?}", ended.1.in_flight))
        }
        End::Ended(_) => Ok(()),
        other => Err(format!("{other:?}")),
    };
    let judged = judged.and_then(|()| rehearsal.again(first.world));
    judged.map_err(|why| {
        rehearsal.about(&format!("{:?} at event {}", interrupt.stop, interrupt.event), &why)
    })
}
