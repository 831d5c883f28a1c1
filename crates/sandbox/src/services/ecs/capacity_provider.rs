//! Capacity providers.

mod change;
mod describe;
mod shape;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refusal::{client, invalid};
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};

pub(super) use change::{create, delete, update};
pub(super) use describe::describe;

/// The ones that every account has.
pub(super) const FARGATE: [&str; 2] = ["FARGATE", "FARGATE_SPOT"];

/// A capacity provider of the account's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapacityProvider {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `ACTIVE` or `INACTIVE`.
    pub status: String,
    /// `UPDATE_IN_PROGRESS` and the like, once it was changed.
    pub update_status: Option<String>,
    /// What it provides, as the API shows it.
    pub kind: Kind,
    /// Its tags.
    pub tags: Tags,
    /// When it was deleted.
    pub deleted: Option<Time>,
}

/// What a capacity provider provides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The instances of an Auto Scaling group: `autoScalingGroupProvider`.
    Group(Value),
    /// Instances that ECS manages for a cluster: that, and `managedInstancesProvider`.
    Instances(String, Value),
}

impl CapacityProvider {
    /// Whether ECS scales its group.
    pub(super) fn has_managed_scaling(&self) -> bool {
        match &self.kind {
            Kind::Group(group) => group["managedScaling"]["status"] == "ENABLED",
            Kind::Instances(..) => false,
        }
    }
}

/// The names of capacity providers that a cluster is to have, given by name or ARN. ECS API,
/// PutClusterCapacityProviders: each exists and is active; 20 at most.
pub(super) fn checked(site: &Site<'_>, given: &[String]) -> Result<Vec<String>, Refused> {
    if given.len() > 20 {
        return Err(invalid(
            "The maximum number of capacity providers per cluster has been exceeded.",
        ));
    }
    let mut names: Vec<String> = Vec::new();
    for one in given {
        let name = name_of(site, one);
        if !FARGATE.contains(&name) {
            let known = site.region().ecs.capacity_providers.get(name).ok_or_else(|| {
                invalid(format!(
                    "The specified capacity provider '{name}' was not found. Specify a valid name \
                     or ARN and try again."
                ))
            })?;
            if known.status != "ACTIVE" {
                return Err(invalid(format!(
                    "The specified capacity provider '{name}' is not in an ACTIVE state. Specify \
                     a valid capacity provider and try again."
                )));
            }
        }
        if names.iter().any(|known| known == name) {
            return Err(invalid(format!("The capacity provider '{name}' is specified twice.")));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// The name in a name or an ARN.
fn name_of<'g>(site: &Site<'_>, given: &'g str) -> &'g str {
    given.strip_prefix(&site.arn("ecs", "capacity-provider/")).unwrap_or(given)
}

fn unknown() -> Refused {
    client(
        "The specified capacity provider does not exist. Specify a valid name or ARN and try \
         again.",
    )
}

/// A change of a capacity provider is done.
pub(super) fn changed(site: &mut Site<'_>, name: &str) {
    let providers = &mut site.region_mut().ecs.capacity_providers;
    let Some(provider) = providers.get_mut(name) else { return };
    match provider.update_status.as_deref() {
        Some("UPDATE_IN_PROGRESS") => provider.update_status = Some("UPDATE_COMPLETE".to_owned()),
        Some("DELETE_IN_PROGRESS") => change::finish(site, name),
        _ => {}
    }
}

/// A deleted capacity provider is shown no more; one made again under its name stays.
pub(super) fn forget(site: &mut Site<'_>, name: &str, deleted: Time) {
    let providers = &mut site.region_mut().ecs.capacity_providers;
    if providers.get(name).is_some_and(|provider| provider.deleted == Some(deleted)) {
        providers.remove(name);
    }
}
