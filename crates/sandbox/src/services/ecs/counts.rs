//! What a cluster holds.

use super::service::Status;
use super::task::Task;
use crate::world::Site;

/// What a cluster holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Services that are `ACTIVE`.
    pub active_services: usize,
    /// Services that are `ACTIVE` or `DRAINING`.
    pub services: usize,
    /// Tasks that run.
    pub running_tasks: usize,
    /// Tasks that are being started.
    pub pending_tasks: usize,
    /// Tasks that are not over: running, being started or being stopped.
    pub tasks: usize,
}

/// What a cluster holds, by its name.
pub fn counts(site: &Site<'_>, cluster: &str) -> Counts {
    let ecs = &site.region().ecs;
    let tasks: Vec<&Task> = ecs.tasks.values().filter(|task| task.cluster == cluster).collect();
    let services: Vec<Status> = {
        let services = ecs.services.values().filter(|service| service.cluster == cluster);
        services.map(|service| service.status).collect()
    };
    let with = |status: Status| services.iter().filter(|one| **one == status).count();
    let active_services = with(Status::Active);
    Counts {
        active_services,
        services: active_services + with(Status::Draining),
        running_tasks: tasks.iter().filter(|task| task.is_running()).count(),
        pending_tasks: tasks.iter().filter(|task| task.is_pending()).count(),
        tasks: tasks.iter().filter(|task| task.status < super::task::Status::Stopped).count(),
    }
}
