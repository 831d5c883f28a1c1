//! The pure planner: (desired, observed) → plan. No IO, no async, no clock.
//!
//! 1. `decide` goes through the resources in the order of their references and decides what
//!    becomes of each: made, kept, changed, replaced.
//! 2. [`diff`](mod@diff) says which leaves differ.
//! 3. `order` turns the changes into [`Steps`], the graph that an apply walks.
//!
//! [`saved`] keeps what a plan was made from, and tells later whether it still fits.

mod change;
mod conceal;
mod decide;
pub mod diff;
mod graph;
mod identity;
mod order;
mod refuse;
pub mod run;
pub mod saved;
mod steps;
mod stuck;

use std::collections::BTreeMap;

use landfall_model::{Address, Catalogue, Finding, Secrets, Stack};

pub use change::{Action, Because, Change, Delta, FieldChange, Order};
pub use decide::{Goal, Observed, Target, answers, as_created, overlay};
pub use graph::References;
pub use run::{Cause, Census, Event, Failure, Outcome};
pub use steps::{Op, Step, StepId, Steps};

/// What is going to happen.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The stack.
    pub stack: String,
    /// One entry per thing, also for those that stay as they are, in the order of the spec; things
    /// that the spec no longer names come last.
    pub changes: Vec<Change>,
    /// What to do, and what waits for what.
    pub steps: Steps,
    /// The values of secret variables, in whose place references stand.
    pub secrets: Secrets,
}

impl Plan {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

/// The things, by address and AWS's identifier, that have to go before anything moves over from
/// them, because another resource takes over what has to be unique; and which resource that is.
type Room = BTreeMap<(Address, String), Address>;

/// Plans the way from what is to what is wanted.
pub fn plan(
    stack: &Stack,
    observed: &Observed,
    catalogue: &Catalogue,
    goal: Goal,
) -> Result<Plan, Vec<Finding>> {
    let observed = &observed.concealed(stack, catalogue);
    let references = References::new(stack, observed, catalogue);
    let mut room = Room::new();
    loop {
        let changes = decide::decide(stack, observed, catalogue, goal, &references, &room)?;
        let ordered = order::order(stack, &changes, catalogue, &references, &room);
        let known = room.len();
        room.extend(ordered.blocked.clone());
        if room.len() > known {
            continue;
        }
        let stuck = stuck::findings(&ordered);
        let steps = ordered.steps;
        return match stuck.is_empty() {
            true => {
                let secrets = stack.secrets.clone();
                Ok(Plan { stack: stack.name.clone(), changes, steps, secrets })
            }
            false => Err(stuck),
        };
    }
}
