//! Walks the steps of a plan: whatever is ready, the longest way first.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use landfall_model::{Address, Cloud, Request};
use landfall_plan::{Cause, Event, Failure, Observed, Op, Outcome, Plan, Step, StepId};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::perform::Performer;
use crate::world::World;

/// How far a run may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// To the end.
    Run,
    /// Start nothing new; finish what is in flight.
    Drain,
    /// Stop at once.
    Abandon,
}

/// How much may run at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps per AWS service that make changes.
    pub per_service: usize,
    /// Whether another run may be at work on the same stack: then it is looked twice before
    /// something counts as made.
    pub beside_others: bool,
}

impl Default for Limits {
    fn default() -> Self {
        // AWS's buckets refill with single digits of changes per second and service.
        Limits { per_service: 8, beside_others: false }
    }
}

/// How a step ended.
struct Ended {
    result: Result<(), Cause>,
    requests: Vec<Request>,
}

impl Ended {
    /// By a defect of ours.
    fn inside(error: &JoinError) -> Ended {
        let why = format!("landfall failed inside: {error}");
        Ended { result: Err(Cause::NeverReady(why)), requests: Vec::new() }
    }
}

struct Scheduler<'a> {
    plan: &'a Plan,
    remaining: Vec<u64>,
    waiting_for: HashMap<StepId, usize>,
    /// Ready steps, the longest way first; the step's number makes the order total.
    ready: BTreeSet<(std::cmp::Reverse<u64>, usize)>,
    running: HashMap<StepId, Instant>,
    per_service: HashMap<&'static str, usize>,
    outcome: Outcome,
}

/// Runs a plan. Everything that does not depend on a failed step is done; the outcome names the
/// rest.
pub async fn apply(
    plan: &Plan,
    observed: &Observed,
    cloud: std::sync::Arc<dyn Cloud>,
    limits: Limits,
    events: &mut dyn FnMut(Event),
    mut stop: watch::Receiver<Stop>,
) -> Outcome {
    let world = std::sync::Arc::new(World::new(plan, observed));
    let shared = std::sync::Arc::new(plan.clone());
    let mut scheduler = Scheduler::new(plan);
    let mut tasks: JoinSet<(StepId, Ended)> = JoinSet::new();
    let mut ids = HashMap::new();
    let (reports, mut reported) = mpsc::unbounded_channel::<(StepId, String)>();
    let mut draining = false;
    let mut watching = true;
    loop {
        if !draining {
            while let Some(id) = scheduler.next(limits) {
                let step = plan.steps.step(id);
                events(Event::Started { address: step.address.clone(), op: step.op });
                let (plan, world, cloud) = (shared.clone(), world.clone(), cloud.clone());
                let reports = reports.clone();
                let handle = tasks.spawn(async move {
                    let step = plan.steps.step(id);
                    let report = |why: &str| drop(reports.send((id, world.hidden_text(why))));
                    let performer = Performer {
                        stack: &plan.stack,
                        cloud: cloud.as_ref(),
                        world: &world,
                        change: &plan.changes[step.change],
                        beside_others: limits.beside_others,
                        report: &report,
                    };
                    let mut result = Ok(());
                    let work = async { result = performer.perform(step.op).await };
                    let requests = cloud.recorded(Box::pin(work)).await;
                    let result = result.map_err(|cause| world.hidden(cause));
                    (id, Ended { result, requests })
                });
                ids.insert(handle.id(), id);
            }
        }
        if tasks.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            changed = stop.changed(), if watching => {
                watching = changed.is_ok();
                let wish = *stop.borrow();
                if wish == Stop::Drain && !draining {
                    draining = true;
                    events(Event::Draining);
                } else if wish == Stop::Abandon {
                    tasks.abort_all();
                    scheduler.abandon();
                    break;
                }
            }
            Some((id, because)) = reported.recv() => {
                let Step { address, op, .. } = plan.steps.step(id).clone();
                events(Event::Waiting { address, op, because });
            }
            Some(ended) = tasks.join_next_with_id() => {
                let (id, ended) = match ended {
                    Ok((_, ended)) => ended,
                    // A step that panicked is a defect of ours; the run still ends in order.
                    Err(error) => match ids.get(&error.id()) {
                        Some(id) => (*id, Ended::inside(&error)),
                        None => continue,
                    },
                };
                scheduler.ended(id, ended, events);
            }
        }
    }
    scheduler.finish(&world)
}

impl<'a> Scheduler<'a> {
    fn new(plan: &'a Plan) -> Scheduler<'a> {
        let remaining = plan.steps.remaining(weight);
        let waiting_for: HashMap<StepId, usize> =
            plan.steps.ids().map(|id| (id, plan.steps.before(id).count())).collect();
        let mut scheduler = Scheduler {
            plan,
            remaining,
            waiting_for,
            ready: BTreeSet::new(),
            running: HashMap::new(),
            per_service: HashMap::new(),
            outcome: Outcome::default(),
        };
        let free: Vec<StepId> =
            plan.steps.ids().filter(|id| scheduler.waiting_for[id] == 0).collect();
        free.into_iter().for_each(|id| scheduler.make_ready(id));
        scheduler
    }

    fn make_ready(&mut self, id: StepId) {
        self.ready.insert((std::cmp::Reverse(self.remaining[id.index()]), id.index()));
    }

    /// The next step to start, if one is ready and its service has room.
    fn next(&mut self, limits: Limits) -> Option<StepId> {
        let found = self.ready.iter().copied().find(|(_, index)| {
            let step = self.plan.steps.step(StepId::new(*index));
            let busy = self.per_service.get(step.service).copied().unwrap_or(0);
            // Waiting makes few calls and lasts long, so it takes nobody's place.
            step.op == Op::AwaitReady || busy < limits.per_service
        })?;
        self.ready.remove(&found);
        let id = StepId::new(found.1);
        let step = self.plan.steps.step(id);
        if step.op != Op::AwaitReady {
            *self.per_service.entry(step.service).or_default() += 1;
        }
        self.running.insert(id, Instant::now());
        Some(id)
    }

    fn ended(&mut self, id: StepId, ended: Ended, events: &mut dyn FnMut(Event)) {
        let Step { address, op, service, .. } = self.plan.steps.step(id).clone();
        let took = self.running.remove(&id).map_or(Duration::ZERO, |start| start.elapsed());
        if op != Op::AwaitReady {
            self.per_service.entry(service).and_modify(|busy| *busy -= 1);
        }
        self.waiting_for.remove(&id);
        let requests = ended.requests;
        events(Event::Called { address: address.clone(), op, took, requests });
        match ended.result {
            Ok(()) => {
                self.outcome.done.push((address.clone(), op));
                events(Event::Finished { address, op, took });
                let after: Vec<StepId> = self.plan.steps.after(id).collect();
                for next in after {
                    if let Some(count) = self.waiting_for.get_mut(&next) {
                        *count -= 1;
                        if *count == 0 {
                            self.make_ready(next);
                        }
                    }
                }
            }
            Err(cause) => {
                let failure = Failure { address: address.clone(), op, cause };
                self.outcome.failed.push(failure.clone());
                events(Event::Failed(failure));
                self.skip_behind(id, &address, events);
            }
        }
    }

    /// Nothing that waits for a failed step can begin.
    fn skip_behind(&mut self, id: StepId, because_of: &Address, events: &mut dyn FnMut(Event)) {
        let mut open: Vec<StepId> = self.plan.steps.after(id).collect();
        while let Some(next) = open.pop() {
            if self.waiting_for.remove(&next).is_none() {
                continue;
            }
            let Step { address, op, .. } = self.plan.steps.step(next).clone();
            self.outcome.not_started.push((address.clone(), op));
            events(Event::Skipped { address, op, because_of: because_of.clone() });
            open.extend(self.plan.steps.after(next));
        }
    }

    fn abandon(&mut self) {
        let mut in_flight: Vec<StepId> = self.running.drain().map(|(id, _)| id).collect();
        in_flight.sort();
        for id in in_flight {
            self.waiting_for.remove(&id);
            let step = self.plan.steps.step(id);
            self.outcome.in_flight.push((step.address.clone(), step.op));
        }
    }

    fn finish(mut self, world: &World) -> Outcome {
        let mut left: Vec<StepId> = self.waiting_for.into_keys().collect();
        left.sort();
        for id in left {
            let step = self.plan.steps.step(id);
            self.outcome.not_started.push((step.address.clone(), step.op));
        }
        self.outcome.outputs = world.outputs();
        self.outcome
    }
}

/// How long a step takes, roughly, in seconds: only which chain is longer matters.
fn weight(step: &Step) -> u64 {
    match step.op {
        Op::AwaitReady => 120,
        Op::Delete => 10,
        Op::Create | Op::Settle | Op::Release => 1,
    }
}
