//! What comes of it when one call goes wrong: for each call of a run in turn, the process dies or the
//! answer is lost. The run that is done again, or goes on, ends in the world of one that was never
//! disturbed.

use landfall_plan::Goal;
use landfall_sandbox::inventory;
use landfall_sandbox::schedule::{At, Fault, Kill, Schedule};
use landfall_sandbox::world::World;
use serde_json::Value;

use super::case::Case;
use super::portrait::{difference, portrait};
use super::run::{End, is_converged, run};

/// What befalls the call.
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

/// A case in one seed's world, and what it comes to undisturbed.
pub struct Rehearsed<'a> {
    case: &'a Case,
    seed: u64,
    begin: World,
    end: Value,
    /// How many calls it takes.
    pub calls: u64,
}

/// Runs a case undisturbed.
pub fn rehearse(case: &Case, seed: u64) -> Result<Rehearsed<'_>, String> {
    let begin = case.begin(seed);
    let done = run(begin.clone(), &case.stack, case.goal, Schedule::default());
    if done.end != End::Done {
        return Err(format!("{}, seed {seed}, undisturbed: {:?}", case.name, done.end));
    }
    is_converged(done.world.clone(), &case.stack, case.goal)?;
    let calls = u64::try_from(done.calls.len()).unwrap_or(u64::MAX);
    Ok(Rehearsed { case, seed, begin, end: portrait(&done.world), calls })
}

impl Rehearsed<'_> {
    /// Lets one call go wrong, and says what is wrong with the world that comes of it.
    pub fn strike(&self, blow: Blow, call: u64) -> Result<(), String> {
        let Rehearsed { case, seed, .. } = self;
        let first = run(self.begin.clone(), &case.stack, case.goal, blow.at(call));
        let struck = first.calls.get(usize::try_from(call - 1).unwrap_or(usize::MAX));
        let struck = struck.map(|call| format!("{}:{}", call.service, call.operation));
        let at = |why: String| {
            let struck = struck.clone().unwrap_or_default();
            format!("{}, seed {seed}, {blow:?} at call {call} ({struck}): {why}", case.name)
        };
        let died = DEATHS.contains(&blow);
        let world = match first.end {
            End::Done => first.world,
            End::Died | End::Failed(_) if died => {
                let again = run(first.world, &case.stack, case.goal, Schedule::default());
                if again.end != End::Done {
                    return Err(at(format!("the second run: {:?}", again.end)));
                }
                again.world
            }
            end => return Err(at(format!("{end:?}"))),
        };
        self.judge(world).map_err(at)
    }

    fn judge(&self, mut world: World) -> Result<(), String> {
        is_converged(world.clone(), &self.case.stack, self.case.goal)?;
        if let Some(difference) = difference(&self.end, &portrait(&world)) {
            return Err(difference);
        }
        if self.case.goal == Goal::Destroy {
            world.rest();
            if !world.is_pristine() {
                return Err(format!("something is left:\n{}", inventory::text(&world)));
            }
        }
        Ok(())
    }
}
