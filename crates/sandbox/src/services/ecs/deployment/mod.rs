//! Deployments: how a service gets from one revision to the next, and back.

mod describe;
mod list;
mod revisions;
mod stop;

pub use describe::describe;
pub use list::list;
pub use revisions::describe as describe_revisions;
pub use stop::stop;

use serde::{Deserialize, Serialize};

use super::service::workload::Workload;
use super::service::{self, Service};
use crate::world::{Site, Time};

/// A deployment as `DescribeServices` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    /// `ecs-svc/…`
    pub id: String,
    /// The ARN of what it deploys.
    pub revision: String,
    /// The ARN of its record.
    pub record: String,
    /// How far it is.
    pub state: RolloutState,
    /// How far it is, in words.
    pub reason: String,
    /// How many tasks have failed in a row.
    pub failed: u32,
    /// When it began.
    pub created: Time,
    /// When it last changed.
    pub updated: Time,
}

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RolloutState {
    /// Its tasks are being started.
    InProgress,
    /// The service was steady with it.
    Completed,
    /// The circuit breaker stopped it.
    Failed,
}

/// What a deployment deploys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Its ARN.
    pub arn: String,
    /// What is deployed.
    pub workload: Workload,
    /// When it was made.
    pub created: Time,
}

/// The record of a deployment, as `DescribeServiceDeployments` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// What ran before.
    pub sources: Vec<String>,
    /// What it deploys.
    pub target: String,
    /// How it ended.
    pub status: RecordStatus,
    /// How it ended, in words.
    pub reason: Option<String>,
    /// How many tasks had failed.
    pub failures: u32,
    /// The circuit breaker.
    pub breaker: Breaker,
    /// What it went back to, and when and why.
    pub rollback: Option<(String, Time, String)>,
    /// When it was ordered.
    pub created: Time,
    /// When it was over.
    pub finished: Option<Time>,
    /// When it was stopped.
    pub stopped: Option<Time>,
    /// When it last changed.
    pub updated: Time,
}

/// How a deployment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordStatus {
    /// It has not begun.
    Pending,
    /// The service was steady with it.
    Successful,
    /// Another one came, or somebody stopped it, or it failed and nothing was to come back.
    Stopped,
    /// Somebody wants it stopped.
    StopRequested,
    /// It goes on.
    InProgress,
    /// Somebody wants it rolled back.
    RollbackRequested,
    /// It failed, and what was before is coming back.
    RollbackInProgress,
    /// It failed, and what was before is back.
    RollbackSuccessful,
    /// It failed, and so did what was before.
    RollbackFailed,
}

impl RecordStatus {
    /// Whether it is not over.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            RecordStatus::Pending
                | RecordStatus::InProgress
                | RecordStatus::StopRequested
                | RecordStatus::RollbackRequested
                | RecordStatus::RollbackInProgress
        )
    }
}

/// What the circuit breaker of a deployment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Breaker {
    /// It stopped it.
    Triggered,
    /// It watches it.
    Monitoring,
    /// It has nothing more to watch.
    MonitoringComplete,
    /// There is none.
    Disabled,
}

/// A revision of a service, by its ARN.
pub fn revision<'s>(service: &'s Service, arn: &str) -> Option<&'s Revision> {
    service.revisions.iter().find(|revision| revision.arn == arn)
}

/// A number as ECS gives deployments and revisions: 19 digits.
fn number(site: &mut Site<'_>) -> String {
    let chance = &mut site.world.chance;
    let first = chance.letters(b"123456789", 1);
    format!("{first}{}", chance.letters(b"0123456789", 18))
}

/// Begins to deploy something: it becomes the `PRIMARY` deployment.
pub fn begin(site: &mut Site<'_>, key: &str, workload: Workload) {
    let number_of_revision = number(site);
    let arn = site.arn("ecs", &format!("service-revision/{key}/{number_of_revision}"));
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    let record = site.world.chance.letters(letters, 21);
    let record = site.arn("ecs", &format!("service-deployment/{key}/{record}"));
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    if let Some(last) = service.history.first_mut().filter(|last| last.status.is_open()) {
        // ECS guide, service deployments: a newer deployment takes the place of one in progress.
        last.close(RecordStatus::Stopped, now);
        last.reason = Some("Service deployment was replaced by a newer one.".to_owned());
    }
    let enabled = service
        .configuration
        .deployment_circuit_breaker
        .as_ref()
        .is_some_and(|breaker| breaker.enable);
    let sources = service.deployments.iter().map(|one| one.revision.clone()).collect();
    service.revisions.push(Revision { arn: arn.clone(), workload, created: now });
    service.history.insert(
        0,
        ServiceDeployment {
            arn: record.clone(),
            sources,
            target: arn.clone(),
            status: RecordStatus::InProgress,
            reason: None,
            failures: 0,
            breaker: if enabled { Breaker::Monitoring } else { Breaker::Disabled },
            rollback: None,
            created: now,
            finished: None,
            stopped: None,
            updated: now,
        },
    );
    add(site, key, arn, record, None);
}

fn add(site: &mut Site<'_>, key: &str, revision: String, record: String, reason: Option<String>) {
    let id = format!("ecs-svc/{}", number(site));
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    let reason = reason.unwrap_or_else(|| format!("ECS deployment {id} in progress."));
    let state = RolloutState::InProgress;
    let deployment =
        Deployment { id, revision, record, state, reason, failed: 0, created: now, updated: now };
    service.deployments.insert(0, deployment);
    let look = service.mind.look;
    service.mind = service::Mind { look, ..service::Mind::default() };
}

impl ServiceDeployment {
    /// Its service is deleted.
    pub(super) fn stop_if_open(&mut self, now: Time) {
        if self.status.is_open() {
            self.reason = Some("The service was deleted.".to_owned());
            self.close(RecordStatus::Stopped, now);
        }
    }

    fn close(&mut self, status: RecordStatus, now: Time) {
        self.status = status;
        self.updated = now;
        self.finished = Some(now);
        if status == RecordStatus::Stopped {
            self.stopped = Some(now);
        }
        if self.breaker == Breaker::Monitoring {
            self.breaker = Breaker::MonitoringComplete;
        }
    }
}

/// The `PRIMARY` deployment has made the service steady.
pub(super) fn complete(site: &mut Site<'_>, key: &str) {
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.state = RolloutState::Completed;
    primary.reason = format!("ECS deployment {} completed.", primary.id);
    primary.updated = now;
    let (id, record) = (primary.id.clone(), primary.record.clone());
    service.completed = Some((id.clone(), primary.revision.clone()));
    if let Some(record) = service.history.iter_mut().find(|one| one.arn == record) {
        let status = match record.status {
            RecordStatus::RollbackInProgress => RecordStatus::RollbackSuccessful,
            _ => RecordStatus::Successful,
        };
        if record.status.is_open() {
            record.close(status, now);
        }
    }
    // Old revisions stay only as long as something refers to them.
    let used: Vec<String> = service
        .history
        .iter()
        .flat_map(|one| [one.target.clone()].into_iter().chain(one.sources.clone()))
        .collect();
    service.revisions.retain(|revision| used.contains(&revision.arn));
    let message = format!("(service {}) (deployment {id}) deployment completed.", service.name);
    service::note(site, key, message);
}

/// The `PRIMARY` deployment has failed; what was completed before comes back, where that is wanted.
pub(super) fn fail(site: &mut Site<'_>, key: &str, rollback: bool) {
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    let Some(primary) = service.deployments.first_mut() else { return };
    primary.state = RolloutState::Failed;
    primary.reason = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
    primary.updated = now;
    let (id, record, failed) = (primary.id.clone(), primary.record.clone(), primary.failed);
    let name = service.name.clone();
    if let Some(record) = service.history.iter_mut().find(|one| one.arn == record) {
        if record.status == RecordStatus::InProgress {
            record.failures = failed;
        }
        record.breaker = Breaker::Triggered;
    }
    let message =
        format!("(service {name}) (deployment {id}) deployment failed: tasks failed to start.");
    service::note(site, key, message);
    if rollback {
        let reason = "Service deployment rolled back because the circuit breaker threshold was \
                      exceeded.";
        roll_back(site, key, reason);
    } else if let Some(record) = record_mut(site, key, &record) {
        record.reason = Some(
            "Service deployment stopped because the circuit breaker threshold was exceeded."
                .to_owned(),
        );
        record.close(RecordStatus::Stopped, now);
    }
}

fn record_mut<'s>(
    site: &'s mut Site<'_>,
    key: &str,
    arn: &str,
) -> Option<&'s mut ServiceDeployment> {
    service::get_mut(site, key)?.history.iter_mut().find(|one| one.arn == arn)
}

/// Brings back what was completed last. ECS guide, circuit breaker: where there is no such thing,
/// or where it failed itself, no tasks are started any more.
fn roll_back(site: &mut Site<'_>, key: &str, reason: &str) {
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    let name = service.name.clone();
    let Some(primary) = service.deployments.first() else { return };
    let arn = primary.record.clone();
    let candidate = service.completed.clone();
    let candidate = candidate.filter(|(_, revision)| *revision != primary.revision);
    let Some(record) = service.history.iter_mut().find(|one| one.arn == arn) else { return };
    let again = record.status == RecordStatus::RollbackInProgress;
    let Some((id, revision)) = candidate.filter(|_| !again) else {
        record.reason = Some(if again {
            "Service deployment rollback failed because the circuit breaker threshold was \
             exceeded."
                .to_owned()
        } else {
            "No rollback candidate was found to run the rollback.".to_owned()
        });
        record.close(RecordStatus::RollbackFailed, now);
        return;
    };
    record.status = RecordStatus::RollbackInProgress;
    record.reason = Some(reason.to_owned());
    record.updated = now;
    record.rollback = Some((revision.clone(), now, reason.to_owned()));
    let back = service.revisions.iter().find(|one| one.arn == revision);
    if let Some(workload) = back.map(|one| one.workload.clone()) {
        service.workload = workload;
    }
    let why = format!("ECS deployment circuit breaker: rolling back to deploymentId {id}.");
    add(site, key, revision, arn, Some(why));
    service::note(site, key, format!("(service {name}) rolling back to deployment {id}."));
}

/// A failed task counts against its deployment, as long as that is the `PRIMARY` one.
pub(super) fn count_failure(service: &mut Service, deployment: &str, now: Time) {
    let Some(primary) = service.deployments.first_mut().filter(|one| one.id == deployment) else {
        return;
    };
    primary.failed += 1;
    primary.updated = now;
    let (record, failed) = (primary.record.clone(), primary.failed);
    let record = service.history.iter_mut().find(|one| one.arn == record);
    if let Some(record) = record.filter(|one| one.status == RecordStatus::InProgress) {
        record.failures = failed;
        record.updated = now;
    }
}

/// A healthy task ends the row of failed ones, as long as its deployment is the `PRIMARY` one.
pub(super) fn reset_failures(service: &mut Service, deployment: &str) {
    if let Some(primary) = service.deployments.first_mut().filter(|one| one.id == deployment) {
        primary.failed = 0;
    }
}
