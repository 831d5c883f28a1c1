//! A stack's life in the sandbox, in this process and in virtual time: the same for the same seed.

use std::sync::Arc;
use std::time::Duration;

use landfall_model::Stack;
use landfall_plan::Goal;
use landfall_sandbox::inventory;
use landfall_sandbox::sandbox::{Call, Sandbox};
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::{Delays, World};

use crate::stack;

/// 30 resources, among them every kind there is, with every wait on.
pub const THIRTY: &str = include_str!("thirty.yaml");

/// What happened.
#[derive(Debug)]
pub struct Life {
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// How long it would have taken on AWS.
    pub waited: Duration,
}

/// Applies and destroys a stack in a new account, with AWS's delays and whatever else goes wrong.
/// An error if something failed, a second plan was not empty, or something was left.
pub fn life(stack: &Stack, seed: u64, schedule: &Schedule) -> Result<Life, String> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime can be built");
    runtime.block_on(async {
        let sandbox = Arc::new(Sandbox::new(World::new(seed, Delays::AsOnAws), 1.0));
        sandbox.disturb(schedule.clone());
        let start = tokio::time::Instant::now();
        let cloud = stack::in_process(&sandbox).await;
        let at = |what: &str, why: String| format!("seed {seed}: {what}: {why}");
        let made = stack::converge(stack, &cloud, Goal::Converge).await;
        made.map_err(|why| at("apply", why))?;
        let (plan, _) = stack::plan(stack, &cloud, Goal::Converge).await?;
        if !plan.is_empty() {
            return Err(at("plan", format!("{:#?}", plan.changes)));
        }
        let gone = stack::converge(stack, &cloud, Goal::Destroy).await;
        gone.map_err(|why| at("destroy", why))?;
        let waited = start.elapsed();
        let left = sandbox.with_world(|world| {
            world.rest();
            (!world.is_pristine()).then(|| inventory::text(world))
        });
        match left {
            None => Ok(Life { calls: sandbox.log(), waited }),
            Some(left) => Err(at("left", left)),
        }
    })
}
