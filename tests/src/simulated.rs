//! A stack's life in the sandbox, in this process and in virtual time: the same for the same seed.

use std::sync::Arc;
use std::time::Duration;

use landfall_model::Stack;
use landfall_plan::{Census, Goal};
use landfall_sandbox::inventory;
use landfall_sandbox::router::{self, Asked};
use landfall_sandbox::sandbox::{Call, Sandbox};
use landfall_sandbox::schedule::Schedule;
use landfall_sandbox::world::{Delays, World};
use serde_json::Value;

use crate::stack;

/// 30 resources, among them every kind there is, with every wait on.
pub const THIRTY: &str = include_str!("thirty.yaml");

/// Lets a future run in virtual time.
pub fn in_virtual_time<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime can be built");
    runtime.block_on(test)
}

/// A call by somebody else, who is in nobody's log: its output. The input has the names that it
/// has on the wire.
pub fn somebody(sandbox: &Sandbox, service: &'static str, operation: &str, input: Value) -> Value {
    let (operation, region) = (operation.to_owned(), "us-east-1".to_owned());
    let asked = Asked { service, operation, region, input };
    let answer = sandbox.with_world(|world| router::answer(world, &asked));
    answer.unwrap_or_else(|refused| {
        panic!("{}: {}: {}", asked.operation, refused.code, refused.message)
    })
}

/// What happened.
#[derive(Debug)]
pub struct Life {
    /// The calls, in order.
    pub calls: Vec<Call>,
    /// How long it would have taken on AWS.
    pub waited: Duration,
    /// What was found once the stack was destroyed.
    pub census: Census,
}

/// Applies and destroys a stack in a new account, with AWS's delays and whatever else goes wrong.
/// An error if something failed, a second plan was not empty, or something was left.
pub fn life(stack: &Stack, seed: u64, schedule: &Schedule) -> Result<Life, String> {
    in_virtual_time(async {
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
        let (plan, outcome) = gone.map_err(|why| at("destroy", why))?;
        let census = landfall_apply::census(&plan, &outcome, cloud.as_ref()).await;
        let waited = start.elapsed();
        let left = sandbox.with_world(|world| {
            world.rest();
            (!world.is_pristine()).then(|| inventory::text(world))
        });
        match left {
            None => Ok(Life { calls: sandbox.log(), waited, census }),
            Some(left) => Err(at("left", left)),
        }
    })
}
