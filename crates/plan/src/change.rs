//! What happens to one thing.

use landfall_model::{Address, Lifecycle, Live, Path, Tags};
use serde_json::Value;

/// In which order the two things of a replacement exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The new one first, so that nothing is ever missing.
    CreateFirst,
    /// The old one goes first, because the two cannot exist side by side.
    DeleteFirst,
}

/// What happens to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is as it should be.
    Keep,
    /// It is made.
    Create,
    /// Some of its fields change in place.
    Update,
    /// It makes room for a new one.
    Replace(Order),
    /// It goes.
    Delete,
    /// It stays in AWS though the stack goes or no longer names it, as its lifecycle says.
    Retain,
}

/// Why, in so far as the field changes don't say it. It explains; it never decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// The spec names it and AWS doesn't have it.
    Missing,
    /// The fields differ.
    Differs,
    /// The spec no longer names it.
    NotInSpec,
    /// An interrupted replacement left it behind.
    LeftOver,
    /// The stack is being destroyed.
    Destroyed,
    /// It failed to come up, with AWS's reason.
    Failed(String),
    /// There is nothing to do.
    Equal,
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub enum Delta {
    /// A value in place of another; `None` where there is none.
    Value {
        /// What is.
        before: Option<Value>,
        /// What is wanted; references that are known only later are tokens in it.
        after: Option<Value>,
    },
    /// Elements of a list that come and go.
    Elements {
        /// What goes.
        removed: Vec<Value>,
        /// What comes.
        added: Vec<Value>,
    },
}

/// A field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Where.
    pub path: Path,
    /// How.
    pub delta: Delta,
    /// Whether it is a document, best shown as a text diff.
    pub document: bool,
    /// Whether the thing has to be replaced because of it.
    pub forces_replacement: bool,
}

/// What happens to one thing, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its address.
    pub address: Address,
    /// What happens.
    pub action: Action,
    /// Why.
    pub because: Because,
    /// Which fields differ.
    pub fields: Vec<FieldChange>,
    /// The thing that exists.
    pub live: Option<Live>,
    /// Its fields as wanted: canonical, with tokens where a value is known only later.
    pub want: Option<Value>,
    /// Its fields as declared, for steps that resolve them again once more is known.
    pub declared: Option<Value>,
    /// Its tags as wanted, those of ownership among them.
    pub tags: Tags,
    /// The generation that the wanted thing has.
    pub generation: u32,
    /// What its author wants to be left alone.
    pub lifecycle: Lifecycle,
    /// What a replacement cannot spare its users, in words.
    pub interruption: Option<&'static str>,
}

impl Change {
    /// Whether a thing is made.
    pub fn creates(&self) -> bool {
        matches!(self.action, Action::Create | Action::Replace(_))
    }

    /// Whether a thing goes.
    pub fn deletes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace(_))
    }

    /// Whether anything happens.
    pub fn acts(&self) -> bool {
        !matches!(self.action, Action::Keep | Action::Retain)
    }
}
