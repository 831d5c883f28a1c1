//! Elastic Container Service.

pub mod cluster;
pub mod task_definition;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;
use crate::world::Site;

/// How the router finds it.
pub const SERVICE: Service = Service { name: "ecs", dialect: DIALECT, operations: operations! {} };

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "AmazonEC2ContainerServiceV20141113" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Clusters by name.
    pub clusters: BTreeMap<String, cluster::Cluster>,
    /// Task definitions by `family:revision`.
    pub task_definitions: BTreeMap<String, task_definition::TaskDefinition>,
}

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

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(_region: &Region) -> Vec<(String, Tags)> {
    Vec::new()
}
