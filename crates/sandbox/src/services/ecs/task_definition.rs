//! Task definitions.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::tags::Tags;
use crate::world::Site;

/// A revision of a task definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// Its family.
    pub family: String,
    /// Its number within the family.
    pub revision: u32,
    /// `ACTIVE`, `INACTIVE` or `DELETE_IN_PROGRESS`.
    pub status: String,
    /// What it says, as `DescribeTaskDefinition` shows it.
    pub definition: Value,
    /// Its tags.
    pub tags: Tags,
}

/// The revision that an ARN, `family:revision` or a family (its newest active one) means.
pub fn resolve<'s>(site: &'s Site<'_>, given: &str) -> Option<&'s TaskDefinition> {
    let name = given.rsplit('/').next().unwrap_or_default();
    let all = &site.region().ecs.task_definitions;
    all.get(name).or_else(|| {
        let mut family = all.values().filter(|one| one.family == name && one.status == "ACTIVE");
        let first = family.next()?;
        Some(family.fold(first, |best, one| if one.revision > best.revision { one } else { best }))
    })
}
