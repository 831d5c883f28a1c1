//! Elastic Container Registry.

pub mod pull;

use serde::{Deserialize, Serialize};

use super::{Region, Service};
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::tags::Tags;

/// How the router finds it.
pub const SERVICE: Service = Service { name: "ecr", dialect: DIALECT, operations: operations! {} };

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "AmazonEC2ContainerRegistry_V20150921" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
};

/// What it keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {}

/// The ARNs of what has tags in a region, and the tags.
pub fn tagged(_region: &Region) -> Vec<(String, Tags)> {
    Vec::new()
}
