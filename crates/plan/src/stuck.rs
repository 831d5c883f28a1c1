//! What no order of steps can reach.

use std::collections::BTreeSet;

use landfall_model::{Address, Finding, Path, Place};

use crate::order::Ordered;
use crate::steps::{StepId, Steps};

/// Why the steps cannot be done: things that wait for each other, or for a name that never becomes
/// free. Better said before anything is touched than found out halfway.
pub(crate) fn findings(ordered: &Ordered) -> Vec<Finding> {
    let Ordered { steps, blocked, held } = ordered;
    let at = |address: &Address| Place::Field(address.clone(), Path::default());
    let mut found: Vec<Finding> = blocked
        .iter()
        .map(|((going, _), coming)| {
            let message = format!(
                "{coming} takes over what has to be unique from {going}, which cannot go before it"
            );
            Finding::error(at(coming), message)
                .help(format!("give {coming} another name, or apply without it first"))
        })
        .collect();
    found.extend(held.iter().map(|(going, holder)| {
        let message = format!(
            "{going} has to go before {holder} can, and AWS keeps it while {holder} uses it"
        );
        Finding::error(at(going), message)
            .help("apply the change in two steps, so that what uses it goes first")
    }));
    if let Some(waiting) = waiting_for_each_other(steps) {
        let names: Vec<String> = waiting.iter().map(Address::to_string).collect();
        let first = waiting.first().map_or(Place::Nowhere, at);
        let message = format!("{} wait for each other", names.join(" and "));
        found.push(Finding::error(first, message).help("one of the references has to go"));
    }
    found
}

/// The addresses of the steps that can never begin.
fn waiting_for_each_other(steps: &Steps) -> Option<BTreeSet<Address>> {
    if steps.in_order().is_some() {
        return None;
    }
    let mut open: BTreeSet<StepId> = steps.ids().collect();
    loop {
        // What nothing open waits for, or what waits for nothing open, is not part of the ring.
        let free: Vec<StepId> = open
            .iter()
            .filter(|id| {
                !steps.before(**id).any(|first| open.contains(&first))
                    || !steps.after(**id).any(|later| open.contains(&later))
            })
            .copied()
            .collect();
        if free.is_empty() {
            return Some(open.iter().map(|id| steps.step(*id).address.clone()).collect());
        }
        free.iter().for_each(|id| {
            open.remove(id);
        });
    }
}
