//! One run of landfall in a sandbox's world, in virtual time: to its end, or to its death.

use std::sync::Arc;
use std::time::Duration;

use landfall_apply::{Limits, Stop};
use landfall_model::Stack;
use landfall_plan::{Goal, Outcome, Plan};
use landfall_sandbox::sandbox::{Call, Sandbox};
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::World;
use tokio::sync::{Notify, watch};

use crate::stack;

/// How a run ended.
#[derive(Debug)]
pub enum End {
    /// It came to its end.
    Ended(Box<(Plan, Outcome)>),
    /// It could not even plan.
    Unplanned(String),
    /// The process was killed.
    Died,
}

/// What came of a run.
pub struct Run {
    /// The world afterwards.
    pub world: World,
    /// The calls it made.
    pub calls: Vec<Call>,
    /// How it ended.
    pub end: End,
    /// How many events it told.
    pub events: usize,
}

/// When somebody wants a run to stop.
#[derive(Clone, Copy, Debug)]
pub struct Interrupt {
    /// At which event, from 1.
    pub event: usize,
    /// How.
    pub stop: Stop,
}

impl Run {
    /// An error unless all was done.
    pub fn complete(&self) -> Result<(), String> {
        match &self.end {
            End::Ended(ended) if ended.1.is_complete() => Ok(()),
            End::Ended(ended) => {
                let Outcome { failed, not_started, in_flight, .. } = &ended.1;
                let failed = failed.iter().map(|failed| format!("{} {:?}", failed.address, failed));
                let failed: Vec<String> = failed.collect();
                Err(format!("failed: {failed:?}, not started: {not_started:?}, {in_flight:?}"))
            }
            End::Unplanned(why) => Err(why.clone()),
            End::Died => Err("died".to_owned()),
        }
    }
}

/// Plans and applies in a world. What is on the wire when the process dies still arrives.
pub fn run(world: World, stack: &Stack, goal: Goal, schedule: Schedule) -> Run {
    run_until(world, stack, goal, schedule, None)
}

/// The same until somebody stops it.
pub fn run_until(
    world: World,
    stack: &Stack,
    goal: Goal,
    schedule: Schedule,
    interrupt: Option<Interrupt>,
) -> Run {
    in_virtual_time(async {
        let sandbox = Arc::new(Sandbox::new(world, 1.0));
        sandbox.disturb(schedule);
        let death = Arc::new(Notify::new());
        let (stop, stopped) = watch::channel(Stop::Run);
        let mut told = 0;
        let work = async {
            let cloud = stack::mortal(&sandbox, Arc::clone(&death)).await;
            let mut events = |_| {
                told += 1;
                if let Some(interrupt) = interrupt.filter(|interrupt| interrupt.event == told) {
                    stop.send_replace(interrupt.stop);
                }
            };
            match stack::converge_until(
                stack,
                &cloud,
                goal,
                Limits::default(),
                stopped,
                &mut events,
            )
            .await
            {
                Ok(ended) => End::Ended(Box::new(ended)),
                Err(why) => End::Unplanned(why),
            }
        };
        let end = tokio::select! {
            biased;
            () = death.notified() => End::Died,
            end = work => end,
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        let world = sandbox.with_world(|world| world.clone());
        Run { world, calls: sandbox.log(), end, events: told }
    })
}

/// Two runs at once that know nothing of each other, the second some time after the first.
pub fn run_two(world: World, stack: &Stack, goal: Goal, apart: Duration) -> World {
    in_virtual_time(async {
        let sandbox = Arc::new(Sandbox::new(world, 1.0));
        let limits = Limits { beside_others: true, ..Limits::default() };
        let work = |after| {
            let sandbox = &sandbox;
            async move {
                tokio::time::sleep(after).await;
                let cloud = stack::in_process(sandbox).await;
                let (_stop, run) = watch::channel(Stop::Run);
                stack::converge_until(stack, &cloud, goal, limits, run, &mut |_| {}).await
            }
        };
        let (one, other) = (work(Duration::ZERO), work(apart));
        // Either may fail at what the other does; what counts is the world.
        let _ = tokio::join!(one, other);
        sandbox.with_world(|world| world.clone())
    })
}

/// Whether a plan finds nothing to do.
pub fn is_converged(world: World, stack: &Stack, goal: Goal) -> Result<(), String> {
    is_converged_under(world, stack, goal, Schedule::default())
}

/// Whether a plan that is disturbed finds nothing to do.
pub fn is_converged_under(
    world: World,
    stack: &Stack,
    goal: Goal,
    schedule: Schedule,
) -> Result<(), String> {
    in_virtual_time(async {
        let sandbox = Arc::new(Sandbox::new(world, 1.0));
        sandbox.disturb(schedule);
        let cloud = stack::in_process(&sandbox).await;
        let (plan, _) = stack::plan(stack, &cloud, goal).await?;
        match plan.is_empty() {
            true => Ok(()),
            false => Err(format!("there is still something to do:\n{}", plan.steps)),
        }
    })
}

fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime can be built");
    runtime.block_on(work)
}
