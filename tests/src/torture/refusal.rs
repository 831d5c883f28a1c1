//! AWS refuses an operation for good. What does not depend on it is done all the same; what does is
//! named; and once the cause is gone, the same command goes on to the end.

use std::collections::{BTreeSet, HashSet};

use landfall_plan::{Outcome, Plan, StepId};
use landfall_sandbox::schedule::{Refusal, Schedule};

use super::rehearsal::Rehearsal;
use super::run::End;
use super::trial::Schedule as Try;

/// Each operation that the case writes with, refused.
pub fn schedules<'a>(rehearsal: &'a Rehearsal<'_>) -> Vec<Try<'a>> {
    let writes = rehearsal.calls.iter().filter(|call| {
        !["Describe", "Get", "List"].iter().any(|verb| call.operation.starts_with(verb))
    });
    let operations: BTreeSet<String> =
        writes.map(|call| format!("{}:{}", call.service, call.operation)).collect();
    let tries = operations.into_iter();
    tries.map(|operation| Box::new(move || refuse(rehearsal, &operation)) as Try<'a>).collect()
}

fn refuse(rehearsal: &Rehearsal<'_>, operation: &str) -> Result<(), String> {
    let refusal = Refusal {
        operation: operation.to_owned(),
        status: 400,
        code: "RefusedForGood".to_owned(),
        message: "This is refused for good.".to_owned(),
        times: None,
    };
    let first = rehearsal.disturbed(Schedule { refusals: vec![refusal], ..Schedule::default() });
    let judged = match &first.end {
        End::Ended(ended) if ended.1.is_complete() => Err("nothing failed".to_owned()),
        End::Ended(ended) => independent_is_done(&ended.0, &ended.1),
        other => Err(format!("{other:?}")),
    };
    let judged = judged.and_then(|()| rehearsal.again(first.world));
    judged.map_err(|why| rehearsal.about(&format!("{operation} refused"), &why))
}

/// Whether everything that never began waits for something that failed.
fn independent_is_done(plan: &Plan, outcome: &Outcome) -> Result<(), String> {
    let named = |id: StepId| {
        let step = plan.steps.step(id);
        (step.address.clone(), step.op)
    };
    let failed: HashSet<_> =
        outcome.failed.iter().map(|failed| (failed.address.clone(), failed.op)).collect();
    let mut behind: HashSet<StepId> = HashSet::new();
    let mut open: Vec<StepId> =
        plan.steps.ids().filter(|id| failed.contains(&named(*id))).collect();
    while let Some(id) = open.pop() {
        open.extend(plan.steps.after(id).filter(|next| behind.insert(*next)));
    }
    let blocked: HashSet<_> = behind.into_iter().map(named).collect();
    let idle = outcome.not_started.iter().find(|step| !blocked.contains(step));
    idle.map_or(Ok(()), |idle| Err(format!("{idle:?} never began, and nothing was in its way")))
}
