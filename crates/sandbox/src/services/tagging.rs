//! The Resource Groups Tagging API.

use serde::{Deserialize, Serialize};

use super::Service;
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service =
    Service { name: "tagging", dialect: DIALECT, operations: operations! {} };

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "ResourceGroupsTaggingAPI_20170126" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
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

/// Takes note that something may have got, changed or lost its tags: the index learns of it later.
pub fn changed(_site: &mut Site<'_>) {}
