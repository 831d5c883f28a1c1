//! The lock and the journal of a stack: a log group with a log stream per run.
//!
//! To make a stream is atomic: of two runs that want the same number, one is told that it exists.
//! So each run takes the number behind the newest, once that one is over. What a run writes into
//! its stream is both its journal and its sign of life ([`landfall_model::lease`]).

mod acquire;
mod journal;
mod streams;

use landfall_model::journal::{Entry, Process, Run, Unlocked};
use landfall_model::lease::Holder;
use landfall_model::{CloudError, Refusal};

use crate::Aws;
use crate::batch::each;
use acquire::Chain;
use streams::Streams;

pub use acquire::{Bid, Lease, NotTaken};
pub use journal::{Journal, Lost};

/// The tag of the log group. Not the stack's own: it is no resource of the stack.
const TAG: &str = "landfall:journal";

/// The log group of a stack's runs.
#[derive(Clone, Debug)]
pub struct Ledger {
    streams: Streams,
}

impl Ledger {
    /// That of a stack.
    pub fn new(aws: &Aws, stack: &str) -> Ledger {
        Ledger { streams: Streams::new(aws.clone(), stack) }
    }

    /// The name of the log group.
    pub fn group(&self) -> &str {
        self.streams.group()
    }

    /// Who holds the lock. `is_gone` tells whether a process of this machine no longer runs.
    pub async fn holder(
        &self,
        is_gone: &(dyn Fn(&Process) -> bool + Sync),
    ) -> Result<Option<Holder>, CloudError> {
        let streams = self.streams.newest(1).await?.unwrap_or_default();
        match self.chain(&streams, is_gone).await? {
            Chain { holder: Some(holder), .. } => Ok(Some(*holder)),
            _ => Ok(None),
        }
    }

    /// Frees the lock that a run holds, in somebody else's name.
    pub async fn unlock(&self, run: u64, by: Unlocked) -> Result<(), CloudError> {
        let line = Entry::Unlocked(by).line(0);
        self.streams.put(run, &[(self.streams.now(), line)]).await
    }

    /// The last runs, the newest first, and whether there are older ones. Of very long ones only
    /// the end is read.
    pub async fn runs(&self, last: usize) -> Result<(Vec<Run>, bool), CloudError> {
        // One more tells whether there are more.
        let found = self.streams.newest(last.saturating_add(1)).await?.unwrap_or_default();
        let more = found.len() > last;
        let newest = found.into_iter().take(last);
        let runs = each(newest, |run| self.streams.end_of(run, None)).await?;
        Ok((runs, more))
    }

    /// One run, all of it; `None` where there is no such run.
    pub async fn run(&self, number: u64) -> Result<Option<Run>, CloudError> {
        match self.streams.whole(number).await {
            Ok(run) => Ok(Some(run)),
            Err(error) if error.refusal == Refusal::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
