//! What ECS derives from a task definition: where it can run, and what an instance has to be able
//! to do for it.

use serde_json::{Value, json};

use super::check::Size;
use super::container::{ContainerDefinition, FirelensType, LogDriver, list};
use super::fargate;
use super::shape::{Compatibility, NetworkMode, RegisterTaskDefinition};

/// The launch types that a definition can be used with.
pub(super) fn compatibilities(input: &RegisterTaskDefinition, size: Size) -> Vec<&'static str> {
    let mut found = Vec::new();
    if input.network_mode != Some(NetworkMode::Awsvpc) {
        found.push("EXTERNAL");
    }
    found.push("EC2");
    if list(&input.requires_compatibilities).contains(&Compatibility::ManagedInstances) {
        found.push("MANAGED_INSTANCES");
    }
    if fargate::objection(input, size).is_none() {
        found.push("FARGATE");
    }
    found
}

/// The attributes of an instance that can run it. ECS guide, "Amazon ECS container agent
/// capabilities".
pub(super) fn attributes(input: &RegisterTaskDefinition) -> Vec<Value> {
    let mut names: Vec<String> = Vec::new();
    let mut needs = |name: &str, needed: bool| {
        if needed && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    };
    for container in list(&input.container_definitions) {
        of_container(container, input.execution_role_arn.is_some(), &mut needs);
    }
    let is_vpc = input.network_mode == Some(NetworkMode::Awsvpc);
    needs("com.amazonaws.ecs.capability.task-iam-role", input.task_role_arn.is_some());
    needs("com.amazonaws.ecs.capability.docker-remote-api.1.18", is_vpc);
    needs("ecs.capability.task-eni", is_vpc);
    needs("ecs.capability.aws-appmesh", input.proxy_configuration.is_some());
    let shares = input.pid_mode.is_some() || input.ipc_mode.is_some();
    needs("ecs.capability.pid-ipc-namespace-sharing", shares);
    let volumes = list(&input.volumes);
    let efs = || volumes.iter().filter_map(|volume| volume.efs_volume_configuration.as_ref());
    needs("ecs.capability.efs", efs().next().is_some());
    needs("ecs.capability.efsAuth", efs().any(|efs| efs.authorization_config.is_some()));
    let docker = volumes.iter().any(|volume| volume.docker_volume_configuration.is_some());
    needs("com.amazonaws.ecs.capability.docker-remote-api.1.25", docker);
    names.into_iter().map(|name| json!({ "name": name })).collect()
}

fn of_container(
    container: &ContainerDefinition,
    has_role: bool,
    needs: &mut impl FnMut(&str, bool),
) {
    let api = |version: &str| format!("com.amazonaws.ecs.capability.docker-remote-api.{version}");
    if let Some(log) = &container.log_configuration {
        let driver = serde_json::to_value(log.log_driver).unwrap_or_default();
        let driver = driver.as_str().unwrap_or_default();
        needs(&format!("com.amazonaws.ecs.capability.logging-driver.{driver}"), true);
        let is_own = log.log_driver == LogDriver::Awslogs;
        needs("ecs.capability.execution-role-awslogs", is_own && has_role);
        needs(&api("1.19"), is_own);
    }
    if fargate::is_in_ecr(container) {
        needs("com.amazonaws.ecs.capability.ecr-auth", true);
        needs("ecs.capability.execution-role-ecr-pull", has_role);
        needs(&api("1.19"), true);
    }
    for secret in list(&container.secrets) {
        let store = if secret.value_from.contains(":secretsmanager:") { "asm" } else { "ssm" };
        needs(&format!("ecs.capability.secrets.{store}.environment-variables"), true);
    }
    needs(
        "ecs.capability.private-registry-authentication.secretsmanager",
        container.repository_credentials.is_some(),
    );
    needs("ecs.capability.container-health-check", container.health_check.is_some());
    needs(&api("1.24"), container.health_check.is_some());
    needs("ecs.capability.container-ordering", !list(&container.depends_on).is_empty());
    needs("ecs.capability.env-files.s3", !list(&container.environment_files).is_empty());
    needs(&api("1.21"), container.memory_reservation.is_some());
    needs("com.amazonaws.ecs.capability.privileged-container", container.privileged == Some(true));
    if let Some(router) = &container.firelens_configuration {
        let kind = match router.r#type {
            FirelensType::Fluentd => "fluentd",
            FirelensType::Fluentbit => "fluentbit",
        };
        needs(&format!("ecs.capability.firelens.{kind}"), true);
    }
}
