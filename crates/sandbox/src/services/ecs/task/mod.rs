//! Tasks: what one is, and how it is found.

mod agent;
mod describe;
mod execute;
pub(super) mod lifecycle;
mod protection;
mod run;
mod start;
mod stop;
#[cfg(test)]
mod tests;

pub use describe::{describe, list};
pub use execute::execute;
pub use protection::{get_protection, update_protection};
pub use run::{RunToken, run, start_on_instances};
pub use stop::stop;

pub(super) use lifecycle::{Ending, end};
pub(super) use start::{NewTask, start};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::placement::Placement;
use super::script::Failure;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Its cluster's ARN.
    pub cluster_arn: String,
    /// Its task definition's ARN.
    pub definition: String,
    /// Its task definition's family.
    pub family: String,
    /// `service:web` or `family:web`.
    pub group: String,
    /// Who started it; the deployment for a service's task.
    pub started_by: Option<String>,
    /// The key of its service.
    pub service: Option<String>,
    /// Where it runs.
    pub placement: Placement,
    /// Its capacity provider.
    pub provider: Option<String>,
    /// Its interface, in the network mode `awsvpc`.
    pub attachment: Option<Attachment>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// What was overridden, as the API shows it.
    pub overrides: Value,
    /// Its CPU units.
    pub cpu: Option<String>,
    /// Its memory in MiB.
    pub memory: Option<String>,
    /// Its storage in GiB, on Fargate.
    pub storage: Option<u64>,
    /// Whether commands can be run in it.
    pub execute_command: bool,
    /// How far it is.
    pub status: Status,
    /// Whether it is meant to stop.
    pub stopping: bool,
    /// When what happened.
    pub times: Times,
    /// Why it stopped, as a code.
    pub stop_code: Option<String>,
    /// Why it stopped, in words.
    pub stopped_reason: Option<String>,
    /// Where it is or is going to be registered.
    pub targets: Vec<Target>,
    /// Whether it is up as far as its service can tell.
    pub healthy: bool,
    /// What is going to happen to it, or has happened.
    pub doom: Option<Failure>,
    /// When it gives up on what it cannot reach.
    pub gives_up: Option<Time>,
    /// Until when no scheduler stops it.
    pub protected: Option<Time>,
    /// Its tags.
    pub tags: Tags,
    /// How often it has changed.
    pub version: u64,
}

/// The interface of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// A UUID.
    pub id: String,
    /// `PRECREATED`, `ATTACHED` or `DELETED`.
    pub status: String,
    /// The subnet's id.
    pub subnet: String,
    /// The subnet's availability zone.
    pub zone: String,
    /// The interface's id, once it is there.
    pub interface: Option<String>,
    /// Its hardware address.
    pub mac: Option<String>,
    /// Its private address.
    pub address: Option<String>,
    /// The name of that address.
    pub name: Option<String>,
}

/// A container of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Container {
    /// Its id within its ARN, a UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Its image's digest, once it is pulled.
    pub digest: Option<String>,
    /// Its CPU units, memory and soft limit of memory, as its task definition says.
    pub limits: [Option<u64>; 3],
    /// Whether the task ends with it.
    pub essential: bool,
    /// Whether it checks its own health.
    pub checked: bool,
    /// Where it writes to.
    pub log: Option<Log>,
    /// How it ended.
    pub exit_code: Option<i32>,
    /// Why it ended.
    pub reason: Option<String>,
}

/// Where a container writes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The region's code.
    pub region: String,
    /// The log group.
    pub group: String,
    /// The stream.
    pub stream: String,
    /// Whether the group is made if need be.
    pub create: bool,
}

/// A target that a task is in a target group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The target group's ARN.
    pub group: String,
    /// The port of the container.
    pub port: u16,
    /// The address, once it is registered.
    pub address: Option<String>,
}

/// How far a task is. ECS guide, "Amazon ECS task lifecycle".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Its interface is being attached.
    Provisioning,
    /// Its images are being pulled.
    Pending,
    /// It is being registered with its target groups.
    Activating,
    /// Its containers run.
    Running,
    /// Its targets are draining.
    Deactivating,
    /// Its containers have been told to stop.
    Stopping,
    /// Its interface is being detached.
    Deprovisioning,
    /// It is over.
    Stopped,
}

/// When what happened to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// It was ordered.
    pub created: Time,
    /// It was connected.
    pub connected: Option<Time>,
    /// Its images began to be pulled.
    pub pull_started: Option<Time>,
    /// Its images were there.
    pub pull_stopped: Option<Time>,
    /// It ran.
    pub started: Option<Time>,
    /// It was told to stop.
    pub stopping: Option<Time>,
    /// Its containers had ended.
    pub execution_stopped: Option<Time>,
    /// It was over.
    pub stopped: Option<Time>,
}

impl Task {
    /// Whether it counts as pending for services and clusters.
    pub fn is_pending(&self) -> bool {
        !self.stopping && self.status < Status::Running
    }

    /// Whether it counts as running for services and clusters.
    pub fn is_running(&self) -> bool {
        !self.stopping && self.status == Status::Running
    }

    /// Whether a scheduler has to leave it alone at a time.
    pub fn is_protected(&self, now: Time) -> bool {
        self.protected.is_some_and(|until| until > now)
    }

    /// Whether it is one of a service's.
    pub fn is_of(&self, service: &str) -> bool {
        self.service.as_deref() == Some(service)
    }

    /// Whether it was started by a deployment.
    pub fn is_by(&self, deployment: &str) -> bool {
        self.started_by.as_deref() == Some(deployment)
    }
}

/// What happens to tasks by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A task goes on from where it is.
    Step {
        /// Its id.
        task: String,
        /// Where it is, unless something else has happened to it.
        from: Status,
    },
    /// A task's container ends as it was scripted.
    Fail {
        /// Its id.
        task: String,
    },
    /// A stopped task is no longer shown.
    Forget {
        /// Its id.
        task: String,
    },
    /// A stopped task's last lines arrive.
    LateLogs {
        /// Where they go.
        log: Log,
        /// What they say.
        line: String,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::Step { task, from } => lifecycle::step(site, &task, from),
            Event::Fail { task } => lifecycle::fail(site, &task),
            Event::Forget { task } => {
                let ecs = &mut site.region_mut().ecs;
                ecs.tasks.remove(&task);
                ecs.run_tokens.retain(|_, token| !token.tasks.contains(&task));
            }
            Event::LateLogs { log, line } => agent::log(site, &log, line),
        }
    }
}

pub(super) fn get<'s>(site: &'s Site<'_>, id: &str) -> Option<&'s Task> {
    site.region().ecs.tasks.get(id)
}

/// A task, to change it, which its version counts.
fn get_mut<'s>(site: &'s mut Site<'_>, id: &str) -> Option<&'s mut Task> {
    let task = site.region_mut().ecs.tasks.get_mut(id)?;
    task.version += 1;
    Some(task)
}
