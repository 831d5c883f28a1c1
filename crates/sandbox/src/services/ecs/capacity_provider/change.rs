//! `CreateCapacityProvider`, `UpdateCapacityProvider` and `DeleteCapacityProvider`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::describe::shown;
use super::shape::{self, GroupProvider, GroupProviderUpdate};
use super::{CapacityProvider, FARGATE, Kind, name_of, unknown};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::refusal::{client, invalid};
use crate::services::ecs::tag::{self, Tag};
use crate::services::ecs::{Event, cluster};
use crate::services::iam::assume;
use crate::world::{Site, Wait};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct CreateCapacityProvider {
    name: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    auto_scaling_group_provider: Option<GroupProvider>,
    #[serde(default)]
    managed_instances_provider: Option<Value>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct UpdateCapacityProvider {
    name: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    auto_scaling_group_provider: Option<GroupProviderUpdate>,
    #[serde(default)]
    managed_instances_provider: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct DeleteCapacityProvider {
    capacity_provider: String,
    #[serde(default)]
    cluster: Option<String>,
}

/// ECS API, CreateCapacityProvider: up to 255 letters, numbers, underscores and hyphens; not
/// `aws…`, `ecs…` or `fargate…`.
fn check_name(name: &str) -> Result<(), Refused> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if !(1..=255).contains(&name.len()) || !name.chars().all(fits) {
        return Err(invalid(
            "The capacity provider name is not valid. Up to 255 characters are allowed. They \
             include letters (both upper and lowercase letters), numbers, underscores (_), and \
             hyphens (-).",
        ));
    }
    let lower = name.to_ascii_lowercase();
    if ["aws", "ecs", "fargate"].iter().any(|prefix| lower.starts_with(prefix)) {
        return Err(invalid(
            "The capacity provider name is not valid. The name can't be prefixed with \"aws\", \
             \"ecs\", or \"fargate\".",
        ));
    }
    Ok(())
}

/// `CreateCapacityProvider`.
pub(in crate::services::ecs) fn create(
    site: &mut Site<'_>,
    input: CreateCapacityProvider,
) -> Answer {
    check_name(&input.name)?;
    let tags = tag::read(input.tags)?;
    let existing = site.region().ecs.capacity_providers.get(&input.name);
    if existing.is_some_and(|existing| existing.status == "ACTIVE") {
        return Err(client(
            "The specified capacity provider already exists. To change the configuration of an \
             existing capacity provider, update the capacity provider.",
        ));
    }
    let kind = match (input.auto_scaling_group_provider, input.managed_instances_provider) {
        (Some(group), None) => Kind::Group(shape::group(group)?),
        (None, Some(instances)) => {
            let Some(cluster) = input.cluster else {
                return Err(invalid("A cluster must be specified for managed instances."));
            };
            let cluster = cluster::named(site, Some(&cluster))?.name.clone();
            Kind::Instances(cluster, shape::instances(instances)?)
        }
        _ => {
            return Err(invalid(
                "Specify exactly one of autoScalingGroupProvider and managedInstancesProvider.",
            ));
        }
    };
    if let Kind::Group(group) = &kind {
        let arn = &group["autoScalingGroupArn"];
        let all = site.region().ecs.capacity_providers.values();
        let mut active = all.filter(|one| one.status == "ACTIVE");
        let has = |one: &CapacityProvider| matches!(&one.kind, Kind::Group(of) if of["autoScalingGroupArn"] == *arn);
        if active.any(has) {
            return Err(client(
                "The specified Auto Scaling group ARN is already being used by another capacity \
                 provider. Specify a unique Auto Scaling group ARN and try again.",
            ));
        }
    }
    if !assume::service_linked(site, "ecs.amazonaws.com") {
        return Err(invalid(
            "Unable to assume the service linked role. Please verify that the ECS service linked \
             role exists.",
        ));
    }
    let made = CapacityProvider {
        arn: site.arn("ecs", &format!("capacity-provider/{}", input.name)),
        name: input.name.clone(),
        status: "ACTIVE".to_owned(),
        update_status: None,
        kind,
        tags,
        deleted: None,
    };
    let answer = json!({ "capacityProvider": shown(&made, true) });
    site.region_mut().ecs.capacity_providers.insert(input.name, made);
    Ok(answer)
}

/// `UpdateCapacityProvider`: what is not given stays.
pub(in crate::services::ecs) fn update(
    site: &mut Site<'_>,
    input: UpdateCapacityProvider,
) -> Answer {
    let before = own(site, &input.name, input.cluster.as_deref(), "updated")?;
    let name = before.name.clone();
    let kind =
        match (&before.kind, input.auto_scaling_group_provider, input.managed_instances_provider) {
            (Kind::Group(before), Some(given), None) => Kind::Group(shape::changed(before, given)?),
            (Kind::Instances(cluster, before), None, Some(given)) => {
                Kind::Instances(cluster.clone(), over(before, given))
            }
            _ => {
                return Err(invalid(
                    "The configuration does not belong to the type of the capacity provider.",
                ));
            }
        };
    let providers = &mut site.region_mut().ecs.capacity_providers;
    let Some(provider) = providers.get_mut(&name) else { return Err(unknown()) };
    provider.kind = kind;
    provider.update_status = Some("UPDATE_IN_PROGRESS".to_owned());
    let answer = json!({ "capacityProvider": shown(provider, true) });
    site.later(Wait::CapacityProviderChanged, Event::CapacityProviderChanged { name });
    Ok(answer)
}

/// `DeleteCapacityProvider`: not while a cluster has it.
pub(in crate::services::ecs) fn delete(
    site: &mut Site<'_>,
    input: DeleteCapacityProvider,
) -> Answer {
    let provider = own(site, &input.capacity_provider, input.cluster.as_deref(), "deleted")?;
    let name = provider.name.clone();
    let clusters = site.region().ecs.clusters.values();
    if clusters.clone().any(|cluster| cluster.capacity_providers.contains(&name)) {
        return Err(client("The specified capacity provider is in use and cannot be removed."));
    }
    let providers = &mut site.region_mut().ecs.capacity_providers;
    let Some(provider) = providers.get_mut(&name) else { return Err(unknown()) };
    provider.update_status = Some("DELETE_IN_PROGRESS".to_owned());
    let answer = json!({ "capacityProvider": shown(provider, true) });
    site.later(Wait::CapacityProviderChanged, Event::CapacityProviderChanged { name });
    Ok(answer)
}

/// It is deleted: `INACTIVE` until it is forgotten.
pub(super) fn finish(site: &mut Site<'_>, name: &str) {
    let deleted = site.now();
    if let Some(provider) = site.region_mut().ecs.capacity_providers.get_mut(name) {
        "INACTIVE".clone_into(&mut provider.status);
        provider.update_status = Some("DELETE_COMPLETE".to_owned());
        provider.deleted = Some(deleted);
    }
    let name = name.to_owned();
    let event = Event::CapacityProviderForgotten { name, deleted };
    site.later(Wait::CapacityProviderForgotten, event);
}

/// An active capacity provider that can be changed.
fn own<'s>(
    site: &'s Site<'_>,
    given: &str,
    in_cluster: Option<&str>,
    what: &str,
) -> Result<&'s CapacityProvider, Refused> {
    if let Some(given) = in_cluster {
        cluster::named(site, Some(given))?;
    }
    let name = name_of(site, given);
    if FARGATE.contains(&name) {
        return Err(client(format!(
            "The FARGATE and FARGATE_SPOT capacity providers are reserved and can't be {what}."
        )));
    }
    let found = site.region().ecs.capacity_providers.get(name);
    let found = found.filter(|found| found.status == "ACTIVE").ok_or_else(unknown)?;
    if found.update_status.as_deref().is_some_and(|status| status.ends_with("_IN_PROGRESS")) {
        return Err(Refused::new(
            "UpdateInProgressException",
            "The specified capacity provider is being updated. Wait until the update is complete \
             and try again.",
        ));
    }
    Ok(found)
}

/// An object with the members of another in place of its own.
fn over(before: &Value, given: Value) -> Value {
    match (before, given) {
        (Value::Object(before), Value::Object(given)) => {
            let mut both = before.clone();
            for (name, value) in given {
                let value = over(before.get(&name).unwrap_or(&Value::Null), value);
                both.insert(name, value);
            }
            Value::Object(both)
        }
        (_, given) => given,
    }
}
