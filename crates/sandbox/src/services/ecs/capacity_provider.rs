//! Capacity providers.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refusal::invalid;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

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
    /// Its Auto Scaling group and how that is scaled, as the API shows it.
    pub group: Value,
    /// `UPDATE_COMPLETE` and the like, once it was changed.
    pub update_status: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl CapacityProvider {
    /// Whether ECS scales its group.
    pub(super) fn has_managed_scaling(&self) -> bool {
        self.group.pointer("/managedScaling/status").is_some_and(|status| status == "ENABLED")
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
    let here = site.arn("ecs", "capacity-provider/");
    let mut names: Vec<String> = Vec::new();
    for one in given {
        let name = one.strip_prefix(&here).unwrap_or(one);
        let known = &site.region().ecs.capacity_providers;
        let is_active = FARGATE.contains(&name)
            || known.get(name).is_some_and(|provider| provider.status == "ACTIVE");
        if !is_active {
            return Err(invalid(format!(
                "The specified capacity provider '{name}' was not found. Specify a valid name or \
                 ARN and try again."
            )));
        }
        if names.iter().any(|known| known == name) {
            return Err(invalid(format!("The capacity provider '{name}' is specified twice.")));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}
