//! Clusters.

use serde::{Deserialize, Serialize};

use crate::tags::Tags;
use crate::world::Site;

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// Its capacity providers.
    pub capacity_providers: Vec<String>,
    /// Where its tasks run unless they say so themselves, as the API shows it.
    pub default_strategy: Vec<serde_json::Value>,
    /// Its tags.
    pub tags: Tags,
}

/// The active cluster that a name or an ARN means; `default` where none is given.
pub fn resolve<'s>(site: &'s Site<'_>, given: Option<&str>) -> Option<&'s Cluster> {
    let name = given.unwrap_or("default").rsplit('/').next().unwrap_or_default();
    site.region().ecs.clusters.get(name).filter(|cluster| cluster.status == "ACTIVE")
}
