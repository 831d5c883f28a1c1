//! What happens while a plan is applied: the words between the engine and whoever watches it.

use std::time::Duration;

use indexmap::IndexMap;
use landfall_model::{Address, CloudError, Holder, Leftover, Live, Path, Reference, Request};
use serde_json::Value;

use crate::Op;

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// AWS refused a call.
    Refused(Box<CloudError>),
    /// AWS refused for as long as it was worth waiting, with what was waited for.
    TimedOut {
        /// What was waited for.
        because: String,
        /// For how long.
        after: Duration,
        /// AWS's last refusal, if there was one.
        last: Option<Box<CloudError>>,
    },
    /// AWS does not let the thing go while others hold on to it.
    Held {
        /// Who they are.
        holders: Vec<Holder>,
        /// For how long they were waited for.
        after: Duration,
        /// AWS's last refusal.
        last: Box<CloudError>,
    },
    /// The thing will never be usable, with AWS's reason.
    NeverReady(String),
    /// AWS took the change and still answers something else in these fields.
    NotConverging(Vec<Path>),
    /// A field moved that cannot change in place.
    Moved(Path),
    /// The thing is gone though nobody asked for that.
    Vanished,
    /// A value that the step needs never came to be.
    Unresolved(Reference),
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What it was about.
    pub address: Address,
    /// What was being done.
    pub op: Op,
    /// Why it failed.
    pub cause: Cause,
}

/// Something that happened. Events come in one order, from one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step began.
    Started {
        /// What it is about.
        address: Address,
        /// What is being done.
        op: Op,
    },
    /// A step waits for AWS.
    Waiting {
        /// What it is about.
        address: Address,
        /// What is being done.
        op: Op,
        /// What is being waited for.
        because: String,
    },
    /// What a step has called that may have changed something; just before it is said how it ended.
    Called {
        /// What it was about.
        address: Address,
        /// What was done.
        op: Op,
        /// How long it took.
        took: Duration,
        /// The calls.
        requests: Vec<Request>,
    },
    /// A step is done.
    Finished {
        /// What it was about.
        address: Address,
        /// What was done.
        op: Op,
        /// How long it took.
        took: Duration,
    },
    /// A step failed.
    Failed(Failure),
    /// A step never began, because of one that failed.
    Skipped {
        /// What it is about.
        address: Address,
        /// What would have been done.
        op: Op,
        /// Whose failure is in the way.
        because_of: Address,
    },
    /// The user asked to stop: nothing new begins, what is in flight is finished.
    Draining,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Steps that were done, in the order of their ends.
    pub done: Vec<(Address, Op)>,
    /// Steps that failed.
    pub failed: Vec<Failure>,
    /// Steps that never began.
    pub not_started: Vec<(Address, Op)>,
    /// Steps that were in flight when the run was abandoned.
    pub in_flight: Vec<(Address, Op)>,
    /// What is known now of every thing, by address and output.
    pub outputs: IndexMap<Address, serde_json::Map<String, Value>>,
}

/// What a stack still has in AWS once it was to be destroyed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Census {
    /// The stack's things that are still there, where they were read anew. Otherwise the outcome
    /// tells all there is to know.
    pub left: Option<Vec<Live>>,
    /// Things that others had made anew after they were deleted, and that were deleted once more.
    pub again: Vec<Address>,
    /// What the stack leaves behind that no kind stands for.
    pub others: Vec<Leftover>,
    /// Why some of this could not be read.
    pub unread: Option<Box<CloudError>>,
}

impl Outcome {
    /// Whether everything was done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.not_started.is_empty() && self.in_flight.is_empty()
    }
}
