//! The journal of a run: what it was about to do and what came of it, as lines of JSON. Names,
//! numbers and AWS's own words stand in it; values of fields never do.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Address, Request};

/// What the lines of this version begin with. Keys may be added within version 1.
pub const FORMAT: &str = "landfall.journal/1";

/// A line: an event of CloudWatch Logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// [`FORMAT`].
    pub format: String,
    /// Its place in the journal, from 1. One that is written twice, because an answer was lost, has
    /// the same number; where one is missing, it could not be written. 0: another run's line.
    pub number: u64,
    /// What happened.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// The run holds the lock, or does without.
    Begun(Box<Begun>),
    /// What it is about to do; in several lines, where that is much.
    Planned {
        /// Steps.
        steps: Vec<PlannedStep>,
    },
    /// It is still at it.
    Renewed,
    /// A step is done.
    Done(StepDone),
    /// A step failed.
    Failed(StepFailed),
    /// The run is over, and the lock is free.
    Ended(Ended),
    /// Somebody else has freed the lock.
    Unlocked(Unlocked),
}

/// Who runs what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Begun {
    /// The number of the run.
    pub run: u64,
    /// Who: `ana@laptop`.
    pub who: String,
    /// The ARN that the credentials belong to.
    pub caller: String,
    /// The command: `apply`.
    pub command: String,
    /// The version of landfall.
    pub landfall: String,
    /// The spec's path as given.
    pub spec: String,
    /// SHA-256 of the spec's text, in hexadecimal digits.
    pub digest: String,
    /// Its process, where others on the same machine can see whether it is still there.
    pub process: Option<Process>,
    /// Whether it holds the lock (not with `--no-lock`).
    pub locked: bool,
    /// Without a lock: the number of the newest run that took it; 0 if there is none.
    pub beside: u64,
}

/// A process, such that its like on the same machine can tell whether it still runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// A hash that is the same within one boot of one machine and one namespace of processes.
    pub machine: String,
    /// Its id there.
    pub id: u32,
    /// When it started, in the machine's own units: ids come again.
    pub started: String,
}

/// A step that is about to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedStep {
    /// What it is about.
    pub address: Address,
    /// What is to be done: `create`.
    pub step: String,
}

/// A step that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// What it was about.
    pub address: Address,
    /// What was done.
    pub step: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Calls that may have changed something.
    pub requests: Vec<Request>,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFailed {
    /// What it was about.
    pub address: Address,
    /// What was being done.
    pub step: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// AWS's code, where AWS refused.
    pub code: Option<String>,
    /// Why.
    pub message: String,
    /// Calls that may have changed something, and the one that was refused.
    pub requests: Vec<Request>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// How.
    pub outcome: RunOutcome,
    /// How many resources are done.
    pub resources: usize,
    /// How many steps are done.
    pub done: usize,
    /// How many steps failed.
    pub failed: usize,
    /// How many steps never began.
    pub not_started: usize,
    /// How many steps were left in flight.
    pub in_flight: usize,
}

/// How a run ended, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// All was done.
    Done,
    /// Something failed.
    Failed,
    /// It was stopped before its end.
    Stopped,
}

/// Who freed the lock of another run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlocked {
    /// Who: `ana@laptop`.
    pub who: String,
    /// The ARN that the credentials belong to.
    pub caller: String,
}

/// A line that was read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// What it says; `None` where this landfall does not understand it.
    pub entry: Option<Entry>,
    /// When it happened by the run's clock, in milliseconds since 1970.
    pub at: u64,
    /// When AWS took it, in milliseconds since 1970.
    pub ingested: u64,
}

/// A run, as far as its journal tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// Its number, from 1.
    pub number: u64,
    /// When AWS made its log stream, in milliseconds since 1970.
    pub created: u64,
    /// The last sign of life beside the lines, in milliseconds since 1970.
    pub seen: u64,
    /// Its lines in order; the first may be missing where only the last were read.
    pub lines: Vec<Written>,
}

impl Entry {
    /// The entry as a line of a journal.
    pub fn line(&self, number: u64) -> String {
        let line = Line { format: FORMAT.to_owned(), number, entry: self.clone() };
        // Nothing in it can fail to be written.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

impl Run {
    /// Takes events in the order in which AWS answers them; repeated ones count once.
    pub fn read(&mut self, events: impl IntoIterator<Item = (String, u64, u64)>) {
        let mut lines: Vec<(u64, u64, Written)> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for (message, at, ingested) in events {
            if known.contains(&message) {
                continue;
            }
            let line = serde_json::from_str::<Line>(&message).ok();
            let line = line.filter(|line| line.format == FORMAT);
            let number = line.as_ref().map_or(0, |line| line.number);
            let entry = line.map(|line| line.entry);
            lines.push((at, number, Written { entry, at, ingested }));
            known.insert(message);
        }
        lines.sort_by_key(|(at, number, _)| (*at, *number));
        self.lines = lines.into_iter().map(|(_, _, written)| written).collect();
    }

    /// Its entries in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().filter_map(|line| line.entry.as_ref())
    }

    /// Who ran what, if that was written.
    pub fn begun(&self) -> Option<&Begun> {
        self.entries().find_map(|entry| match entry {
            Entry::Begun(begun) => Some(begun.as_ref()),
            _ => None,
        })
    }

    /// How it ended, and when by its own clock, if that was written.
    pub fn ended(&self) -> Option<(&Ended, u64)> {
        self.lines.iter().find_map(|line| match &line.entry {
            Some(Entry::Ended(ended)) => Some((ended, line.at)),
            _ => None,
        })
    }

    /// Who freed its lock, if somebody did.
    pub fn unlocked(&self) -> Option<&Unlocked> {
        self.entries().find_map(|entry| match entry {
            Entry::Unlocked(unlocked) => Some(unlocked),
            _ => None,
        })
    }

    /// The last sign of life, in milliseconds since 1970.
    pub fn alive(&self) -> u64 {
        let signs = self.lines.iter().map(|line| line.ingested);
        signs.chain([self.created, self.seen]).max().unwrap_or(0)
    }
}

/// SHA-256 of a text, in hexadecimal digits.
pub fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_it_is_and_is_read_back() {
        let ended = Ended {
            outcome: RunOutcome::Done,
            resources: 1,
            done: 2,
            failed: 0,
            not_started: 0,
            in_flight: 0,
        };
        let line = Entry::Ended(ended.clone()).line(7);
        let shape = r#"{"format":"landfall.journal/1","number":7,"event":"ended","outcome":"done","resources":1,"done":2,"failed":0,"not_started":0,"in_flight":0}"#;
        assert_eq!(line, shape);
        let mut run = Run::default();
        run.read([(line, 5, 6)]);
        assert_eq!(run.ended(), Some((&ended, 5)));
    }

    #[test]
    fn lines_come_in_order_and_once_and_strangers_are_signs_of_life() {
        let begun = Entry::Begun(Box::default());
        let mut run = Run { created: 1, ..Run::default() };
        let stranger = r#"{"format":"landfall.journal/2","number":1,"event":"begun"}"#.to_owned();
        run.read([
            (Entry::Renewed.line(2), 10, 11),
            (begun.line(1), 10, 11),
            (Entry::Renewed.line(2), 10, 14),
            (stranger, 20, 21),
            ("no JSON".to_owned(), 30, 31),
        ]);
        let entries: Vec<&Entry> = run.entries().collect();
        assert_eq!(entries, [&begun, &Entry::Renewed]);
        assert_eq!((run.lines.len(), run.alive()), (4, 31));
    }
}
