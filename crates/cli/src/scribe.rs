//! Turns what happens during a run into the lines of its journal.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use landfall_model::journal::{Ended, Entry, PlannedStep, RunOutcome, StepDone, StepFailed};
use landfall_model::lease::millis;
use landfall_model::{Address, CloudError, Request};
use landfall_plan::{Cause, Event, Failure, Op, Outcome, Plan};
use landfall_view::outcome_text;
use serde_json::Value;

/// How many steps a line lists: a line has at most 256 KB (CloudWatch Logs quotas, "Event size").
const STEPS: usize = 500;
/// The longest message, in characters.
const LONGEST: usize = 2000;
/// Shorter values stand in too many words that have nothing to do with them.
const SHORTEST: usize = 4;

/// Turns events into entries.
pub struct Scribe {
    /// What must not be written though AWS may quote it.
    hidden: Vec<String>,
    /// Of steps that are about to end.
    called: HashMap<(Address, Op), (Duration, Vec<Request>)>,
}

/// What a plan is about to do.
pub fn planned(plan: &Plan) -> Vec<Entry> {
    let order = plan.steps.in_order().unwrap_or_default();
    let steps = order
        .into_iter()
        .map(|id| plan.steps.step(id))
        .map(|step| PlannedStep { address: step.address.clone(), step: step.op.name().to_owned() });
    let steps: Vec<PlannedStep> = steps.collect();
    steps.chunks(STEPS).map(|steps| Entry::Planned { steps: steps.to_vec() }).collect()
}

/// How a run ended.
pub fn ended(outcome: &Outcome) -> Ended {
    let Outcome { done, failed, not_started, in_flight, .. } = outcome;
    let open = failed.iter().map(|failure| &failure.address);
    let left = not_started.iter().chain(in_flight).map(|(address, _)| address);
    let open: HashSet<&Address> = open.chain(left).collect();
    let resources: HashSet<&Address> = done.iter().map(|(address, _)| address).collect();
    Ended {
        outcome: match outcome.is_complete() {
            true => RunOutcome::Done,
            false if failed.is_empty() => RunOutcome::Stopped,
            false => RunOutcome::Failed,
        },
        resources: resources.difference(&open).count(),
        done: done.len(),
        failed: failed.len(),
        not_started: not_started.len(),
        in_flight: in_flight.len(),
    }
}

impl Scribe {
    pub fn new(plan: &Plan) -> Scribe {
        let mut hidden = Vec::new();
        for change in &plan.changes {
            let fields = change.live.iter().map(|live| &live.spec);
            let fields = fields.chain(&change.want).chain(&change.declared);
            fields.for_each(|value| environment_values(value, false, &mut hidden));
        }
        // The longest first: another may be a part of it.
        hidden.sort_by_key(|value| std::cmp::Reverse(value.len()));
        hidden.dedup();
        Scribe { hidden, called: HashMap::new() }
    }

    /// The entry of an event, if it deserves one.
    pub fn entry(&mut self, event: &Event) -> Option<Entry> {
        match event {
            Event::Called { address, op, took, requests } => {
                self.called.insert((address.clone(), *op), (*took, requests.clone()));
                None
            }
            Event::Finished { address, op, .. } => {
                let (took, requests) = self.called(address, *op);
                Some(Entry::Done(StepDone {
                    address: address.clone(),
                    step: op.name().to_owned(),
                    millis: millis(took),
                    requests,
                }))
            }
            Event::Failed(failure) => Some(Entry::Failed(self.failed(failure))),
            _ => None,
        }
    }

    fn called(&mut self, address: &Address, op: Op) -> (Duration, Vec<Request>) {
        self.called.remove(&(address.clone(), op)).unwrap_or_default()
    }

    fn failed(&mut self, failure: &Failure) -> StepFailed {
        let (took, mut requests) = self.called(&failure.address, failure.op);
        let error = refusal(&failure.cause);
        if let Some(error) = error
            && let Some(id) = error.request_id.clone()
            && requests.iter().all(|request| request.id != id)
        {
            requests.push(Request { operation: error.operation.clone(), id });
        }
        let mut message = outcome_text::cause_line(&failure.cause);
        for value in &self.hidden {
            message = message.replace(value.as_str(), "(hidden)");
        }
        StepFailed {
            address: failure.address.clone(),
            step: failure.op.name().to_owned(),
            millis: millis(took),
            code: error.and_then(|error| error.code.clone()),
            message: message.chars().take(LONGEST).collect(),
            requests,
        }
    }
}

fn refusal(cause: &Cause) -> Option<&CloudError> {
    match cause {
        Cause::Refused(error) | Cause::TimedOut { last: Some(error), .. } => Some(error),
        _ => None,
    }
}

/// The texts below `environment`, wherever that is.
fn environment_values(value: &Value, within: bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if within && text.len() >= SHORTEST => found.push(text.clone()),
        Value::Object(map) => map.iter().for_each(|(key, value)| {
            environment_values(value, within || key == "environment", found);
        }),
        Value::Array(items) => {
            items.iter().for_each(|value| environment_values(value, within, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use landfall_model::{Lifecycle, Refusal};
    use landfall_plan::{Action, Because, Change};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_aws_quotes_of_an_environment_is_not_written() {
        let address = Address::new("task_definition", "app");
        let environment =
            json!({ "LOG": "on", "TOKEN": "canary-7", "LONGER": "canary-7-and-more" });
        let want = json!({ "containers": { "app": { "environment": environment } } });
        let change = Change {
            address: address.clone(),
            action: Action::Create,
            because: Because::Missing,
            fields: Vec::new(),
            live: None,
            want: Some(want),
            declared: None,
            tags: Default::default(),
            generation: 1,
            lifecycle: Lifecycle::default(),
            interruption: None,
        };
        let plan = Plan {
            stack: "shop".to_owned(),
            changes: vec![change],
            steps: Default::default(),
            secrets: Default::default(),
        };
        let mut scribe = Scribe::new(&plan);
        let error = CloudError {
            operation: "ecs:RegisterTaskDefinition".to_owned(),
            refusal: Refusal::Refused,
            code: Some("ClientException".to_owned()),
            message: "canary-7-and-more or canary-7 is on nobody's list".to_owned(),
            request_id: Some("id-2".to_owned()),
        };
        let requests =
            vec![Request { operation: "ecs:TagResource".to_owned(), id: "id-1".to_owned() }];
        let took = Duration::from_millis(1500);
        let called = Event::Called { address: address.clone(), op: Op::Create, took, requests };
        assert_eq!(scribe.entry(&called), None);
        let cause = Cause::Refused(Box::new(error));
        let failed = Event::Failed(Failure { address, op: Op::Create, cause });
        let Some(Entry::Failed(failed)) = scribe.entry(&failed) else { panic!("no failure") };
        assert_eq!(failed.message, "ClientException: (hidden) or (hidden) is on nobody's list");
        assert_eq!((failed.millis, failed.code.as_deref().unwrap()), (1500, "ClientException"));
        let ids: Vec<&str> = failed.requests.iter().map(|request| request.id.as_str()).collect();
        assert_eq!(ids, ["id-1", "id-2"]);
    }
}
