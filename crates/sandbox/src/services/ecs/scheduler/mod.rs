//! The scheduler of services. It looks at a service when something has changed, and again as long
//! as something is going to change by time alone; otherwise it is at rest.

#[cfg(test)]
mod balanced;
mod health;
mod launch;
mod rolling;
#[cfg(test)]
mod tests;

use super::deployment::{self, RolloutState};
use super::service::{self, Service, Status, configuration::CircuitBreaker};
use super::task::{self, Ending, Task};
use super::task_definition;
use crate::world::{Site, Span, Time, Wait};

/// How long the scheduler waits for others where nothing else takes time.
const POLL: Span = Span::seconds(5);

/// The longest that tasks which fail again and again are put off. ECS guide, "Amazon ECS service
/// throttle logic": up to 27 minutes.
const LONGEST: Span = Span::minutes(27);

/// After how many looks in a row with failed tasks the scheduler slows down.
const PATIENCE: u32 = 3;

/// Has the scheduler look at the service of a task, which has changed.
pub fn nudge(site: &mut Site<'_>, task: &Task) {
    if let Some(key) = &task.service {
        wake(site, key);
    }
}

/// Has the scheduler look at a service, which has changed.
pub fn wake(site: &mut Site<'_>, key: &str) {
    let wait = site.takes(Wait::ServiceSchedule);
    if let Some(service) = service::get_mut(site, key) {
        service.mind.idle = 0;
    }
    let at = site.now() + wait;
    arrange(site, key, at);
}

/// Plans a look, unless an earlier one is planned.
fn arrange(site: &mut Site<'_>, key: &str, at: Time) {
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    if service.status == Status::Inactive || service.mind.look.is_some_and(|look| look <= at) {
        return;
    }
    service.mind.look = Some(at);
    let event = service::Event::Look { service: key.to_owned() };
    site.after(now.until(at), super::Event::Service(event));
}

/// A task of a service has failed by itself.
pub fn failed(site: &mut Site<'_>, task: &Task) {
    let now = site.now();
    let Some(key) = task.service.clone() else { return };
    if let Some(service) = service::get_mut(site, &key) {
        service.mind.failing = true;
        service.mind.steady = false;
        if let Some(by) = &task.started_by {
            deployment::count_failure(service, by, now);
        }
    }
    wake(site, &key);
}

/// Stops all tasks of a service that is deleted.
pub fn stop_all(site: &mut Site<'_>, key: &str) {
    for (id, by) in tasks(site, key, |task| !task.stopping) {
        let ending = scaled(&by);
        task::end(site, &id, ending);
    }
    wake(site, key);
}

/// Why a scheduler stops a task that it no longer needs.
fn scaled(deployment: &str) -> Ending {
    Ending {
        code: "ServiceSchedulerInitiated",
        reason: format!("Scaling activity initiated by (deployment {deployment})"),
    }
}

/// The ids and deployments of a service's tasks.
fn tasks(site: &Site<'_>, key: &str, of: impl Fn(&Task) -> bool) -> Vec<(String, String)> {
    let all = site.region().ecs.tasks.values();
    all.filter(|task| task.is_of(key) && of(task))
        .map(|task| (task.id.clone(), task.started_by.clone().unwrap_or_default()))
        .collect()
}

/// Looks at a service.
pub fn look(site: &mut Site<'_>, key: &str) {
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    if service.mind.look != Some(now) {
        return;
    }
    service.mind.look = None;
    match service.status {
        Status::Active => tend(site, key),
        Status::Draining => drain(site, key),
        Status::Inactive => {}
    }
}

/// ECS API, DeleteService: `INACTIVE` once all tasks are `STOPPING` or `STOPPED`.
fn drain(site: &mut Site<'_>, key: &str) {
    let now = site.now();
    if !tasks(site, key, |task| task.status < task::Status::Stopping).is_empty() {
        return;
    }
    let Some(service) = service::get_mut(site, key) else { return };
    service.status = Status::Inactive;
    service.deployments.clear();
    service.token = None;
    for record in &mut service.history {
        record.stop_if_open(now);
    }
    let event =
        service::Event::Forget { service: key.to_owned(), generation: service.generation.clone() };
    let definition = service.workload.definition.clone();
    task_definition::let_go(site, &definition);
    site.later(Wait::ServiceForgotten, super::Event::Service(event));
}

fn tend(site: &mut Site<'_>, key: &str) {
    let waiting = health::tend(site, key);
    slow_down(site, key);
    judge(site, key);
    let blocked = rolling::act(site, key);
    settle(site, key);
    plan(site, key, waiting, blocked);
}

/// Tasks that fail again and again are started ever more slowly.
fn slow_down(site: &mut Site<'_>, key: &str) {
    let now = site.now();
    let Some(service) = service::get_mut(site, key) else { return };
    if !std::mem::take(&mut service.mind.failing) {
        return;
    }
    service.mind.streak += 1;
    let over = service.mind.streak.saturating_sub(PATIENCE);
    if service.mind.streak < PATIENCE {
        return;
    }
    let pause = Span::seconds(10_u64.saturating_mul(1 << over.min(16))).min(LONGEST);
    service.mind.not_before = Some(now + pause);
    // ECS guide, "Service event messages": the same message again only after six hours.
    let again = service.mind.warned.is_none_or(|at| at.until(now) >= Span::minutes(360));
    if !again {
        return;
    }
    service.mind.warned = Some(now);
    let name = service.name.clone();
    let message = format!(
        "(service {name}) is unable to consistently start tasks successfully. For more \
         information, see the Troubleshooting section of the Amazon ECS Developer Guide."
    );
    service::note(site, key, message);
}

/// The circuit breaker.
fn judge(site: &mut Site<'_>, key: &str) {
    let Some(service) = service::get(site, key) else { return };
    let Some(primary) = service.deployments.first() else { return };
    let Some(breaker) = breaker(service) else { return };
    let (rollback, threshold) = (breaker.rollback, breaker.threshold(service.desired));
    if primary.state == RolloutState::InProgress && primary.failed >= threshold {
        deployment::fail(site, key, rollback);
    }
}

fn breaker(service: &Service) -> Option<&CircuitBreaker> {
    service.configuration.deployment_circuit_breaker.as_ref().filter(|breaker| breaker.enable)
}

/// Drops the deployments that have no tasks left, and says when the service is steady.
fn settle(site: &mut Site<'_>, key: &str) {
    let there = tasks(site, key, |task| task.status < task::Status::Stopping);
    let draining = !tasks(site, key, |task| task.status == task::Status::Deactivating).is_empty();
    let healthy = tasks(site, key, |task| !task.stopping && task.healthy);
    let Some(service) = service::get_mut(site, key) else { return };
    let Some(primary) = service.deployments.first() else { return };
    let (id, state) = (primary.id.clone(), primary.state);
    let open = state == RolloutState::InProgress;
    service.deployments.retain(|one| {
        let failed = one.state == RolloutState::Failed && open;
        one.id == id || failed || there.iter().any(|(_, by)| *by == one.id)
    });
    let others = there.iter().any(|(_, by)| *by != id);
    let own = there.iter().filter(|(_, by)| *by == id).count();
    let full = usize::try_from(service.desired).is_ok_and(|desired| {
        own == desired && healthy.iter().filter(|(_, by)| *by == id).count() == desired
    });
    if !full || others || draining || state == RolloutState::Failed || service.mind.steady {
        return;
    }
    service.mind.steady = true;
    service.mind.warned = None;
    // A failed deployment goes once the service is steady without it.
    service.deployments.truncate(1);
    let name = service.name.clone();
    if open {
        deployment::complete(site, key);
    }
    service::note(site, key, format!("(service {name}) has reached a steady state."));
}

/// Plans the next look, if time alone can change something.
fn plan(site: &mut Site<'_>, key: &str, waiting: bool, blocked: Option<Time>) {
    if let Some(until) = blocked {
        let until = until.max(site.now() + Span(1));
        arrange(site, key, until);
    }
    if !waiting {
        return;
    }
    let wait = site.takes(Wait::ServiceSchedule);
    let Some(service) = service::get_mut(site, key) else { return };
    service.mind.idle += 1;
    // Without delays the others are done soon, or not before some time has passed.
    let wait = if service.mind.idle > 3 { wait.max(POLL) } else { wait };
    let at = site.now() + wait;
    arrange(site, key, at);
}
