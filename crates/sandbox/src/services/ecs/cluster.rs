//! Clusters.

mod change;
mod configuration;
mod create;
mod delete;
mod list;
mod show;
pub(super) mod strategy;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::capacity_provider::CapacityProvider;
use super::refusal::{cluster_inactive, cluster_not_found, invalid};
use super::service;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time, Wait};

pub(super) use change::{put_capacity_providers, update, update_settings};
pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use list::{describe, list};
pub use strategy::StrategyItem;

/// A cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// `PROVISIONING`, `ACTIVE`, `DEPROVISIONING` or `INACTIVE`.
    pub status: String,
    /// Its capacity providers.
    pub capacity_providers: Vec<String>,
    /// Where its tasks run unless they say so themselves, as the API shows it.
    pub default_strategy: Vec<Value>,
    /// Its tags.
    pub tags: Tags,
    /// Container Insights: `enabled`, `disabled` or `enhanced`.
    pub insights: String,
    /// Its `configuration`, as the API shows it.
    pub configuration: Option<Value>,
    /// The namespace of its services by default.
    pub namespace: Option<Namespace>,
    /// What ECS attaches to it for its capacity providers and its namespace.
    pub attachments: Vec<Attachment>,
    /// `UPDATE_IN_PROGRESS` or `UPDATE_COMPLETE`, once there was something to attach.
    pub attachments_status: Option<String>,
    /// When it was deleted.
    pub deleted: Option<Time>,
}

/// A Cloud Map namespace for Service Connect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Namespace {
    /// What the caller named it by.
    pub given: String,
    /// Its ARN.
    pub arn: String,
}

/// What ECS attaches to a cluster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// `as_policy` for managed scaling, `sc` for Service Connect.
    pub kind: String,
    /// The capacity provider or the namespace that it is for.
    pub target: String,
    /// Whom it is for, as the API shows it.
    pub details: Vec<Value>,
    /// Whether it is attached, not still on its way.
    pub is_there: bool,
}

/// What happens in a cluster, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tasks in `RUNNING`.
    pub running_tasks: usize,
    /// Tasks on their way there: `PROVISIONING`, `PENDING`, `ACTIVATING`.
    pub pending_tasks: usize,
    /// Services in `ACTIVE`.
    pub active_services: usize,
    /// Services in `DRAINING`.
    pub draining_services: usize,
}

/// The services and tasks of a cluster.
pub fn counts(site: &Site<'_>, cluster: &Cluster) -> Counts {
    let ecs = &site.region().ecs;
    let tasks = || ecs.tasks.values().filter(|task| task.cluster == cluster.name);
    let with = |status: service::Status| {
        let services = ecs.services.values().filter(|service| service.cluster == cluster.name);
        services.filter(|service| service.status == status).count()
    };
    Counts {
        running_tasks: tasks().filter(|task| task.is_running()).count(),
        pending_tasks: tasks().filter(|task| task.is_pending()).count(),
        active_services: with(service::Status::Active),
        draining_services: with(service::Status::Draining),
    }
}

/// Whether a service or a task of a cluster runs on one of its capacity providers.
pub fn is_in_use(site: &Site<'_>, cluster: &Cluster, provider: &str) -> bool {
    let ecs = &site.region().ecs;
    let mut services = ecs.services.values().filter(|service| {
        service.cluster == cluster.name && service.status != service::Status::Inactive
    });
    let mut tasks = ecs.tasks.values().filter(|task| task.cluster == cluster.name);
    let named = |item: &StrategyItem| item.capacity_provider == provider;
    services.any(|service| service.workload.placement.strategy.iter().any(named))
        || tasks.any(|task| !task.stopping && task.provider.as_deref() == Some(provider))
}

impl Cluster {
    /// Whether it can have services and tasks.
    pub fn is_active(&self) -> bool {
        self.status == "ACTIVE" || self.status == "PROVISIONING"
    }

    /// Whether its attachments are on their way, so that nothing else can change them.
    pub fn is_busy(&self) -> bool {
        self.attachments_status.as_deref() == Some("UPDATE_IN_PROGRESS")
    }
}

/// The active cluster that a name or an ARN means; `default` where none is given.
pub fn resolve<'s>(site: &'s Site<'_>, given: Option<&str>) -> Option<&'s Cluster> {
    let name = name_of(site, given.unwrap_or("default")).ok()?;
    site.region().ecs.clusters.get(name).filter(|cluster| cluster.is_active())
}

/// The same, or AWS's refusal: of what is no name, of what is unknown, of what was deleted.
pub fn named<'s>(site: &'s Site<'_>, given: Option<&str>) -> Result<&'s Cluster, Refused> {
    let name = name_of(site, given.unwrap_or("default"))?;
    let found = site.region().ecs.clusters.get(name).ok_or_else(cluster_not_found)?;
    if found.is_active() { Ok(found) } else { Err(cluster_inactive()) }
}

/// The name in a name or an ARN of this account and region.
fn name_of<'g>(site: &Site<'_>, given: &'g str) -> Result<&'g str, Refused> {
    let name = if given.starts_with("arn:") {
        let here = site.arn("ecs", "cluster/");
        given
            .strip_prefix(&here)
            .ok_or_else(|| invalid(format!("Invalid identifier: Identifier is for {given}")))?
    } else {
        given
    };
    checked(name)
}

/// ECS API, CreateCluster: up to 255 letters, numbers, underscores and hyphens.
fn checked(name: &str) -> Result<&str, Refused> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || name.len() > 255 || !name.chars().all(fits) {
        let message = format!("Cluster must match ^[a-zA-Z0-9\\-_]{{1,255}}$, but was {name}");
        return Err(invalid(message));
    }
    Ok(name)
}

/// Begins to attach what a cluster's capacity providers and namespace need; what is attached for
/// them already stays.
fn attach(site: &mut Site<'_>, name: &str) {
    let Some(cluster) = site.region().ecs.clusters.get(name).cloned() else { return };
    let providers = cluster.capacity_providers.iter().filter(|provider| {
        let found = site.region().ecs.capacity_providers.get(*provider);
        found.is_some_and(CapacityProvider::has_managed_scaling)
    });
    let providers = providers.map(|provider| ("as_policy", provider.clone()));
    let namespaces = cluster.namespace.iter().map(|namespace| ("sc", namespace.arn.clone()));
    let wanted: Vec<(&str, String)> = providers.chain(namespaces).collect();
    let attachments = wanted.into_iter().map(|(kind, target)| {
        let mut there = cluster.attachments.iter();
        let found = there.find(|one| one.kind == kind && one.target == target).cloned();
        found.unwrap_or_else(|| attachment(site, kind, target))
    });
    let attachments: Vec<Attachment> = attachments.collect();
    if let Some(cluster) = site.region_mut().ecs.clusters.get_mut(name) {
        cluster.attachments = attachments;
        cluster.attachments_status = Some("UPDATE_IN_PROGRESS".to_owned());
    }
    let name = name.to_owned();
    site.later(Wait::ClusterAttachments, super::Event::ClusterAttached { name });
}

fn attachment(site: &mut Site<'_>, kind: &str, target: String) -> Attachment {
    let mut details = Vec::new();
    if kind == "as_policy" {
        let policy = format!("ECSManagedAutoScalingPolicy-{}", site.world.chance.uuid());
        details.push(json!({ "name": "capacityProviderName", "value": target }));
        details.push(json!({ "name": "scalingPolicyName", "value": policy }));
    }
    let id = site.world.chance.uuid();
    Attachment { id, kind: kind.to_owned(), target, details, is_there: false }
}

/// What was attached is there, or what was detached is gone.
pub(super) fn attached(site: &mut Site<'_>, name: &str) {
    let Some(cluster) = site.region_mut().ecs.clusters.get_mut(name) else { return };
    if !cluster.is_busy() {
        return;
    }
    cluster.attachments_status = Some("UPDATE_COMPLETE".to_owned());
    cluster.attachments.iter_mut().for_each(|attachment| attachment.is_there = true);
    if cluster.status == "DEPROVISIONING" {
        delete::finish(site, name);
    } else {
        "ACTIVE".clone_into(&mut cluster.status);
    }
}

/// A deleted cluster is shown no more; one made again under its name stays.
pub(super) fn forget(site: &mut Site<'_>, name: &str, deleted: Time) {
    let clusters = &mut site.region_mut().ecs.clusters;
    if clusters.get(name).is_some_and(|cluster| cluster.deleted == Some(deleted)) {
        clusters.remove(name);
    }
}
