//! One call goes wrong, each in turn: the process dies there, or the answer is lost. The run that is
//! done again, or goes on, ends in the world of one that was never disturbed.

use landfall_sandbox::schedule::{At, Fault, Kill, Schedule};

use super::rehearsal::Rehearsal;
use super::run::End;
use super::trial::Schedule as Try;

/// What befalls a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// The process is killed before the call has its effect.
    KilledBefore,
    /// The process is killed after the call had its effect.
    KilledAfter,
    /// The connection is reset before the effect.
    ResetBefore,
    /// The connection is reset after the effect.
    ResetAfter,
    /// No answer ever comes; the effect is there.
    Timeout,
    /// An internal error is answered, without an effect.
    ErrorBefore,
    /// An internal error is answered; the effect is there.
    ErrorAfter,
}

/// A process that dies.
pub const DEATHS: &[Blow] = &[Blow::KilledBefore, Blow::KilledAfter];

/// An answer that is lost.
pub const LOSSES: &[Blow] =
    &[Blow::ResetBefore, Blow::ResetAfter, Blow::Timeout, Blow::ErrorBefore, Blow::ErrorAfter];

impl Blow {
    fn at(self, call: u64) -> Schedule {
        let fault = |fault| Schedule { at: vec![At { call, fault }], ..Schedule::default() };
        let kill = |after_effect| {
            let kill = Some(Kill { call, after_effect });
            Schedule { kill, ..Schedule::default() }
        };
        match self {
            Blow::KilledBefore => kill(false),
            Blow::KilledAfter => kill(true),
            Blow::ResetBefore => fault(Fault::ResetBefore),
            Blow::ResetAfter => fault(Fault::ResetAfter),
            Blow::Timeout => fault(Fault::Timeout),
            Blow::ErrorBefore => fault(Fault::ServerError),
            Blow::ErrorAfter => fault(Fault::ServerErrorAfter),
        }
    }
}

/// Each of these blows at each call.
pub fn schedules<'a>(rehearsal: &'a Rehearsal<'_>, blows: &'a [Blow]) -> Vec<Try<'a>> {
    let calls = u64::try_from(rehearsal.calls.len()).unwrap_or(u64::MAX);
    let blows = blows.iter().flat_map(|blow| (1..=calls).map(|call| (*blow, call)));
    blows.map(|(blow, call)| Box::new(move || strike(rehearsal, blow, call)) as Try<'a>).collect()
}

fn strike(rehearsal: &Rehearsal<'_>, blow: Blow, call: u64) -> Result<(), String> {
    let first = rehearsal.disturbed(blow.at(call));
    let place = usize::try_from(call - 1).unwrap_or(usize::MAX);
    let struck = first.calls.get(place).map(|call| call.operation.clone()).unwrap_or_default();
    let ended = match &first.end {
        End::Died => rehearsal.again(first.world),
        _ => first.complete().and_then(|()| rehearsal.compare(first.world)),
    };
    ended.map_err(|why| rehearsal.about(&format!("{blow:?} at call {call}, {struck}"), &why))
}
