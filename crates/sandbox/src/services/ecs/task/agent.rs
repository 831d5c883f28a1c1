//! What the agent of a task does: it fetches what the containers need and writes what they say.

use super::{Container, Log, Task};
use crate::services::ecr;
use crate::services::ecs::script::Failure;
use crate::services::logs;
use crate::world::Site;

/// Why a task could not be started: the task's reason and, where one container is to blame, its
/// index.
pub(super) struct Unable {
    pub reason: String,
    pub container: Option<usize>,
}

/// Fetches secrets, log streams and images: the images' digests. The order is the agent's; the
/// words are those of the ECS guide, "Amazon ECS stopped tasks error messages".
pub(super) fn prepare(site: &mut Site<'_>, task: &Task) -> Result<Vec<String>, Unable> {
    if task.doom == Some(Failure::SecretUnreachable) {
        let reason = "ResourceInitializationError: unable to pull secrets or registry auth: The \
                      task cannot pull registry auth from Amazon ECR: There is a connection issue \
                      between the task and Amazon ECR. Check your task network configuration. \
                      RequestCanceled: request context canceled caused by: context deadline \
                      exceeded";
        return Err(Unable { reason: reason.to_owned(), container: None });
    }
    for log in task.containers.iter().filter_map(|container| container.log.as_ref()) {
        open(site, log)?;
    }
    let mut digests = Vec::new();
    for (index, container) in task.containers.iter().enumerate() {
        let doomed = task.doom == Some(Failure::ImageNotFound) && index == 0;
        digests.push(
            pull(site, container, doomed)
                .map_err(|reason| Unable { reason, container: Some(index) })?,
        );
    }
    Ok(digests)
}

fn open(site: &mut Site<'_>, log: &Log) -> Result<(), Unable> {
    let mut there = site.world.site(&log.region);
    if log.create || logs::write::exists(&there, &log.group) {
        logs::write::write(&mut there, &log.group, &log.stream, &[], log.create);
        return Ok(());
    }
    let request = site.world.chance.uuid();
    let reason = format!(
        "ResourceInitializationError: failed to validate logger args: create stream has been \
         retried 1 times: failed to create Cloudwatch log stream: operation error CloudWatch \
         Logs: CreateLogStream, https response error StatusCode: 400, RequestID: {request}, \
         ResourceNotFoundException: The specified log group does not exist. : exit status 1"
    );
    Err(Unable { reason, container: None })
}

fn pull(site: &Site<'_>, container: &Container, doomed: bool) -> Result<String, String> {
    let image = &container.image;
    let pulled = if doomed {
        let registry = image.split('/').next().unwrap_or_default();
        let host =
            if registry.contains('.') { image.clone() } else { format!("docker.io/{image}") };
        Err(format!(
            "pull image manifest has been retried 7 time(s): failed to resolve ref {host}: \
             {host}: not found"
        ))
    } else {
        ecr::pull::pull(site, image)
    };
    pulled.map_err(|words| match words {
        words if words.starts_with("CannotPullContainer") => words,
        words => format!("CannotPullContainerError: {words}"),
    })
}

/// Writes a line to a container's stream.
pub(super) fn log(site: &mut Site<'_>, log: &Log, line: String) {
    let mut there = site.world.site(&log.region);
    logs::write::write(&mut there, &log.group, &log.stream, &[line], log.create);
}

/// Writes a line for each container.
pub(super) fn say(site: &mut Site<'_>, task: &Task, words: impl Fn(&Container) -> String) {
    for container in &task.containers {
        if let Some(to) = &container.log {
            log(site, to, words(container));
        }
    }
}
