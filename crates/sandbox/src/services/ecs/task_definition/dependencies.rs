//! What the containers of a task need of each other, of its volumes, and of its roles.

use std::collections::BTreeSet;

use super::container::{ContainerCondition, ContainerDefinition, LogDriver, list};
use super::shape::RegisterTaskDefinition;
use crate::refused::Refused;
use crate::services::ecs::refusal::client;

/// Checks that all that is named exists, and that no container waits for itself.
pub(super) fn check(
    input: &RegisterTaskDefinition,
    containers: &[ContainerDefinition],
) -> Result<(), Refused> {
    let named = |name: &str| containers.iter().find(|container| container.name() == name);
    for container in containers {
        let own = container.name();
        for mount in list(&container.mount_points) {
            let volume = mount.source_volume.as_deref().unwrap_or_default();
            let mut volumes = list(&input.volumes).iter();
            if !volumes.any(|one| one.name.as_deref() == Some(volume)) {
                return Err(client(format!("Unknown volume '{volume}'.")));
            }
            if mount.container_path.as_deref().unwrap_or_default().is_empty() {
                return Err(client("MountPoint.containerPath should not be null or empty."));
            }
        }
        for from in list(&container.volumes_from) {
            let source = from.source_container.as_deref().unwrap_or_default();
            if source == own || named(source).is_none() {
                return Err(client(format!("Unknown container '{source}' in volumesFrom.")));
            }
        }
        for link in list(&container.links) {
            let target = link.split(':').next().unwrap_or_default();
            if target == own || named(target).is_none() {
                return Err(client(format!("Unknown container '{target}' in links.")));
            }
        }
        for needed in list(&container.depends_on) {
            let target = needed.container_name.as_str();
            let found = named(target).ok_or_else(|| {
                client(format!(
                    "Invalid dependency of container '{own}': container '{target}' does not exist."
                ))
            })?;
            check_condition(needed.condition, found)?;
        }
        check_secrets(input, container)?;
        check_router(container, containers)?;
    }
    if let Some(name) = cycle(containers) {
        return Err(client(format!(
            "The dependencies of the containers have a cycle through container '{name}'."
        )));
    }
    Ok(())
}

/// ECS API, ContainerDependency: `HEALTHY` needs a health check, and what ends must not be
/// essential.
fn check_condition(
    condition: ContainerCondition,
    target: &ContainerDefinition,
) -> Result<(), Refused> {
    let name = target.name();
    match condition {
        ContainerCondition::Healthy if target.health_check.is_none() => Err(client(format!(
            "Container '{name}' must have a health check, as another one depends on it being \
             HEALTHY."
        ))),
        ContainerCondition::Complete | ContainerCondition::Success if target.is_essential() => {
            Err(client(format!(
                "Container '{name}' must not be essential, as another one depends on its end."
            )))
        }
        _ => Ok(()),
    }
}

fn check_secrets(
    input: &RegisterTaskDefinition,
    container: &ContainerDefinition,
) -> Result<(), Refused> {
    if container.all_secrets().next().is_some() && input.execution_role_arn.is_none() {
        return Err(client(
            "When you are specifying container secrets, you must also specify a value for \
             'executionRoleArn'.",
        ));
    }
    let variables = list(&container.environment).iter().filter_map(|one| one.name.as_deref());
    let mut names: BTreeSet<&str> = variables.collect();
    for secret in list(&container.secrets) {
        if !names.insert(&secret.name) {
            return Err(client(format!(
                "The secret name must be unique and not shared with any new or existing \
                 environment variables set on the container, such as '{}'.",
                secret.name
            )));
        }
    }
    // ECS API, Secret: an ARN of Secrets Manager or Systems Manager, or the name of a parameter.
    for secret in container.all_secrets() {
        let from = secret.value_from.as_str();
        let from_store = [":secretsmanager:", ":ssm:"].iter().any(|store| from.contains(store));
        if secret.name.is_empty() || from.is_empty() || (from.starts_with("arn:") && !from_store) {
            return Err(client(format!("Invalid secret '{}': valueFrom '{from}'.", secret.name)));
        }
    }
    Ok(())
}

/// ECS guide, FireLens: logs are routed by a container of the same task.
fn check_router(
    container: &ContainerDefinition,
    containers: &[ContainerDefinition],
) -> Result<(), Refused> {
    let log = container.log_configuration.as_ref();
    let is_routed = log.is_some_and(|log| log.log_driver == LogDriver::Awsfirelens);
    if is_routed && !containers.iter().any(|one| one.firelens_configuration.is_some()) {
        return Err(client(
            "When a container uses the log driver awsfirelens, another container must have a \
             firelensConfiguration.",
        ));
    }
    Ok(())
}

/// A container that waits for itself, directly or through others: what remains when all that wait
/// for nothing that remains are taken away, over and over.
fn cycle(containers: &[ContainerDefinition]) -> Option<&str> {
    let mut waiting: Vec<&ContainerDefinition> = containers.iter().collect();
    loop {
        let names: BTreeSet<&str> = waiting.iter().map(|container| container.name()).collect();
        let before = waiting.len();
        waiting.retain(|container| {
            let mut needed = list(&container.depends_on).iter();
            needed.any(|needed| names.contains(needed.container_name.as_str()))
        });
        if waiting.len() == before {
            return waiting.first().map(|container| container.name());
        }
    }
}
