//! What Fargate asks of a task definition.

use super::check::Size;
use super::container::{ContainerDefinition, LogDriver, ResourceType, list};
use super::shape::{
    Compatibility, IpcMode, NetworkMode, OperatingSystemFamily, PidMode, RegisterTaskDefinition,
};
use crate::refused::Refused;
use crate::services::ecs::refusal::client;

/// Refuses what is to run on Fargate and cannot.
pub(super) fn check(input: &RegisterTaskDefinition, size: Size) -> Result<(), Refused> {
    if !list(&input.requires_compatibilities).contains(&Compatibility::Fargate) {
        return Ok(());
    }
    objection(input, size).map_or(Ok(()), |objection| Err(client(objection)))
}

/// Why a definition cannot run on Fargate.
pub(super) fn objection(input: &RegisterTaskDefinition, size: Size) -> Option<String> {
    if input.network_mode != Some(NetworkMode::Awsvpc) {
        return Some("Fargate only supports network mode ‘awsvpc’.".to_owned());
    }
    let containers = list(&input.container_definitions);
    sized(input, size, containers)
        .or_else(|| without_role(input, containers))
        .or_else(|| unsupported(input))
        .or_else(|| containers.iter().find_map(unsupported_in))
}

/// ECS guide, Fargate task size: the pairs of CPU and memory that there are.
fn sized(
    input: &RegisterTaskDefinition,
    size: Size,
    containers: &[ContainerDefinition],
) -> Option<String> {
    let needs =
        |what: &str| format!("Fargate requires that '{what}' be defined at the task level.");
    let Some(cpu) = size.cpu else { return Some(needs("cpu")) };
    let Some(memory) = size.memory else { return Some(needs("memory")) };
    let gib = 1024;
    let is_pair = match cpu {
        256 => [512, gib, 2 * gib].contains(&memory),
        512 => within(memory, gib, 4 * gib, gib),
        1024 => within(memory, 2 * gib, 8 * gib, gib),
        2048 => within(memory, 4 * gib, 16 * gib, gib),
        4096 => within(memory, 8 * gib, 30 * gib, gib),
        8192 => within(memory, 16 * gib, 60 * gib, 4 * gib),
        16_384 => within(memory, 32 * gib, 120 * gib, 8 * gib),
        _ => false,
    };
    let platform = input.runtime_platform.as_ref();
    let system = platform.and_then(|platform| platform.operating_system_family);
    let is_windows = system.is_some_and(|system| system != OperatingSystemFamily::Linux);
    // ECS guide, Windows on Fargate: 1, 2 or 4 vCPUs.
    if !is_pair || (is_windows && ![1024, 2048, 4096].contains(&cpu)) {
        return Some(format!(
            "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See \
             the Amazon ECS documentation for the valid values."
        ));
    }
    let used = containers.iter().filter_map(|one| one.cpu).fold(0, i64::saturating_add);
    (used > cpu).then(|| {
        format!("The containers reserve {used} CPU units, but the task has {cpu} CPU units.")
    })
}

fn within(memory: i64, least: i64, most: i64, step: i64) -> bool {
    (least..=most).contains(&memory) && memory % step == 0
}

/// ECS guide, task execution role: what Fargate fetches or writes for a task, it does with the
/// task's execution role.
fn without_role(
    input: &RegisterTaskDefinition,
    containers: &[ContainerDefinition],
) -> Option<String> {
    if input.execution_role_arn.is_some() {
        return None;
    }
    let what = containers.iter().find_map(|container| {
        let driver = container.log_configuration.as_ref().map(|log| log.log_driver);
        if is_in_ecr(container) {
            Some("ECR images")
        } else if driver == Some(LogDriver::Awslogs) {
            Some("log driver awslogs")
        } else if !list(&container.environment_files).is_empty() {
            Some("environment files")
        } else if container.repository_credentials.is_some() {
            Some("private registry authentication")
        } else {
            None
        }
    })?;
    Some(format!("Fargate requires task definition to have execution role ARN to support {what}."))
}

/// Whether a container's image is in a private registry of ECR.
pub(super) fn is_in_ecr(container: &ContainerDefinition) -> bool {
    let image = container.image.as_deref().unwrap_or_default();
    let registry = image.split('/').next().unwrap_or_default();
    registry.contains(".dkr.ecr.") && registry.contains(".amazonaws.com")
}

fn unsupported(input: &RegisterTaskDefinition) -> Option<String> {
    let volumes = list(&input.volumes);
    let with_path = |host: &super::volume::HostVolume| host.source_path.is_some();
    let given = [
        ("sourcePath", volumes.iter().any(|one| one.host.as_ref().is_some_and(with_path))),
        (
            "DockerVolumeConfiguration",
            volumes.iter().any(|one| one.docker_volume_configuration.is_some()),
        ),
        (
            "FSxWindowsFileServerVolumeConfiguration",
            volumes.iter().any(|one| one.fsx_windows_file_server_volume_configuration.is_some()),
        ),
        ("placement constraints", !list(&input.placement_constraints).is_empty()),
        ("inference accelerators", !list(&input.inference_accelerators).is_empty()),
        ("pidMode host", input.pid_mode == Some(PidMode::Host)),
        ("ipcMode", input.ipc_mode.is_some_and(|mode| mode != IpcMode::None)),
    ];
    said(&given)
}

fn unsupported_in(container: &ContainerDefinition) -> Option<String> {
    let linux = container.linux_parameters.as_ref();
    let added = linux.and_then(|linux| linux.capabilities.as_ref());
    let added = added.map(|given| list(&given.add)).unwrap_or_default();
    let resources = list(&container.resource_requirements);
    let driver = container.log_configuration.as_ref().map(|log| log.log_driver);
    let is_known =
        |driver| matches!(driver, LogDriver::Awslogs | LogDriver::Splunk | LogDriver::Awsfirelens);
    let given = [
        ("privileged", container.privileged == Some(true)),
        ("devices", linux.is_some_and(|linux| !list(&linux.devices).is_empty())),
        ("sharedMemorySize", linux.is_some_and(|linux| linux.shared_memory_size.is_some())),
        ("maxSwap", linux.is_some_and(|linux| linux.max_swap.is_some())),
        ("swappiness", linux.is_some_and(|linux| linux.swappiness.is_some())),
        ("capabilities other than SYS_PTRACE", added.iter().any(|one| one != "SYS_PTRACE")),
        ("GPU", resources.iter().any(|one| one.r#type == ResourceType::Gpu)),
        ("dockerSecurityOptions", !list(&container.docker_security_options).is_empty()),
        ("log drivers other than awslogs, splunk and awsfirelens", !driver.is_none_or(is_known)),
        ("a startTimeout above 120 seconds", container.start_timeout.is_some_and(|one| one > 120)),
        ("a stopTimeout above 120 seconds", container.stop_timeout.is_some_and(|one| one > 120)),
    ];
    said(&given)
}

fn said(given: &[(&str, bool)]) -> Option<String> {
    let (what, _) = given.iter().find(|(_, given)| *given)?;
    Some(format!("Fargate compatible task definitions do not support {what}."))
}
