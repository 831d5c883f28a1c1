//! Services: what one is, and how it is found.

pub mod configuration;
mod create;
mod delete;
mod describe;
mod list;
mod show;
#[cfg(test)]
mod tests;
mod update;
pub mod workload;

pub use create::create;
pub use delete::delete;
pub use describe::describe;
pub use list::{list, list_by_namespace};
pub use update::update;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cluster::{self, Cluster};
use super::deployment::{Deployment, Revision, ServiceDeployment};
use super::refusal::invalid;
use super::shape::{PlacementConstraint, PlacementStrategy, PropagateTags, Switch};
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time};
use configuration::{DeploymentConfiguration, SchedulingStrategy};
use workload::Workload;

/// A service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Tells it from those that had its name before.
    pub generation: String,
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Its cluster's ARN.
    pub cluster_arn: String,
    /// Whether it is there.
    pub status: Status,
    /// How many tasks it is meant to have.
    pub desired: u32,
    /// What it deploys.
    pub workload: Workload,
    /// How it deploys.
    pub configuration: DeploymentConfiguration,
    /// What does not need a new deployment.
    pub settings: Settings,
    /// Its tags.
    pub tags: Tags,
    /// Its deployments, newest first; the first one is `PRIMARY`.
    pub deployments: Vec<Deployment>,
    /// All deployments that it had, newest first.
    pub history: Vec<ServiceDeployment>,
    /// What those deployed.
    pub revisions: Vec<Revision>,
    /// The last deployment that was completed, and its revision's ARN.
    pub completed: Option<(String, String)>,
    /// What happened to it, newest first.
    pub events: Vec<ServiceEvent>,
    /// When it was made.
    pub created: Time,
    /// The client token that it was made with, and the parameters.
    pub token: Option<(String, Value)>,
    /// What its scheduler has in mind.
    pub mind: Mind,
}

/// Whether a service is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// It is there.
    Active,
    /// It is deleted, and its tasks are ending.
    Draining,
    /// It is deleted.
    Inactive,
}

/// What of a service does not need a new deployment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Who decides how many tasks there are.
    pub scheduling: SchedulingStrategy,
    /// The role for its load balancer, where it has one of its own.
    pub role: Option<String>,
    /// How long tasks may be unhealthy after their start.
    pub grace_period: Option<u32>,
    /// Whether tasks are spread anew over zones.
    pub rebalancing: Switch,
    /// Rules for instances.
    pub constraints: Vec<PlacementConstraint>,
    /// Rules for instances.
    pub strategies: Vec<PlacementStrategy>,
    /// Whether commands can be run in tasks.
    pub execute_command: bool,
    /// Whether tasks get tags of ECS's own.
    pub managed_tags: bool,
    /// Whose tags tasks get.
    pub propagate_tags: PropagateTags,
    /// What is measured, as it was sent.
    pub monitoring: Option<Value>,
}

/// What the scheduler of a service has in mind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mind {
    /// When it looks at the service next.
    pub look: Option<Time>,
    /// How often it has waited in vain since something changed.
    pub idle: u32,
    /// Whether it has said that the service is steady.
    pub steady: bool,
    /// Whether tasks have failed since the last look.
    pub failing: bool,
    /// In how many looks in a row tasks had failed.
    pub streak: u32,
    /// When it starts tasks again.
    pub not_before: Option<Time>,
    /// When it has last said that tasks fail again and again.
    pub warned: Option<Time>,
}

/// Something that happened to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    /// A UUID.
    pub id: String,
    /// When.
    pub created: Time,
    /// In words.
    pub message: String,
}

/// What happens to services by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The scheduler looks at a service.
    Look {
        /// The service's key.
        service: String,
    },
    /// A deleted service is no longer shown.
    Forget {
        /// The service's key.
        service: String,
        /// Which one of that name.
        generation: String,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::Look { service } => super::scheduler::look(site, &service),
            Event::Forget { service, generation } => {
                let services = &mut site.region_mut().ecs.services;
                if services.get(&service).is_some_and(|old| old.generation == generation) {
                    services.remove(&service);
                }
            }
        }
    }
}

/// The key of a service, by its cluster's name and its own name or ARN.
pub fn key(cluster: &str, service: &str) -> String {
    format!("{cluster}/{}", service.rsplit('/').next().unwrap_or_default())
}

/// The refusal where there is no such service.
pub fn not_found() -> Refused {
    Refused::new("ServiceNotFoundException", "Service not found.")
}

/// The refusal where a service is not active.
pub fn not_active() -> Refused {
    Refused::new("ServiceNotActiveException", "Service was not ACTIVE.")
}

/// The cluster that a call names.
pub(super) fn cluster_of(site: &Site<'_>, given: Option<&str>) -> Result<Cluster, Refused> {
    cluster::named(site, given).cloned()
}

/// The key of the service that a call names, whose ARN may name another cluster than the call.
pub(super) fn key_of(cluster: &Cluster, service: &str) -> Result<String, Refused> {
    let mut parts = service.strip_prefix("arn:").into_iter().flat_map(|arn| arn.split('/')).skip(1);
    match (parts.next(), parts.next()) {
        (Some(of), Some(_)) if of != cluster.name => {
            Err(invalid(format!("Identifier is for {of}. Your cluster is {}", cluster.name)))
        }
        _ => Ok(key(&cluster.name, service)),
    }
}

pub(super) fn get<'s>(site: &'s Site<'_>, key: &str) -> Option<&'s Service> {
    site.region().ecs.services.get(key)
}

pub(super) fn get_mut<'s>(site: &'s mut Site<'_>, key: &str) -> Option<&'s mut Service> {
    site.region_mut().ecs.services.get_mut(key)
}

/// Notes what happened to a service. ECS API, Service: "A maximum of 100 of the latest events".
pub(super) fn note(site: &mut Site<'_>, key: &str, message: String) {
    let event = ServiceEvent { id: site.world.chance.uuid(), created: site.now(), message };
    if let Some(service) = get_mut(site, key) {
        service.events.insert(0, event);
        service.events.truncate(100);
    }
}
