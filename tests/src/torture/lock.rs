//! Two runs that begin together and want the lock: one runs, the other says who holds it.

use std::sync::Arc;
use std::time::Duration;

use landfall_aws::ledger::NotTaken;
use landfall_sandbox::sandbox::Sandbox;

use super::trial::Schedule as Try;
use crate::contest::{Runner, addresses, in_sandbox};

/// The second begins in the same step, or a little later, by seed.
pub fn schedules(spec: &'static str, seeds: u64) -> Vec<Try<'static>> {
    (0..seeds).map(|seed| Box::new(move || together(spec, seed)) as Try<'static>).collect()
}

fn together(spec: &'static str, seed: u64) -> Result<(), String> {
    let mut judged = Ok(());
    in_sandbox(seed, async |sandbox: Arc<Sandbox>| {
        judged = contest(spec, seed, &sandbox).await;
    });
    judged.map_err(|why| format!("seed {seed}: {why}"))
}

async fn contest(spec: &str, seed: u64, sandbox: &Arc<Sandbox>) -> Result<(), String> {
    let ana = Runner::new("ana@laptop", spec, sandbox).await;
    let bob = Runner::new("bob@desk", spec, sandbox).await;
    let late = Duration::from_millis(seed * 13 % 90);
    let (one, other) = tokio::join!(ana.apply(true), async {
        tokio::time::sleep(late).await;
        bob.apply(true).await
    });
    let (run, refused, winner) = match (one, other) {
        (Ok(run), Err(refused)) => (run, refused, "ana@laptop"),
        (Err(refused), Ok(run)) => (run, refused, "bob@desk"),
        both => return Err(format!("not one of the two: {both:?}")),
    };
    if !run.outcome.is_complete() {
        return Err(format!("the one that ran: {run:?}"));
    }
    let NotTaken::Held(holder) = refused else { return Err(format!("refused: {refused:?}")) };
    let named = holder.begun.map(|begun| begun.who);
    if named.as_deref() != Some(winner) {
        return Err(format!("{named:?} is said to hold it, and {winner} does"));
    }
    let all = addresses(sandbox);
    match all.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(twice) => Err(format!("{twice:?} is there twice")),
        None => Ok(()),
    }
}
