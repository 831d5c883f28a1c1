//! A line per event, for logs and pipes.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use landfall_model::Address;
use landfall_plan::{Event, Op, Plan};

use super::{Elapsed, Progress, failure_line};
use crate::duration;
use crate::fit::{self, pad};
use crate::words::Words;

/// After how long the same wait is said again.
const AGAIN: Duration = Duration::from_secs(30);
/// From when on a quiet step is worth a line.
const LONG: Duration = Duration::from_secs(2);
/// The widest column of addresses.
const WIDEST: usize = 40;

pub(super) struct Plain {
    out: Box<dyn Write>,
    words: Words,
    column: usize,
    clock: Elapsed,
    /// What each step was last said to wait for, and when.
    waits: HashMap<(Address, Op), (String, Duration)>,
}

impl Plain {
    pub(super) fn new(out: Box<dyn Write>, plan: &Plan, clock: Elapsed) -> Plain {
        let acting = plan.changes.iter().filter(|change| change.acts());
        let column = acting.map(|change| change.address.to_string().len()).max().unwrap_or(0);
        let words = Words::new(plan);
        Plain { out, words, column: column.min(WIDEST), clock, waits: HashMap::new() }
    }

    /// A reader that has gone away is no reason to stop changing AWS halfway.
    fn say(&mut self, address: &Address, what: &str) {
        let at = (self.clock)().as_secs_f64();
        let address = pad(&address.to_string(), self.column);
        let _ = writeln!(self.out, "{at:7.1} s  {address}  {}", fit::printable(what));
        let _ = self.out.flush();
    }

    /// Whether a wait is news: another reason, or the same after a while.
    fn is_news(&mut self, address: &Address, op: Op, because: &str) -> bool {
        let now = (self.clock)();
        let last = self.waits.get(&(address.clone(), op));
        let said = last.is_some_and(|(what, at)| what == because && now < *at + AGAIN);
        if !said {
            self.waits.insert((address.clone(), op), (because.to_owned(), now));
        }
        !said
    }
}

impl Progress for Plain {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Started { address, op } => {
                if !self.words.is_quiet(address, *op) {
                    self.say(address, self.words.running(address, *op));
                }
            }
            Event::Waiting { address, op, because } => {
                if self.is_news(address, *op, because) {
                    let running = self.words.running(address, *op);
                    self.say(address, &format!("{running} · {because}"));
                }
            }
            // For the journal.
            Event::Called { .. } => {}
            Event::Finished { address, op, took } => {
                if !self.words.is_quiet(address, *op) || *took > LONG {
                    let done = self.words.done(address, *op);
                    self.say(address, &format!("{done} in {}", duration::words(*took)));
                }
            }
            Event::Failed(failure) => {
                let failed = self.words.failed(&failure.address, failure.op);
                let cause = failure_line(&failure.cause);
                self.say(&failure.address, &format!("{failed}: {cause}"));
            }
            Event::Skipped { address, op, because_of } => {
                // One line per thing: its other steps fall with the first.
                if matches!(op, Op::Create | Op::Delete)
                    || *op == Op::Settle && !self.words.is_quiet(address, *op)
                {
                    self.say(address, &format!("not started, because {because_of} failed"));
                }
            }
            Event::Draining => {
                let at = (self.clock)().as_secs_f64();
                let _ = writeln!(self.out, "{at:7.1} s  stopping: {}", super::DRAINING);
                let _ = self.out.flush();
            }
        }
    }

    fn finish(&mut self) {
        let _ = self.out.flush();
    }
}
