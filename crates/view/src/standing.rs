//! What became of each change of a plan.

use std::collections::{HashMap, HashSet};

use landfall_model::Address;
use landfall_plan::{Op, Outcome, Plan, StepId};

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// All of it was done.
    Done,
    /// A step of it failed.
    Failed,
    /// A step of it was in flight when the run was abandoned.
    InFlight,
    /// Some of it was done, the rest never began.
    Unfinished(Blame),
    /// None of it began.
    NotStarted(Blame),
}

/// Whose failure kept something from beginning; nobody's where the user stopped the run.
pub(crate) type Blame = Option<Address>;

/// What became of each acting change, by its place in the plan; others are done.
pub(crate) fn of(plan: &Plan, outcome: &Outcome) -> Vec<Standing> {
    let failed: HashSet<(&Address, Op)> =
        outcome.failed.iter().map(|failure| (&failure.address, failure.op)).collect();
    let done: HashSet<(&Address, Op)> = outcome.done.iter().map(|(at, op)| (at, *op)).collect();
    let in_flight: HashSet<(&Address, Op)> =
        outcome.in_flight.iter().map(|(at, op)| (at, *op)).collect();
    let blames = blames(plan, &failed);
    let mut steps: HashMap<usize, Vec<StepId>> = HashMap::new();
    for id in plan.steps.ids() {
        steps.entry(plan.steps.step(id).change).or_default().push(id);
    }
    let key = |id: StepId| {
        let step = plan.steps.step(id);
        (&step.address, step.op)
    };
    (0..plan.changes.len())
        .map(|change| {
            let steps = steps.get(&change).map(Vec::as_slice).unwrap_or_default();
            if steps.iter().any(|id| failed.contains(&key(*id))) {
                return Standing::Failed;
            }
            if steps.iter().any(|id| in_flight.contains(&key(*id))) {
                return Standing::InFlight;
            }
            let (ended, open): (Vec<StepId>, Vec<StepId>) =
                steps.iter().partition(|id| done.contains(&key(**id)));
            if open.is_empty() {
                return Standing::Done;
            }
            let blame = open.iter().find_map(|id| blames.get(id)).map(|address| (*address).clone());
            match ended.is_empty() {
                true => Standing::NotStarted(blame),
                false => Standing::Unfinished(blame),
            }
        })
        .collect()
}

/// For each step that a failed one is in the way of, the address of a failed one.
fn blames<'a>(plan: &'a Plan, failed: &HashSet<(&Address, Op)>) -> HashMap<StepId, &'a Address> {
    let mut blames: HashMap<StepId, &Address> = HashMap::new();
    for id in plan.steps.in_order().unwrap_or_default() {
        let step = plan.steps.step(id);
        let blame = match failed.contains(&(&step.address, step.op)) {
            true => Some(&step.address),
            false => plan.steps.before(id).find_map(|before| blames.get(&before).copied()),
        };
        blames.extend(blame.map(|address| (id, address)));
    }
    blames
}
