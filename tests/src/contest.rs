//! Runs under the lock in the sandbox, in this process and in virtual time: several at once.

use std::sync::Arc;
use std::time::Duration;

use landfall_apply::{Limits, Stop};
use landfall_aws::AwsCloud;
use landfall_aws::ledger::{Bid, Journal, Lease, Ledger, Lost, NotTaken};
use landfall_model::Stack;
use landfall_model::journal::{Begun, Ended, RunOutcome};
use landfall_plan::{Goal, Outcome};
use landfall_sandbox::sandbox::Sandbox;
use landfall_sandbox::world::{Delays, World};
use serde_json::Value;
use tokio::sync::watch;

use crate::stack;

/// Runs something in a new account from a seed, in virtual time.
pub fn in_sandbox<T>(seed: u64, work: impl AsyncFnOnce(Arc<Sandbox>) -> T) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().expect("a runtime can be built");
    runtime.block_on(async {
        let world = World::new(seed, Delays::AsOnAws).accustomed();
        work(Arc::new(Sandbox::new(world, 1.0))).await
    })
}

/// Somebody who runs landfall.
pub struct Runner {
    /// The stack.
    pub stack: Stack,
    /// Their own connection.
    pub cloud: Arc<AwsCloud>,
    /// Their name.
    pub who: &'static str,
}

/// How a run went that got the lock.
#[derive(Debug)]
pub struct Run {
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it lost the lock on the way.
    pub lost: Option<Lost>,
    /// What was wrong with its journal.
    pub problem: Option<String>,
}

impl Runner {
    /// Somebody with a connection of their own to a sandbox.
    pub async fn new(who: &'static str, spec: &str, sandbox: &Arc<Sandbox>) -> Runner {
        let stack = stack::parse(spec).expect("a good spec");
        Runner { stack, cloud: stack::in_process(sandbox).await, who }
    }

    /// The journals of the stack.
    pub fn ledger(&self) -> Ledger {
        Ledger::new(self.cloud.aws(), &self.stack.name)
    }

    /// What the run says of itself.
    pub fn begun(&self) -> Begun {
        Begun { who: self.who.to_owned(), command: "apply".to_owned(), ..Begun::default() }
    }

    /// Takes the lock, or a place beside it.
    pub async fn acquire(&self, locked: bool, patience: Duration) -> Result<Lease, NotTaken> {
        let is_gone = |_: &_| false;
        let waiting = |_: &_| {};
        let bid = Bid { new_stack: false, locked, patience, is_gone: &is_gone, waiting: &waiting };
        self.ledger().acquire(bid).await
    }

    /// Takes the lock and begins a journal.
    pub async fn begin(&self) -> Result<Journal, NotTaken> {
        let lease = self.acquire(true, Duration::ZERO).await?;
        Ok(lease.open(self.begun(), &[]).await)
    }

    /// Plans, takes the lock and applies, as the command does.
    pub async fn apply(&self, locked: bool) -> Result<Run, NotTaken> {
        let planned = stack::plan(&self.stack, &self.cloud, Goal::Converge).await;
        let (plan, observed) = planned.expect("a plan can be made");
        let lease = self.acquire(locked, Duration::ZERO).await?;
        let journal = lease.open(self.begun(), &[]).await;
        let (stop, stopping) = watch::channel(Stop::Run);
        let mut lost = journal.lost();
        let losing = tokio::spawn(async move {
            if lost.changed().await.is_ok() {
                stop.send_replace(Stop::Drain);
            }
            stop.closed().await;
        });
        let cloud = self.cloud.clone();
        let limits = Limits { beside_others: !locked, ..Limits::default() };
        let applied =
            landfall_apply::apply(&plan, &observed, cloud, limits, &mut |_| {}, stopping).await;
        losing.abort();
        let lost = journal.lost().borrow().clone();
        let problem = journal.close(ended()).await;
        Ok(Run { outcome: applied, lost, problem })
    }
}

/// An end without any counts.
pub fn ended() -> Ended {
    Ended {
        outcome: RunOutcome::Done,
        resources: 0,
        done: 0,
        failed: 0,
        not_started: 0,
        in_flight: 0,
    }
}

/// The addresses of all things in a sandbox that have one, sorted.
pub fn addresses(sandbox: &Sandbox) -> Vec<String> {
    let all = sandbox.with_world(|world| landfall_sandbox::inventory::json(world));
    let mut found = Vec::new();
    collect(&all, &mut found);
    found.sort();
    found
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value.get("landfall:address").and_then(Value::as_str) {
        Some(address) => found.push(address.to_owned()),
        None => value.as_object().into_iter().flatten().for_each(|(_, value)| {
            collect(value, found);
        }),
    }
}
