//! Tags: in calls, in answers, and on things that are there.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{cluster_inactive, cluster_not_found, invalid};
use super::{State, capacity_provider, cluster, service, task, task_definition};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::Region;
use crate::tags::{self, Tags};
use crate::world::Site;

/// A tag as calls carry it. ECS API, Tag: a value is not needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    value: Option<String>,
}

/// The tags of a call.
pub(super) fn read(given: Vec<Tag>) -> Result<Tags, Refused> {
    let mut read = Tags::new();
    for Tag { key, value } in given {
        let key = key.ok_or_else(|| invalid("Tag key cannot be null or empty."))?;
        if read.insert(key.clone(), value.unwrap_or_default()).is_some() {
            return Err(invalid(format!("Duplicate tag keys found: {key}")));
        }
    }
    tags::objection(&read).map_or(Ok(read), |objection| Err(invalid(objection)))
}

/// Tags as answers carry them.
pub(super) fn shown(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListTagsForResource {
    resource_arn: String,
}

/// `TagResource`.
pub(super) fn tag(site: &mut Site<'_>, input: TagResource) -> Answer {
    let new = read(input.tags)?;
    let tags = of(site, &input.resource_arn)?;
    let mut all = tags.clone();
    all.extend(new);
    if let Some(objection) = tags::objection(&all) {
        return Err(invalid(objection));
    }
    *tags = all;
    Ok(json!({}))
}

/// `UntagResource`.
pub(super) fn untag(site: &mut Site<'_>, input: UntagResource) -> Answer {
    of(site, &input.resource_arn)?.retain(|key, _| !input.tag_keys.contains(key));
    Ok(json!({}))
}

/// `ListTagsForResource`.
pub(super) fn list(site: &mut Site<'_>, input: ListTagsForResource) -> Answer {
    let tags = of(site, &input.resource_arn)?;
    Ok(json!({ "tags": shown(tags) }))
}

/// The tags on the thing that an ARN names.
fn of<'s>(site: &'s mut Site<'_>, arn: &str) -> Result<&'s mut Tags, Refused> {
    let here = site.arn("ecs", "");
    let resource = arn
        .strip_prefix(&here)
        .ok_or_else(|| invalid(format!("Invalid identifier: {arn} is not an ARN of ECS here.")))?;
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    let state = &mut site.region_mut().ecs;
    match kind {
        "cluster" => of_cluster(state, rest),
        "task-definition" => of_task_definition(state, rest),
        "capacity-provider" => of_capacity_provider(state, rest),
        "service" => of_service(state, rest),
        "task" => of_task(state, rest),
        "container-instance" => Err(not_found(kind)),
        _ => Err(invalid(format!("Invalid identifier: unknown resource type {kind}"))),
    }
}

fn not_found(kind: &str) -> Refused {
    let message = format!("The specified {kind} was not found. Specify a valid ARN and try again.");
    Refused::new("ResourceNotFoundException", message)
}

fn of_cluster<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Tags, Refused> {
    let cluster: &mut cluster::Cluster =
        state.clusters.get_mut(name).ok_or_else(cluster_not_found)?;
    if cluster.status == "INACTIVE" { Err(cluster_inactive()) } else { Ok(&mut cluster.tags) }
}

fn of_task_definition<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Tags, Refused> {
    let found: Option<&mut task_definition::TaskDefinition> = state.task_definitions.get_mut(name);
    found.map(|found| &mut found.tags).ok_or_else(|| not_found("task definition"))
}

/// ECS API, TagResource: of services that are there.
fn of_service<'s>(state: &'s mut State, key: &str) -> Result<&'s mut Tags, Refused> {
    match state.services.get_mut(key) {
        Some(found) if found.status == service::Status::Active => Ok(&mut found.tags),
        Some(_) => Err(service::not_active()),
        None => Err(not_found("service")),
    }
}

fn of_task<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Tags, Refused> {
    let (cluster, id) = name.split_once('/').unwrap_or(("", name));
    let found =
        state.tasks.get_mut(id).filter(|task| cluster.is_empty() || task.cluster == cluster);
    found.map(|task| &mut task.tags).ok_or_else(|| not_found("task"))
}

fn of_capacity_provider<'s>(state: &'s mut State, name: &str) -> Result<&'s mut Tags, Refused> {
    let found: Option<&mut capacity_provider::CapacityProvider> =
        state.capacity_providers.get_mut(name);
    found.map(|found| &mut found.tags).ok_or_else(|| not_found("capacity provider"))
}

/// The ARNs of what has tags in a region, and the tags.
pub(super) fn all(region: &Region) -> Vec<(String, Tags)> {
    let state = &region.ecs;
    let clusters = state.clusters.values().filter(|one| one.status != "INACTIVE");
    let clusters = clusters.map(|one| (one.arn.clone(), one.tags.clone()));
    let definitions = state.task_definitions.values();
    let definitions = definitions.map(|one| (one.arn.clone(), one.tags.clone()));
    let providers = state.capacity_providers.values();
    let providers = providers.map(|one| (one.arn.clone(), one.tags.clone()));
    let services = state.services.values();
    let services = services.filter(|one| one.status != service::Status::Inactive);
    let services = services.map(|one| (one.arn.clone(), one.tags.clone()));
    let tasks = state.tasks.values().filter(|one| one.status < task::Status::Stopped);
    let tasks = tasks.map(|one| (one.arn.clone(), one.tags.clone()));
    let all = clusters.chain(definitions).chain(providers).chain(services).chain(tasks);
    all.filter(|(_, tags)| !tags.is_empty()).collect()
}
