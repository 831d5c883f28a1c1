//! Writing the journal, and with it the signs of life that keep the lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use landfall_model::journal::{Begun, Ended, Entry, Unlocked};
use landfall_model::lease::{LOST_AFTER, RENEWAL, millis};
use landfall_model::{CloudError, Refusal};
use tokio::sync::{Mutex as Turn, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::acquire::{Lease, completed};
use super::streams::Streams;

/// How often the lease is looked after.
const LOOK: Duration = Duration::from_secs(5);
/// How long a call may take. Lines that were not written are written with the next ones.
const PATIENCE: Duration = Duration::from_secs(10);

/// `logs:PutLogEvents`: at most 10,000 events and 1 MB a call, 26 bytes more for each event, and no
/// more than 24 hours from the first to the last. Half of it, so that nobody has to count.
const MOST_EVENTS: usize = 5000;
const MOST_BYTES: usize = 512 * 1024;
const LONGEST_SPAN: Duration = Duration::from_secs(12 * 60 * 60);

/// How many lines a run may write at most from one sign of life to the next, without missing that
/// somebody has freed its lock in between.
const LAST_LINES: i32 = 100;

/// How the lock was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// There was no sign of life for too long.
    Lapsed,
    /// Somebody freed it.
    Unlocked(Unlocked),
}

/// A moment by both clocks: the one stands still while the machine sleeps, the other may be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alive {
    steady: Instant,
    wall: u64,
}

impl Alive {
    pub(super) fn now(streams: &Streams) -> Alive {
        Alive { steady: Instant::now(), wall: streams.now() }
    }

    fn age(self, streams: &Streams) -> Duration {
        let wall = Duration::from_millis(streams.now().saturating_sub(self.wall));
        self.steady.elapsed().max(wall)
    }
}

/// The journal of a run that is under way. As long as it lives, the lock is kept.
#[derive(Debug)]
pub struct Journal {
    pen: Arc<Pen>,
    alone: bool,
    keeper: JoinHandle<()>,
    lost: watch::Receiver<Option<Lost>>,
}

#[derive(Debug)]
struct Pen {
    streams: Streams,
    run: u64,
    locked: bool,
    waiting: Mutex<Waiting>,
    /// The last sign of life.
    alive: Mutex<Alive>,
    /// One writes at a time.
    turn: Turn<()>,
    /// What went wrong last.
    problem: Mutex<Option<String>>,
}

/// Lines that are not written yet.
#[derive(Debug, Default)]
struct Waiting {
    /// The number of the last line.
    number: u64,
    /// Its time.
    at: u64,
    lines: VecDeque<(u64, String)>,
}

impl Journal {
    pub(super) async fn open(lease: Lease, begun: Begun, then: &[Entry]) -> Journal {
        let begun = Entry::Begun(Box::new(completed(&lease, begun)));
        let alone = lease.alone;
        let pen = Arc::new(Pen {
            streams: lease.streams,
            run: lease.number,
            locked: lease.locked,
            waiting: Mutex::default(),
            alive: Mutex::new(lease.alive),
            turn: Turn::default(),
            problem: Mutex::new(lease.problem),
        });
        pen.note(&begun);
        then.iter().for_each(|entry| pen.note(entry));
        let (losing, lost) = watch::channel(None);
        let keeper = tokio::spawn(keep(Arc::clone(&pen), losing));
        let journal = Journal { pen, alone, keeper, lost };
        journal.flush().await;
        journal
    }

    /// The number of the run.
    pub fn number(&self) -> u64 {
        self.pen.run
    }

    /// Tells when the lock is lost.
    pub fn lost(&self) -> watch::Receiver<Option<Lost>> {
        self.lost.clone()
    }

    /// Notes what happened. It is written with the next sign of life, or at the end.
    pub fn note(&self, entry: &Entry) {
        self.pen.note(entry);
    }

    /// Writes what was noted. What cannot be written is tried again later.
    pub async fn flush(&self) {
        // The end tells what could not be written.
        let _ = self.pen.flush().await;
    }

    /// Ends the journal and frees the lock. Tells why the journal is incomplete, if it is.
    pub async fn close(self, ended: Ended) -> Option<String> {
        self.keeper.abort();
        self.pen.note(&Entry::Ended(ended));
        match self.pen.flush().await {
            // What went wrong on the way was made up for, but for what has nothing to do with it.
            Ok(()) => locked(&self.pen.problem).take(),
            Err(error) => Some(format!("it is incomplete: {error}")),
        }
    }

    /// Deletes the journals of all runs, and the lock with them. Not where the lock is another's:
    /// then it answers false.
    pub async fn remove_all(&self) -> Result<bool, CloudError> {
        if !self.alone || self.lost.borrow().is_some() {
            return Ok(false);
        }
        self.keeper.abort();
        self.pen.streams.delete_group().await.map(|()| true)
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

impl Pen {
    fn note(&self, entry: &Entry) {
        let now = self.streams.now();
        let mut waiting = locked(&self.waiting);
        waiting.number += 1;
        // CloudWatch Logs wants the lines of a call in the order of their times.
        waiting.at = waiting.at.max(now);
        let line = (waiting.at, entry.line(waiting.number));
        waiting.lines.push_back(line);
    }

    /// The next lines that fit into a call.
    fn next(&self) -> Vec<(u64, String)> {
        let waiting = locked(&self.waiting);
        let first = waiting.lines.front().map_or(0, |(at, _)| *at);
        let mut bytes = 0;
        let fits = waiting.lines.iter().take(MOST_EVENTS).take_while(|(at, line)| {
            let alone = bytes == 0;
            bytes += line.len() + 26;
            alone || bytes <= MOST_BYTES && at - first <= millis(LONGEST_SPAN)
        });
        fits.cloned().collect()
    }

    async fn flush(&self) -> Result<(), CloudError> {
        let _turn = self.turn.lock().await;
        loop {
            let lines = self.next();
            if lines.is_empty() {
                return Ok(());
            }
            let begun = Alive::now(&self.streams);
            let put = timeout(PATIENCE, self.streams.put(self.run, &lines)).await;
            put.unwrap_or_else(|_| Err(unanswered()))?;
            *locked(&self.alive) = begun;
            locked(&self.waiting).lines.drain(..lines.len());
        }
    }

    fn age(&self) -> Duration {
        locked(&self.alive).age(&self.streams)
    }

    /// A line that says nothing but that the run is alive, where there is no other.
    fn renew(&self) {
        if locked(&self.waiting).lines.is_empty() {
            self.note(&Entry::Renewed);
        }
    }

    /// A sign of life without a line, where lines are refused.
    async fn sign(&self, sign: u64) {
        let begun = Alive::now(&self.streams);
        let made = timeout(PATIENCE, self.streams.create_sign(self.run, sign)).await;
        if matches!(made, Ok(Ok(()))) {
            *locked(&self.alive) = begun;
        }
    }

    /// Who has freed the lock, if somebody has.
    async fn unlocked(&self) -> Option<Unlocked> {
        let run = landfall_model::journal::Run { number: self.run, ..Default::default() };
        let read = timeout(PATIENCE, self.streams.end_of(run, Some(LAST_LINES))).await;
        read.ok()?.ok()?.unlocked().cloned()
    }
}

/// Gives signs of life until it is stopped, and tells when the lock is lost.
async fn keep(pen: Arc<Pen>, losing: watch::Sender<Option<Lost>>) {
    let lose = |how: Lost| {
        let first = pen.locked && losing.borrow().is_none();
        if first {
            losing.send_replace(Some(how));
        }
    };
    let mut signs = 0;
    loop {
        sleep(LOOK).await;
        if pen.age() >= LOST_AFTER {
            lose(Lost::Lapsed);
        }
        if pen.age() < RENEWAL {
            continue;
        }
        pen.renew();
        match pen.flush().await {
            Ok(()) => {
                if let Some(unlocked) = pen.unlocked().await {
                    lose(Lost::Unlocked(unlocked));
                }
            }
            Err(error) if error.code.is_some() => {
                signs += 1;
                pen.sign(signs).await;
            }
            Err(_) => {}
        }
    }
}

fn unanswered() -> CloudError {
    CloudError {
        refusal: Refusal::Unreachable,
        ..CloudError::unexpected("logs:PutLogEvents", "no answer in time")
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
