//! One run of landfall in a sandbox's world, in virtual time: to its end, or to its death.

use std::sync::Arc;
use std::time::Duration;

use landfall_model::Stack;
use landfall_plan::Goal;
use landfall_sandbox::sandbox::{Call, Sandbox};
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::World;
use tokio::sync::Notify;

use crate::stack;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All was done.
    Done,
    /// Something failed.
    Failed(String),
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
}

/// Plans and applies in a world. What is on the wire when the process dies still arrives.
pub fn run(world: World, stack: &Stack, goal: Goal, schedule: Schedule) -> Run {
    in_virtual_time(async {
        let sandbox = Arc::new(Sandbox::new(world, 1.0));
        sandbox.disturb(schedule);
        let death = Arc::new(Notify::new());
        let work = async {
            let cloud = stack::mortal(&sandbox, Arc::clone(&death)).await;
            match stack::converge(stack, &cloud, goal).await {
                Ok(_) => End::Done,
                Err(why) => End::Failed(why),
            }
        };
        let end = tokio::select! {
            biased;
            () = death.notified() => End::Died,
            end = work => end,
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        Run { world: sandbox.with_world(|world| world.clone()), calls: sandbox.log(), end }
    })
}

/// Whether a plan finds nothing to do.
pub fn is_converged(world: World, stack: &Stack, goal: Goal) -> Result<(), String> {
    in_virtual_time(async {
        let sandbox = Arc::new(Sandbox::new(world, 1.0));
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
