//! Whether a service's tasks are up, and the end of those that are not.

use crate::services::ecs::deployment;
use crate::services::ecs::script::Failure;
use crate::services::ecs::service;
use crate::services::ecs::task::{self, Ending, Status, Task};
use crate::services::elb::target::{self, Health};
use crate::world::{Site, Span};

enum State {
    Up,
    Unknown,
    /// Why, as a task's reason and as a service's event.
    Down(String, String),
}

/// Looks after the health of a service's tasks. Tells whether some are not known to be up yet.
pub(super) fn tend(site: &mut Site<'_>, key: &str) -> bool {
    let now = site.now();
    let Some(service) = service::get(site, key) else { return false };
    let grace = Span::seconds(service.settings.grace_period.unwrap_or_default().into());
    let name = service.name.clone();
    let running = |task: &&Task| task.is_of(key) && task.is_running();
    let running: Vec<Task> = site.region().ecs.tasks.values().filter(running).cloned().collect();
    let mut waiting = false;
    for task in running {
        match state(site, &name, &task) {
            State::Up => up(site, key, &task),
            State::Unknown => waiting |= !is_doomed(&task),
            State::Down(reason, event) => {
                let since = task.times.started.unwrap_or(now);
                if since + grace > now {
                    waiting = true;
                    continue;
                }
                service::note(site, key, event);
                // ECS API, Deployment: failing its health checks makes a task a failed one.
                super::failed(site, &task);
                let ending = Ending { code: "ServiceSchedulerInitiated", reason };
                task::end(site, &task.id, ending);
                let event =
                    format!("(service {name}) has stopped 1 running tasks: (task {}).", task.id);
                service::note(site, key, event);
            }
        }
    }
    waiting
}

/// Whether a container is about to end, which is known without looking again.
fn is_doomed(task: &Task) -> bool {
    matches!(task.doom, Some(Failure::Exit { .. } | Failure::OutOfMemory))
}

fn state(site: &Site<'_>, name: &str, task: &Task) -> State {
    if is_doomed(task) {
        return State::Unknown;
    }
    let checked = task.containers.iter().any(|container| container.checked);
    if checked && task.doom == Some(Failure::Unhealthy) {
        let event = format!("(service {name}) (task {}) failed container health checks.", task.id);
        return State::Down("Task failed container health checks".to_owned(), event);
    }
    for target in &task.targets {
        let Some(address) = &target.address else { continue };
        let group = &target.group;
        match target::health(site, group, address, target.port) {
            Some(Health::Initial) => return State::Unknown,
            Some(Health::Unhealthy) => {
                let port = target.port;
                return State::Down(
                    format!("Task failed ELB health checks in (target-group {group})"),
                    format!(
                        "(service {name}) (port {port}) is unhealthy in (target-group {group}) \
                         due to (reason Health checks failed)."
                    ),
                );
            }
            // A target that nobody sends anything to is not checked, so it is no reason to wait.
            Some(Health::Healthy | Health::Draining | Health::Unused) | None => {}
        }
    }
    State::Up
}

fn up(site: &mut Site<'_>, key: &str, task: &Task) {
    if task.healthy {
        return;
    }
    if let Some(task) = site.region_mut().ecs.tasks.get_mut(&task.id) {
        task.healthy = task.status == Status::Running;
    }
    let by = task.started_by.as_deref().unwrap_or_default();
    let Some(service) = service::get_mut(site, key) else { return };
    service.mind.streak = 0;
    service.mind.not_before = None;
    let resets =
        super::breaker(service).is_none_or(|breaker| breaker.reset_on_healthy_task.unwrap_or(true));
    if resets {
        deployment::reset_failures(service, by);
    }
}
