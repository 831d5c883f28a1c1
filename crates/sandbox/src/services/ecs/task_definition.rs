//! Task definitions.

mod check;
mod container;
mod dependencies;
mod describe;
mod fargate;
mod list;
mod read_back;
mod register;
mod requires;
mod retire;
mod shape;
#[cfg(test)]
mod tests;
mod volume;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{service, task};
use crate::tags::Tags;
use crate::world::Site;

pub(super) use describe::describe;
pub(super) use list::{families, list};
pub(super) use register::register;
pub(super) use retire::{delete, deregister};

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

/// The last revision of each family. Numbers are not used again even when all revisions are gone,
/// so this is no part of what makes two states differ.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Revisions(BTreeMap<String, u32>);

impl PartialEq for Revisions {
    fn eq(&self, _: &Revisions) -> bool {
        true
    }
}

impl Revisions {
    /// The next number of a family.
    fn next(&mut self, family: &str) -> u32 {
        let last = self.0.entry(family.to_owned()).or_default();
        *last += 1;
        *last
    }
}

impl TaskDefinition {
    /// Gives it another status, and the time of that under this name.
    fn turn(&mut self, status: &str, moment: &str, at: Value) {
        status.clone_into(&mut self.status);
        if let Some(definition) = self.definition.as_object_mut() {
            definition.insert("status".to_owned(), json!(status));
            definition.insert(moment.to_owned(), at);
        }
    }
}

/// The revision that an ARN, `family:revision` or a family (its newest active one) means.
pub fn resolve<'s>(site: &'s Site<'_>, given: &str) -> Option<&'s TaskDefinition> {
    let here = site.arn("ecs", "task-definition/");
    let name = if given.starts_with("arn:") { given.strip_prefix(&here)? } else { given };
    let all = &site.region().ecs.task_definitions;
    all.get(name).or_else(|| {
        let mut family = all.values().filter(|one| one.family == name && one.status == "ACTIVE");
        let first = family.next()?;
        Some(family.fold(first, |best, one| if one.revision > best.revision { one } else { best }))
    })
}

/// Whether a service, a deployment or a task still refers to a revision.
pub fn is_in_use(site: &Site<'_>, definition: &TaskDefinition) -> bool {
    let ecs = &site.region().ecs;
    let services = ecs.services.values();
    let mut services = services.filter(|service| service.status != service::Status::Inactive);
    let mut tasks = ecs.tasks.values().filter(|task| task.status < task::Status::Stopped);
    services.any(|service| service.workload.definition == definition.arn)
        || tasks.any(|task| task.definition == definition.arn)
}

/// A deleted revision is gone, once nothing refers to it any more. ECS API, DeleteTaskDefinitions.
pub(super) fn deleted(site: &mut Site<'_>, name: &str) {
    let Some(found) = site.region().ecs.task_definitions.get(name) else { return };
    if found.status == "DELETE_IN_PROGRESS" && !is_in_use(site, found) {
        site.region_mut().ecs.task_definitions.remove(name);
    }
}

/// Something has ended that may have been the last to refer to a revision.
pub(super) fn let_go(site: &mut Site<'_>, arn: &str) {
    let here = site.arn("ecs", "task-definition/");
    if let Some(name) = arn.strip_prefix(&here) {
        deleted(site, name);
    }
}
