//! Identity and Access Management.

pub mod assume;

use serde::{Deserialize, Serialize};

use super::{Global, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service = Service { name: "iam", dialect: DIALECT, operations: operations! {} };

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Query {
        version: "2010-05-08",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
    },
    missing: "ValidationError",
    unknown: "ValidationError",
    invalid: "ValidationError",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {}

impl Event {
    /// Lets it happen.
    pub fn happen(self, _: &mut Site<'_>) {
        match self {}
    }
}

/// The ARNs of what has tags, and the tags.
pub fn tagged(_global: &Global) -> Vec<(String, Tags)> {
    Vec::new()
}
