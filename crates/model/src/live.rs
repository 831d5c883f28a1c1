//! Things that exist in AWS, in the words of the spec.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Address, Owner, Tags};

/// How far a thing is on its way to being usable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Readiness {
    /// It can be used.
    Ready,
    /// Not yet, with what it waits for (`provisioning`, `1 of 2 tasks running`).
    Pending(String),
    /// It will never be, with AWS's reason.
    Failed(String),
    /// It is going away by itself.
    Leaving(String),
}

/// A thing that exists in AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Live {
    /// The kind that read it.
    pub kind: String,
    /// AWS's identifier: an id, ARN or name, whatever the kind's calls take.
    pub id: String,
    /// Its fields, canonical: written by the same type that reads the spec.
    pub spec: Value,
    /// What other resources can refer to.
    pub outputs: Map<String, Value>,
    /// Its tags, AWS's own left out.
    pub tags: Tags,
    /// Whether it can be used.
    pub readiness: Readiness,
}

impl Live {
    /// Whose it is.
    pub fn owner(&self) -> Option<Owner> {
        Owner::from_tags(&self.tags)
    }

    /// Its address, if the given stack owns it.
    pub fn address_in(&self, stack: &str) -> Option<Address> {
        self.owner().filter(|owner| owner.stack == stack).map(|owner| owner.address)
    }

    /// Its generation; 0 where nobody's tags are on it.
    pub fn generation(&self) -> u32 {
        self.owner().map_or(0, |owner| owner.generation)
    }
}

/// What a create call answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// AWS's identifier of the new thing.
    pub id: String,
    /// What other resources can refer to.
    pub outputs: Map<String, Value>,
}
