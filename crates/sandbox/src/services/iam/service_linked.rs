//! Service-linked roles, which AWS makes for its services (IAM guide, "Create a service-linked
//! role").

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{invalid, missing};
use super::service_link::{DESCRIBED, LINKS, Link};
use super::{Event, name, role};
use crate::operations::Answer;
use crate::world::{Site, Wait};

/// Services whose roles can have a suffix.
const WITH_SUFFIX: &[&str] =
    &["autoscaling.amazonaws.com", "connect.amazonaws.com", "lexv2.amazonaws.com"];

/// The deletion of a service-linked role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    /// The role's name.
    pub role: String,
    /// `IN_PROGRESS`, `SUCCEEDED` or `FAILED`.
    pub status: String,
    /// Regions and the ARNs there that still need the role.
    pub usage: Vec<(String, Vec<String>)>,
}

fn link(service: &str) -> Option<&'static Link> {
    LINKS.iter().find(|(name, ..)| *name == service)
}

/// The name of a service's role, which is made unless it is there.
pub(super) fn make(site: &mut Site<'_>, service: &str) -> String {
    let name = match link(service) {
        Some((_, name, ..)) => (*name).to_owned(),
        None => format!("AWSServiceRoleFor{}", service.split('.').next().unwrap_or_default()),
    };
    if !site.global().iam.roles.contains_key(&name) {
        let about = link(service).map(|(.., about)| (*about).to_owned());
        add(site, service, &name, about);
    }
    name
}

fn add(site: &mut Site<'_>, service: &str, name: &str, description: Option<String>) {
    let mut role = role::new(site, name.to_owned(), format!("/aws-service-role/{service}/"));
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "sts:AssumeRole",
        }],
    });
    let (now, takes) = (site.now(), site.takes(Wait::ServiceLinkedRole));
    role.trust_from(trust.to_string(), now, now + takes);
    role.service = Some(service.to_owned());
    role.description = description.filter(|text| !text.is_empty());
    if let Some((_, _, policy, _)) = link(service).filter(|(_, _, policy, _)| !policy.is_empty()) {
        let arn = format!("arn:aws:iam::aws:policy/aws-service-role/{policy}");
        role.grants.attached.insert(arn);
    }
    site.global_mut().iam.roles.insert(name.to_owned(), role);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    #[serde(rename = "AWSServiceName")]
    service: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    custom_suffix: Option<String>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let Create { service, description, custom_suffix } = input;
    name::check("AWSServiceName", &service, 128)?;
    name::description(description.as_deref())?;
    let Some((_, base, _, about)) = link(&service) else {
        return Err(invalid(format!("Service-linked roles are not supported for {service}")));
    };
    let name = match custom_suffix {
        None => (*base).to_owned(),
        Some(_) if !WITH_SUFFIX.contains(&service.as_str()) => {
            return Err(invalid(format!("Custom suffix is not allowed for {service}")));
        }
        Some(suffix) => {
            name::check("customSuffix", &suffix, 64)?;
            format!("{base}_{suffix}")
        }
    };
    if site.global().iam.roles.contains_key(&name) {
        return Err(invalid(format!(
            "Service role name {name} has been taken in this account, please try a different \
             suffix."
        )));
    }
    let own = DESCRIBED.contains(&service.as_str()).then(|| (*about).to_owned());
    add(site, &service, &name, description.or(own));
    let state = &site.global().iam;
    let role = role::find(state, &name)?;
    let mut shown = role.outline(state);
    shown["Description"] = json!(role.description);
    Ok(json!({ "Role": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    role_name: String,
}

/// The deletion is a task: the role goes once its service has let go of it.
pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let name = input.role_name;
    let role = role::find(&site.global().iam, &name)?;
    let Some(service) = role.service.clone() else {
        return Err(missing(format!("The role with name {name} cannot be found.")));
    };
    let task = format!("task/aws-service-role/{service}/{name}/{}", site.world.chance.uuid());
    let deletion = Deletion { role: name, status: "IN_PROGRESS".to_owned(), usage: Vec::new() };
    site.global_mut().iam.deletions.insert(task.clone(), deletion);
    site.later(Wait::ServiceLinkedRole, Event::ServiceLinkedRoleDeleted { task: task.clone() });
    Ok(json!({ "DeletionTaskId": task }))
}

/// Ends a deletion.
pub(super) fn deleted(site: &mut Site<'_>, task: &str) {
    let Some(role) = site.global().iam.deletions.get(task).map(|task| task.role.clone()) else {
        return;
    };
    let service = site.global().iam.roles.get(&role).and_then(|role| role.service.clone());
    let usage = service.map(|service| usage(site, &service)).unwrap_or_default();
    let state = &mut site.global_mut().iam;
    let status = if usage.is_empty() { "SUCCEEDED" } else { "FAILED" };
    if usage.is_empty() {
        state.roles.remove(&role);
    }
    if let Some(deletion) = state.deletions.get_mut(task) {
        deletion.status = status.to_owned();
        deletion.usage = usage;
    }
}

/// What needs a service's role (ECS guide, "Using service-linked roles": all clusters have to be
/// deleted first).
fn usage(site: &Site<'_>, service: &str) -> Vec<(String, Vec<String>)> {
    if service != "ecs.amazonaws.com" {
        return Vec::new();
    }
    let regions = site.world.regions.iter().map(|(name, region)| {
        let clusters = region.ecs.clusters.values().filter(|cluster| cluster.status == "ACTIVE");
        (name.clone(), clusters.map(|cluster| cluster.arn.clone()).collect::<Vec<_>>())
    });
    regions.filter(|(_, clusters)| !clusters.is_empty()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Status {
    deletion_task_id: String,
}

pub(super) fn status(site: &mut Site<'_>, input: Status) -> Answer {
    let id = input.deletion_task_id;
    let task = site.global().iam.deletions.get(&id);
    let task = task.ok_or_else(|| missing(format!("The deletion task {id} cannot be found.")))?;
    let usage = task
        .usage
        .iter()
        .map(|(region, resources)| json!({ "Region": region, "Resources": resources }));
    let usage: Value = usage.collect();
    let reason = match task.status.as_str() {
        "FAILED" => json!({
            "Reason": "A service-linked role cannot be deleted while its service needs it.",
            "RoleUsageList": usage,
        }),
        _ => Value::Null,
    };
    Ok(json!({ "Status": task.status, "Reason": reason }))
}
