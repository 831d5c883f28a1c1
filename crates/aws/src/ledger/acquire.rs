//! Taking the lock: judge the newest run, and make the stream of the next.

use std::time::Duration;

use landfall_model::journal::{Begun, Entry, Process, Run};
use landfall_model::lease::{self, Holder, LIFETIME, Standing};
use landfall_model::{CloudError, Refusal};
use tokio::time::{Instant, sleep};

use super::Ledger;
use super::journal::{Alive, Journal};
use super::streams::{Creation, Streams};

/// How long the first words of a run that has just begun may take to be readable: only they tell
/// whose it is.
const READABLE_WITHIN: Duration = Duration::from_secs(5);
/// How long a lease has to stand still before it is over whatever the clocks show.
const STANDS_STILL: Duration = LIFETIME.saturating_add(Duration::from_secs(15));
/// The longest pause between looks at a lock that another run holds.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// A run that never said a word and began longer ago than this says that nothing runs before it.
const SILENCE: u64 = 24 * 60 * 60 * 1000;
/// How often the group or a stream may vanish under us.
const VANISHINGS: usize = 10;

/// What a run asks for.
pub struct Bid<'a> {
    /// Whether nothing of the stack is in AWS, so that there will hardly be a log group yet.
    pub new_stack: bool,
    /// Whether it wants the lock. Otherwise only a place for its journal.
    pub locked: bool,
    /// How long it waits for another run.
    pub patience: Duration,
    /// Whether a process of this machine no longer runs.
    pub is_gone: &'a (dyn Fn(&Process) -> bool + Sync),
    /// Is told whom it waits for, once per run.
    pub waiting: &'a (dyn Fn(&Holder) + Sync),
}

/// Why the lock was not taken.
#[derive(Clone, Debug, PartialEq)]
pub enum NotTaken {
    /// Another run holds it.
    Held(Box<Holder>),
    /// AWS did not play along.
    Failed(CloudError),
}

impl From<CloudError> for NotTaken {
    fn from(error: CloudError) -> NotTaken {
        NotTaken::Failed(error)
    }
}

/// A run's own log stream, which nobody else has.
#[derive(Debug)]
pub struct Lease {
    pub(super) streams: Streams,
    pub(super) number: u64,
    pub(super) locked: bool,
    pub(super) beside: u64,
    /// Whether nobody else held the lock.
    pub(super) alone: bool,
    /// When it began at the latest.
    pub(super) alive: Alive,
    /// What went wrong that does not matter to the run.
    pub(super) problem: Option<String>,
    over: Option<u64>,
}

impl Lease {
    /// The number of the run.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Whether all runs before were over at a moment of AWS's clock (milliseconds since 1970), so
    /// that what was read since then still holds.
    pub fn all_was_over(&self, moment: u64) -> bool {
        self.over.is_some_and(|over| over < moment)
    }

    /// Begins the journal: who runs what, and what it is about to do. It is written when this
    /// returns, or never mind why not: the journal tells at its end.
    pub async fn open(self, begun: Begun, then: &[Entry]) -> Journal {
        Journal::open(self, begun, then).await
    }
}

/// What the newest runs say together.
pub(super) struct Chain {
    /// The run that decides; 0 where there is none.
    pub run: u64,
    /// Who holds the lock.
    pub holder: Option<Box<Holder>>,
    /// Since when all is over; `None` where that is not known.
    pub over: Option<u64>,
}

impl Ledger {
    /// Takes the lock of the stack, or a place beside it.
    pub async fn acquire(&self, bid: Bid<'_>) -> Result<Lease, NotTaken> {
        let mut deadline = Instant::now() + bid.patience;
        let introduced = Instant::now() + READABLE_WITHIN;
        let mut new_group = bid.new_stack && self.streams.create_group().await?;
        // The newest run that is known to exist, though it may not be listed yet.
        let mut taken: Option<Run> = None;
        let (mut watched, mut told, mut maybe_ours) = (None, 0, false);
        let (mut pause, mut vanished) = (Duration::from_millis(250), 0);
        loop {
            let listed = match std::mem::take(&mut new_group) {
                true => Some(Vec::new()),
                false => self.streams.newest(1).await?,
            };
            let mut runs = match listed {
                Some(runs) => runs,
                None => {
                    taken = None;
                    self.streams.create_group().await?;
                    Vec::new()
                }
            };
            let newest = runs.first().map_or(0, |run| run.number);
            runs.splice(..0, taken.take().filter(|run| run.number > newest));
            let chain = match self.chain(&runs, bid.is_gone).await {
                // Somebody has deleted the group in between.
                Err(error) if error.refusal == Refusal::NotFound && vanished < VANISHINGS => {
                    vanished += 1;
                    sleep(pause).await;
                    continue;
                }
                chain => chain?,
            };
            let (mut over, alone) = (chain.over, chain.holder.is_none());
            if let Some(holder) = chain.holder.filter(|_| bid.locked) {
                if !stands_still(&mut watched, &holder) {
                    let unknown = holder.begun.is_none() && Instant::now() < introduced;
                    if Instant::now() >= deadline && !unknown {
                        return Err(NotTaken::Held(holder));
                    }
                    if told != holder.run && (maybe_ours || !bid.patience.is_zero()) {
                        told = holder.run;
                        (bid.waiting)(&holder);
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(LOOK_EVERY);
                    taken = runs.into_iter().next();
                    continue;
                }
                over = None;
            }
            let number = runs.first().map_or(0, |run| run.number) + 1;
            // Before the first stream, so that a group without it is one without runs.
            let retention = match number {
                1 => self.streams.limit_retention().await,
                _ => Ok(()),
            };
            let alive = Alive::now(&self.streams);
            match self.streams.create(number).await? {
                Creation::Made => {
                    return Ok(Lease {
                        streams: self.streams.clone(),
                        number,
                        locked: bid.locked,
                        beside: chain.run,
                        alone,
                        alive,
                        problem: retention
                            .err()
                            .map(|error| format!("it is kept for ever: {error}")),
                        over,
                    });
                }
                Creation::Exists { maybe_ours: unclear } => {
                    let created = self.streams.now();
                    taken = Some(Run { number, created, ..Run::default() });
                    if unclear {
                        // Nobody can tell whose it is until it is over, we least of all.
                        maybe_ours = true;
                        deadline = deadline.max(Instant::now() + STANDS_STILL);
                    }
                }
                Creation::NoGroup if vanished < VANISHINGS => {
                    vanished += 1;
                    sleep(pause).await;
                }
                Creation::NoGroup => {
                    let message = format!("the log group {} does not stay", self.group());
                    return Err(CloudError::unexpected("logs:CreateLogStream", message).into());
                }
            }
        }
    }

    /// What the newest runs say, from the newest on: the first that took the lock decides.
    pub(super) async fn chain(
        &self,
        runs: &[Run],
        is_gone: &(dyn Fn(&Process) -> bool + Sync),
    ) -> Result<Chain, CloudError> {
        let mut chain = Chain { run: 0, holder: None, over: Some(0) };
        let mut next = runs.first().cloned();
        while let Some(run) = next {
            let run = self.streams.end_of(run, None).await?;
            chain.run = run.number;
            let before = match lease::judge(&run, self.streams.now(), is_gone) {
                Standing::Held(mut holder) => {
                    if holder.begun.is_none() && !run.lines.is_empty() {
                        // The beginning of a very long journal is on another page.
                        holder.begun = self.streams.whole(run.number).await?.begun().cloned();
                    }
                    chain.holder = Some(holder);
                    break;
                }
                Standing::Over(over) => {
                    chain.over = chain.over.zip(over).map(|(one, other)| one.max(other));
                    break;
                }
                Standing::Silent(over) => {
                    chain.over = chain.over.map(|known| known.max(over));
                    match self.streams.now().saturating_sub(run.created) > SILENCE {
                        true => 0,
                        false => run.number - 1,
                    }
                }
                Standing::Beside(before) => before,
            };
            if before == 0 {
                chain.run = 0;
                break;
            }
            let listed = runs.iter().find(|known| known.number == before).cloned();
            next = listed.or(Some(Run { number: before, ..Run::default() }));
        }
        Ok(chain)
    }
}

/// Whether a lease has stood still for so long that its run cannot be alive, by our own clock: two
/// clocks may disagree, but both run.
fn stands_still(watched: &mut Option<(u64, u64, Instant)>, holder: &Holder) -> bool {
    match watched {
        Some((run, alive, since)) if *run == holder.run && *alive == holder.alive => {
            since.elapsed() > STANDS_STILL
        }
        _ => {
            *watched = Some((holder.run, holder.alive, Instant::now()));
            false
        }
    }
}

/// What the run says of itself that only the lease knows.
pub(super) fn completed(lease: &Lease, begun: Begun) -> Begun {
    Begun { run: lease.number, locked: lease.locked, beside: lease.beside, ..begun }
}
