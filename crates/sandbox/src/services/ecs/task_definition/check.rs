//! What every task definition has to keep to, wherever it is to run.

use std::collections::BTreeSet;

use super::container::{ContainerDefinition, LogDriver, PortMapping, list};
use super::shape::{Compatibility, NetworkMode, RegisterTaskDefinition};
use super::{dependencies, volume};
use crate::refused::Refused;
use crate::services::ecs::refusal::client;

/// The size of a task: CPU units and MiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub cpu: Option<i64>,
    pub memory: Option<i64>,
}

/// Whether containers, volumes and families can be named so. ECS API: up to 255 letters, numbers,
/// underscores and hyphens.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    (1..=255).contains(&name.len()) && name.chars().all(fits)
}

/// Checks a definition and reads its size.
pub(super) fn check(input: &RegisterTaskDefinition) -> Result<Size, Refused> {
    let family = input.family.as_deref().unwrap_or_default();
    if family.is_empty() {
        return Err(client("Family should not be null or empty."));
    }
    if !is_name(family) {
        return Err(client("Family contains invalid characters."));
    }
    for role in [&input.task_role_arn, &input.execution_role_arn].into_iter().flatten() {
        check_role(role)?;
    }
    let size = size(input)?;
    let containers = list(&input.container_definitions);
    check_containers(input, containers, size)?;
    volume::check(list(&input.volumes))?;
    dependencies::check(input, containers)?;
    check_rest(input)?;
    Ok(size)
}

/// A role is given by its ARN, or by its name. IAM API: 64 letters, digits and `+=,.@-_`.
fn check_role(role: &str) -> Result<(), Refused> {
    let name = match role.strip_prefix("arn:") {
        None => Some(role),
        Some(rest) => match rest.splitn(5, ':').collect::<Vec<_>>().as_slice() {
            [partition, "iam", "", account, resource]
                if partition.starts_with("aws")
                    && account.len() == 12
                    && account.bytes().all(|digit| digit.is_ascii_digit()) =>
            {
                resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next())
            }
            _ => None,
        },
    };
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@-_".contains(letter);
    match name {
        Some(name) if (1..=64).contains(&name.len()) && name.chars().all(fits) => Ok(()),
        _ => Err(client("Role is not valid")),
    }
}

/// The size of a task. ECS API, RegisterTaskDefinition: CPU units or vCPUs (`1 vCPU`), MiB or GB
/// (`0.5GB`), kept as whole numbers; 128 to 196,608 units.
fn size(input: &RegisterTaskDefinition) -> Result<Size, Refused> {
    let wrong = |what: &str| {
        client(format!(
            "Invalid '{what}' setting for task. For more information, see the Troubleshooting \
             section of the Amazon ECS Developer Guide."
        ))
    };
    let read = |given: &Option<String>, unit: &str, what: &str| match given {
        None => Ok(None),
        Some(given) => in_units(given, unit).map(Some).ok_or_else(|| wrong(what)),
    };
    let size = Size {
        cpu: read(&input.cpu, "vcpu", "cpu")?,
        memory: read(&input.memory, "gb", "memory")?,
    };
    if size.cpu.is_some_and(|cpu| !(128..=196_608).contains(&cpu)) {
        return Err(wrong("cpu"));
    }
    if size.memory.is_some_and(|memory| memory < 4) {
        return Err(wrong("memory"));
    }
    Ok(size)
}

/// A whole number, or a number of a unit 1,024 times as large.
fn in_units(given: &str, unit: &str) -> Option<i64> {
    let given = given.trim().to_ascii_lowercase();
    let Some(number) = given.strip_suffix(unit) else { return given.parse().ok() };
    let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(whole)
        || !digits(fraction)
        || fraction.len() > 6
        || (whole.len() + fraction.len() == 0)
    {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let millionths: i64 = format!("{fraction:0<6}").parse().ok()?;
    Some(whole.checked_mul(1024)? + millionths * 1024 / 1_000_000)
}

fn check_containers(
    input: &RegisterTaskDefinition,
    containers: &[ContainerDefinition],
    size: Size,
) -> Result<(), Refused> {
    if containers.is_empty() {
        return Err(client("Container list cannot be empty."));
    }
    for container in containers {
        check_container(input, container, size)?;
    }
    let names: BTreeSet<&str> = containers.iter().map(ContainerDefinition::name).collect();
    if names.len() != containers.len() {
        return Err(client("Container names must be unique within a task definition."));
    }
    if !containers.iter().any(ContainerDefinition::is_essential) {
        return Err(client("At least one container in a task definition must be essential."));
    }
    let mut names = BTreeSet::new();
    let ports = containers.iter().flat_map(|container| list(&container.port_mappings));
    for name in ports.filter_map(|port| port.name.as_deref()) {
        if !names.insert(name) {
            return Err(client(format!("Port mapping names must be unique, but {name} is not.")));
        }
    }
    // ECS guide, task size: what the containers reserve together has to fit into the task.
    let reserves = |one: &ContainerDefinition| one.memory_reservation.or(one.memory).unwrap_or(0);
    let reserved = containers.iter().map(reserves).fold(0, i64::saturating_add);
    match size.memory {
        Some(memory) if reserved > memory => Err(client(format!(
            "Invalid 'memory' setting for task. The containers reserve {reserved} MiB, but the \
             task has {memory} MiB."
        ))),
        _ => Ok(()),
    }
}

fn check_container(
    input: &RegisterTaskDefinition,
    container: &ContainerDefinition,
    size: Size,
) -> Result<(), Refused> {
    for (what, given) in [("name", &container.name), ("image", &container.image)] {
        if given.as_deref().unwrap_or_default().is_empty() {
            return Err(client(format!("Container.{what} should not be null or empty.")));
        }
    }
    let name = container.name();
    if !is_name(name) {
        return Err(client("Container.name contains invalid characters."));
    }
    let image = container.image.as_deref().unwrap_or_default();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_:./#@".contains(letter);
    if image.len() > 255 || !image.chars().all(fits) {
        return Err(client("Container.image contains invalid characters."));
    }
    let wrong =
        |message: String| Err(client(format!("Invalid setting for container '{name}'. {message}")));
    if size.memory.or(container.memory).or(container.memory_reservation).is_none() {
        return wrong("At least one of 'memory' or 'memoryReservation' must be specified.".into());
    }
    for (what, given) in
        [("memory", container.memory), ("memoryReservation", container.memory_reservation)]
    {
        // ECS API, ContainerDefinition: Docker gives a container 4 MiB at least.
        if let Some(given) = given.filter(|given| *given < 4) {
            return wrong(format!("'{what}' must be at least 4, but was {given}."));
        }
        if let (Some(given), Some(memory)) = (given, size.memory)
            && given > memory
        {
            return wrong(format!("'{what}' must not be greater than the task's 'memory'."));
        }
    }
    if let (Some(memory), Some(reservation)) = (container.memory, container.memory_reservation)
        && memory < reservation
    {
        return wrong("'memory' must be greater than 'memoryReservation'.".to_owned());
    }
    if container.cpu.is_some_and(|cpu| cpu < 0) {
        return wrong("'cpu' must not be negative.".to_owned());
    }
    for port in list(&container.port_mappings) {
        check_port(input.network_mode, port)?;
    }
    if input.network_mode == Some(NetworkMode::Awsvpc) {
        // ECS guide, task networking with `awsvpc`: the task has one name and one set of hosts.
        let given = [
            ("Hostname", container.hostname.is_some()),
            ("Links", !list(&container.links).is_empty()),
            ("Extra hosts", !list(&container.extra_hosts).is_empty()),
            ("Disable networking", container.disable_networking == Some(true)),
        ];
        if let Some((what, _)) = given.iter().find(|(_, given)| *given) {
            return Err(client(format!(
                "{what} is not supported on container when networkMode=awsvpc."
            )));
        }
    }
    check_details(container).or_else(wrong)
}

/// ECS API, PortMapping.
fn check_port(mode: Option<NetworkMode>, port: &PortMapping) -> Result<(), Refused> {
    let valid = |port: i64, least: i64| (least..=65_535).contains(&port);
    match (port.container_port, &port.container_port_range) {
        (None, None) => Err(client("Port mapping must have a containerPort or a range.")),
        (Some(_), Some(_)) => {
            Err(client("Port mapping cannot have both containerPort and containerPortRange."))
        }
        (None, Some(range)) => {
            let ends = range.split_once('-').and_then(|(first, last)| {
                Some((first.parse::<i64>().ok()?, last.parse::<i64>().ok()?))
            });
            match ends {
                Some((first, last)) if first < last && valid(first, 1) && valid(last, 1) => Ok(()),
                _ => Err(client(format!("Invalid containerPortRange: {range}"))),
            }
        }
        (Some(own), None) => {
            let host = port.host_port.unwrap_or(0);
            if !valid(own, 1) || !valid(host, 0) {
                return Err(client("Ports must be between 1 and 65535."));
            }
            let mode = match mode {
                Some(NetworkMode::Awsvpc) => "awsvpc",
                Some(NetworkMode::Host) => "host",
                _ => return Ok(()),
            };
            if host != 0 && host != own {
                return Err(client(format!(
                    "When networkMode={mode}, the host ports and container ports in port mappings \
                     must match."
                )));
            }
            Ok(())
        }
    }?;
    if port.app_protocol.is_some() && port.name.is_none() {
        return Err(client("A port mapping with an appProtocol must have a name."));
    }
    let fits = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter)
    };
    match port.name.as_deref() {
        Some(name) if name.is_empty() || name.len() > 64 || !name.chars().all(fits) => {
            Err(client(format!("Invalid port mapping name: {name}")))
        }
        _ => Ok(()),
    }
}

/// The bounds of a container's details, each from its page in the ECS API.
fn check_details(container: &ContainerDefinition) -> Result<(), String> {
    let within = |what: &str, given: Option<i64>, least: i64, most: i64| match given {
        Some(given) if !(least..=most).contains(&given) => {
            Err(format!("'{what}' must be between {least} and {most}, but was {given}."))
        }
        _ => Ok(()),
    };
    if let Some(check) = &container.health_check {
        if check.command.is_empty() {
            return Err("The health check command should not be empty.".to_owned());
        }
        within("healthCheck.interval", check.interval, 5, 300)?;
        within("healthCheck.timeout", check.timeout, 2, 120)?;
        within("healthCheck.retries", check.retries, 1, 10)?;
        within("healthCheck.startPeriod", check.start_period, 0, 300)?;
    }
    for limit in list(&container.ulimits) {
        // -1 is no limit.
        if limit.hard_limit != -1 && (limit.soft_limit == -1 || limit.soft_limit > limit.hard_limit)
        {
            return Err("The soft limit of a ulimit must not exceed its hard limit.".to_owned());
        }
    }
    if let Some(policy) = &container.restart_policy {
        within("restartAttemptPeriod", policy.restart_attempt_period, 60, 1800)?;
        if list(&policy.ignored_exit_codes).len() > 50 {
            return Err("At most 50 exit codes can be ignored.".to_owned());
        }
    }
    within("startTimeout", container.start_timeout, 2, i64::MAX)?;
    within("stopTimeout", container.stop_timeout, 0, i64::MAX)?;
    if let Some(linux) = &container.linux_parameters {
        within("swappiness", linux.swappiness, 0, 100)?;
        within("maxSwap", linux.max_swap, 0, i64::MAX)?;
        within("sharedMemorySize", linux.shared_memory_size, 0, i64::MAX)?;
        for tmpfs in list(&linux.tmpfs) {
            within("tmpfs.size", Some(tmpfs.size), 1, i64::MAX)?;
        }
    }
    if list(&container.environment_files).len() > 10 {
        return Err("At most 10 environment files can be specified.".to_owned());
    }
    for file in list(&container.environment_files) {
        if !file.value.starts_with("arn:aws") || !file.value.contains(":s3:::") {
            return Err(format!("The environment file {} is no object in S3.", file.value));
        }
    }
    for variable in list(&container.environment) {
        if variable.name.as_deref().unwrap_or_default().is_empty() {
            return Err("The name of an environment variable should not be empty.".to_owned());
        }
    }
    check_log(container)
}

/// ECS API, LogConfiguration: `awslogs` has to know its group and its region.
fn check_log(container: &ContainerDefinition) -> Result<(), String> {
    let Some(log) = &container.log_configuration else { return Ok(()) };
    if log.log_driver != LogDriver::Awslogs {
        return Ok(());
    }
    let has = |option: &str| log.options.iter().any(|options| options.contains_key(option));
    if has("awslogs-group") && has("awslogs-region") {
        return Ok(());
    }
    Err("Log driver awslogs requires options: awslogs-region, awslogs-group.".to_owned())
}

/// What is said about the task as a whole.
fn check_rest(input: &RegisterTaskDefinition) -> Result<(), Refused> {
    if list(&input.placement_constraints).len() > 10 {
        return Err(client("At most 10 placement constraints can be specified."));
    }
    if let Some(storage) = &input.ephemeral_storage
        && !(21..=200).contains(&storage.size)
    {
        return Err(client("Ephemeral storage size must be between 21 and 200 GiB."));
    }
    if let Some(proxy) = &input.proxy_configuration {
        if input.network_mode != Some(NetworkMode::Awsvpc) {
            return Err(client("A proxy configuration requires networkMode=awsvpc."));
        }
        let containers = list(&input.container_definitions);
        if !containers.iter().any(|container| container.name() == proxy.container_name) {
            return Err(client(format!(
                "The proxy configuration's container '{}' does not exist.",
                proxy.container_name
            )));
        }
    }
    // ECS guide, external instances: `awsvpc` is not there.
    let compatibilities = list(&input.requires_compatibilities);
    if compatibilities.contains(&Compatibility::External)
        && input.network_mode == Some(NetworkMode::Awsvpc)
    {
        return Err(client("External launch type does not support network mode 'awsvpc'."));
    }
    Ok(())
}
