//! What AWS will refuse of a task definition, or what cannot run
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use landfall_model::{Finding, reference};

use super::container::{Condition, Container, LogDriver};
use super::spec::{Compatibility, NetworkMode, Spec};
use crate::kinds::ecs_cluster::check_name;

pub(super) fn check(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(check_name("family", &spec.family, "a family"));
    if spec.containers.is_empty() {
        findings.push(Finding::field("containers", "a task needs at least one container"));
    } else if !spec.containers.values().any(|container| container.essential) {
        let finding = Finding::field("containers", "at least one container has to be essential");
        findings.push(finding.help("leave `essential: false` out of the main one"));
    }
    for (name, container) in &spec.containers {
        let at = format!("containers.{name}");
        findings.extend(check_name(&at, name, "a container"));
        findings.extend(check_container(spec, name, container));
    }
    findings.extend(check_ports(spec));
    findings.extend(check_sizes(spec));
    findings.extend(check_volumes(spec));
    findings.extend(dependency_cycle(spec));
    if spec.requires_compatibilities.iter().any(|one| *one == Compatibility::Fargate) {
        findings.extend(check_fargate(spec));
    }
    findings
}

fn check_container(spec: &Spec, name: &str, container: &Container) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut say = |field: &str, message: String, help: Option<String>| {
        let finding = Finding::field(&format!("containers.{name}.{field}"), message);
        findings.push(match help {
            Some(help) => finding.help(help),
            None => finding,
        });
    };
    let known: Vec<&str> = spec.containers.keys().map(String::as_str).collect();
    let of_task = |other: &str| known.contains(&other) && other != name;
    let others = || Some(format!("the task's containers are {}", known.join(", ")));
    for (other, condition) in &container.depends_on {
        let at = format!("depends_on.{other}");
        match spec.containers.get(other).filter(|_| of_task(other)) {
            None => say(&at, format!("the task has no other container `{other}`"), others()),
            Some(other) => match condition {
                Condition::Healthy if other.health_check.is_none() => say(
                    &at,
                    "a container without a health check is never healthy".to_owned(),
                    Some("give it a `health_check`, or wait for `start`".to_owned()),
                ),
                Condition::Complete | Condition::Success if other.essential => say(
                    &at,
                    "an essential container cannot be waited for to end: the task ends with it"
                        .to_owned(),
                    Some("give it `essential: false`".to_owned()),
                ),
                _ => {}
            },
        }
    }
    for (index, from) in container.volumes_from.iter().enumerate() {
        if !of_task(&from.container) {
            let message = format!("the task has no other container `{}`", from.container);
            say(&format!("volumes_from[{index}].container"), message, others());
        }
    }
    for (index, mount) in container.mounts.iter().enumerate() {
        if !spec.volumes.contains_key(&mount.volume) {
            let message = format!("the task has no volume `{}`", mount.volume);
            let help = format!("declare it: `volumes: {{ {}: {{}} }}`", mount.volume);
            say(&format!("mounts[{index}].volume"), message, Some(help));
        }
    }
    for variable in container.secrets.keys().filter(|key| container.environment.contains_key(*key))
    {
        let message = format!("`{variable}` is set in `environment`, too");
        say(&format!("secrets.{variable}"), message, None);
    }
    for limit in container.ulimits.keys().filter(|limit| !ULIMITS.contains(&limit.as_str())) {
        let message = format!("there is no resource limit `{limit}`");
        say(
            &format!("ulimits.{limit}"),
            message,
            Some(format!("known are {}", ULIMITS.join(", "))),
        );
    }
    for (limit, both) in container.ulimits.iter().filter(|(_, both)| both.soft > both.hard) {
        let message = format!("the soft limit {} is above the hard one, {}", both.soft, both.hard);
        say(&format!("ulimits.{limit}.soft"), message, None);
    }
    let mut range = |field: &str, value: Option<i32>, least: i32, most: i32| {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            say(field, format!("it goes from {least} to {most}, not {value}"), None);
        }
    };
    range("memory", container.memory, 6, i32::MAX);
    range("memory_reservation", container.memory_reservation, 6, i32::MAX);
    range("cpu", Some(container.cpu), 0, i32::MAX);
    range("swappiness", container.swappiness, 0, 100);
    range("gpu", container.gpu, 1, i32::MAX);
    range("start_timeout", container.start_timeout, 2, i32::MAX);
    range("stop_timeout", container.stop_timeout, 0, i32::MAX);
    if let Some(policy) = &container.restart_policy {
        range("restart_policy.attempt_period", Some(policy.attempt_period), 60, 1800);
    }
    if let Some(check) = &container.health_check {
        range("health_check.interval", Some(check.interval), 5, 300);
        range("health_check.timeout", Some(check.timeout), 2, 60);
        range("health_check.retries", Some(check.retries), 1, 10);
        range("health_check.start_period", Some(check.start_period), 0, 300);
        let first = check.command.first().map(String::as_str);
        let known = first.is_none_or(reference::is_known);
        if known && !matches!(first, Some("CMD" | "CMD-SHELL" | "NONE")) {
            let message = "the command begins with `CMD` or `CMD-SHELL`".to_owned();
            let help = "for a line for the shell write `[CMD-SHELL, \"…\"]`".to_owned();
            say("health_check.command", message, Some(help));
        }
    }
    if let (Some(reserved), Some(memory)) = (container.memory_reservation, container.memory)
        && reserved > memory
    {
        let message = format!("{reserved} MiB cannot be reserved of the {memory} that it may use");
        say("memory_reservation", message, None);
    }
    if spec.memory.is_none() && container.memory.or(container.memory_reservation).is_none() {
        let message = "the container or the task has to say how much memory it needs".to_owned();
        say("memory", message, Some("add `memory` or `memory_reservation`".to_owned()));
    }
    if let Some(logging) = &container.logging {
        let own = logging.log_group.is_some();
        if logging.driver == LogDriver::Awslogs && !own {
            let message = "the driver `awslogs` needs a log group".to_owned();
            say("logging.log_group", message, Some("add `log_group: log_group.NAME`".to_owned()));
        }
        if logging.driver != LogDriver::Awslogs {
            let given = [
                ("log_group", own),
                ("region", logging.region.is_some()),
                ("stream_prefix", logging.stream_prefix.is_some()),
            ];
            for (field, _) in given.into_iter().filter(|(_, given)| *given) {
                let message = format!("`{field}` is for the driver `awslogs` only");
                let help = "leave it out, or give the driver's own `options`".to_owned();
                say(&format!("logging.{field}"), message, Some(help));
            }
        }
        let routed = spec.containers.values().any(|other| other.firelens.is_some());
        if logging.driver == LogDriver::Awsfirelens && !routed {
            let message = "the task has no log router".to_owned();
            let help = "give one of its containers `firelens: { type: fluentbit }`".to_owned();
            say("logging.driver", message, Some(help));
        }
    }
    let unlinkable = !container.links.is_empty() && spec.network_mode != NetworkMode::Bridge;
    let awsvpc = spec.network_mode == NetworkMode::Awsvpc;
    let given = [
        ("links", unlinkable),
        ("hostname", awsvpc && container.hostname.is_some()),
        ("extra_hosts", awsvpc && !container.extra_hosts.is_empty()),
    ];
    for (field, _) in given.into_iter().filter(|(_, given)| *given) {
        let mode = crate::services::ecs::word(&spec.network_mode);
        say(field, format!("`{field}` cannot be used with `network_mode: {mode}`"), None);
    }
    findings
}

/// The limits that Docker knows.
const ULIMITS: [&str; 15] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
];

fn check_ports(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut taken: HashMap<(i32, _), &str> = HashMap::new();
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let shared = spec.network_mode != NetworkMode::Bridge;
    for (name, container) in &spec.containers {
        let mut inside = BTreeSet::new();
        for (index, port) in container.ports.iter().enumerate() {
            let at = format!("containers.{name}.ports[{index}]");
            let valid = |port: i32| (1..=65535).contains(&port);
            if !valid(port.container_port) {
                let message = "ports go from 1 to 65535";
                findings.push(Finding::field(&format!("{at}.container_port"), message));
            }
            let at_host = format!("{at}.host_port");
            match port.host_port {
                // Whatever follows from the network mode is left out of the canonical form.
                Some(host) if shared => findings.push(
                    Finding::field(
                        &at_host,
                        format!(
                            "with `network_mode: {}` the port on the host is the container's, {}, \
                             not {host}",
                            crate::services::ecs::word(&spec.network_mode),
                            port.container_port
                        ),
                    )
                    .help("leave `host_port` out"),
                ),
                Some(host) if !valid(host) => {
                    findings.push(Finding::field(&at_host, "ports go from 1 to 65535, or 0"));
                }
                _ => {}
            }
            if spec.network_mode == NetworkMode::None {
                let message = "a task with `network_mode: none` has no ports";
                findings.push(Finding::field(&at, message));
            }
            // Containers of one task share its interface, or the host's.
            let outer = if shared { Some(port.container_port) } else { port.host_port };
            let clash = outer.and_then(|outer| taken.insert((outer, port.protocol), name));
            let twice = !inside.insert(format!("{} {:?}", port.container_port, port.protocol));
            match clash {
                Some(other) if other != name => findings.push(Finding::field(
                    &at,
                    format!("container `{other}` of the same task has this port already"),
                )),
                _ if clash.is_some() || twice => {
                    findings.push(Finding::field(&at, "this port is given twice"));
                }
                _ => {}
            }
            if let Some(port) = port.name.as_deref().filter(|port| !names.insert(port)) {
                let message = format!("another port of the task is named `{port}`");
                findings.push(Finding::field(&format!("{at}.name"), message));
            }
        }
    }
    findings
}

fn check_sizes(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    let containers = || spec.containers.values();
    let cpu: i64 = containers().map(|container| i64::from(container.cpu)).sum();
    if let Some(task) = spec.cpu.as_ref().and_then(|cpu| cpu.units())
        && cpu > task
    {
        let message =
            format!("the containers reserve {cpu} CPU units together, the task has {task}");
        findings.push(Finding::field("cpu", message));
    }
    let reserved = containers()
        .filter_map(|container| container.memory_reservation.or(container.memory))
        .map(i64::from);
    let memory: i64 = reserved.sum();
    if let Some(task) = spec.memory.as_ref().and_then(|memory| memory.units())
        && memory > task
    {
        let message = format!("the containers reserve {memory} MiB together, the task has {task}");
        findings.push(Finding::field("memory", message));
    }
    findings
}

fn check_volumes(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, volume) in &spec.volumes {
        let at = format!("volumes.{name}");
        let kinds = [
            volume.host_path.is_some(),
            volume.efs.is_some(),
            volume.docker.is_some(),
            volume.configured_at_launch,
        ];
        if kinds.into_iter().filter(|given| *given).count() > 1 {
            let message =
                "a volume is one of host_path, efs, docker and configured_at_launch, not several";
            findings.push(Finding::field(&at, message));
        }
        let Some(efs) = &volume.efs else { continue };
        if (efs.access_point.is_some() || efs.iam) && !efs.transit_encryption {
            let message = "EFS wants encryption in transit for access points and IAM";
            let finding = Finding::field(&format!("{at}.efs.transit_encryption"), message);
            findings.push(finding.help("add `transit_encryption: true`"));
        }
        if efs.access_point.is_some() && efs.root_directory != "/" {
            let message = "with an access point the directory is the access point's";
            findings.push(Finding::field(&format!("{at}.efs.root_directory"), message));
        }
    }
    findings
}

/// A container that waits for itself, by way of others.
fn dependency_cycle(spec: &Spec) -> Option<Finding> {
    let mut open: BTreeMap<&str, BTreeSet<&str>> = spec
        .containers
        .iter()
        .map(|(name, container)| {
            let others = container.depends_on.keys().map(String::as_str);
            let others = others.filter(|other| spec.containers.contains_key(*other));
            (name.as_str(), others.filter(|other| other != name).collect())
        })
        .collect();
    // Take away what waits for nothing, until nothing is left but what waits for itself.
    while let Some(free) = open.iter().find(|(_, others)| others.is_empty()).map(|(name, _)| *name)
    {
        open.remove(free);
        open.values_mut().for_each(|others| {
            others.remove(free);
        });
    }
    let first = open.keys().next()?;
    let all: Vec<&str> = open.keys().copied().collect();
    let message = format!("the containers {} wait for each other", all.join(", "));
    Some(Finding::field(&format!("containers.{first}.depends_on"), message))
}

/// Fargate's sizes: CPU units with the least and most memory in MiB, and the step between
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>).
const SIZES: [(i64, i64, i64, i64); 7] = [
    // Of the smallest the steps double: 512, 1024, 2048.
    (256, 512, 2048, 0),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

fn check_size(cpu: i64, memory: i64) -> Option<Finding> {
    let Some((_, least, most, step)) = SIZES.iter().copied().find(|size| size.0 == cpu) else {
        let known: Vec<String> = SIZES.iter().map(|size| size.0.to_string()).collect();
        let finding = Finding::field("cpu", format!("Fargate has no tasks of {cpu} CPU units"));
        return Some(finding.help(format!("it has {}", known.join(", "))));
    };
    let possible = match step {
        0 => [512, 1024, 2048].contains(&memory),
        step => (least..=most).contains(&memory) && (memory - least) % step == 0,
    };
    if possible {
        return None;
    }
    let message = format!("Fargate has no tasks of {cpu} CPU units and {memory} MiB");
    let sizes = match step {
        0 => "512, 1024 or 2048 MiB".to_owned(),
        step => format!("{least} to {most} MiB in steps of {step}"),
    };
    Some(Finding::field("memory", message).help(format!("with {cpu} units it has {sizes}")))
}

fn check_fargate(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    if spec.network_mode != NetworkMode::Awsvpc {
        let finding = Finding::field("network_mode", "Fargate needs `network_mode: awsvpc`");
        findings.push(finding.help("add `network_mode: awsvpc`"));
    }
    for (field, missing) in [("cpu", spec.cpu.is_none()), ("memory", spec.memory.is_none())] {
        if missing {
            let message = format!("Fargate needs the task's `{field}`");
            let help = "the smallest task has `cpu: 256` and `memory: 512`";
            findings.push(Finding::field(field, message).help(help));
        }
    }
    let units = (
        spec.cpu.as_ref().and_then(|cpu| cpu.units()),
        spec.memory.as_ref().and_then(|memory| memory.units()),
    );
    if let (Some(cpu), Some(memory)) = units {
        findings.extend(check_size(cpu, memory));
    }
    if let Some(size) = spec.ephemeral_storage.filter(|size| !(21..=200).contains(size)) {
        let message = format!("Fargate has 21 to 200 GiB of storage, not {size}");
        let finding = Finding::field("ephemeral_storage", message);
        findings.push(finding.help("leave it out for the 20 GiB that every task has"));
    }
    if spec.execution_role.is_none()
        && let Some((name, what)) = spec
            .containers
            .iter()
            .find_map(|(name, container)| Some((name, needs_role(container)?)))
    {
        let message = format!("Fargate needs an execution role: container `{name}` {what}");
        let finding = Finding::field("execution_role", message);
        findings.push(finding.help(
            "refer to an `iam_role` with the managed policy AmazonECSTaskExecutionRolePolicy",
        ));
    }
    let mut refuse = |at: &str, given: bool| {
        if given {
            let message = format!("Fargate has no `{}`", at.rsplit('.').next().unwrap_or(at));
            findings.push(Finding::field(at, message));
        }
    };
    refuse("ipc_mode", spec.ipc_mode.is_some());
    refuse("placement_constraints", !spec.placement_constraints.is_empty());
    for (name, volume) in &spec.volumes {
        refuse(&format!("volumes.{name}.host_path"), volume.host_path.is_some());
        refuse(&format!("volumes.{name}.docker"), volume.docker.is_some());
    }
    for (name, container) in &spec.containers {
        let at = |field: &str| format!("containers.{name}.{field}");
        refuse(&at("privileged"), container.privileged);
        refuse(&at("devices"), !container.devices.is_empty());
        refuse(&at("shared_memory"), container.shared_memory.is_some());
        refuse(&at("max_swap"), container.max_swap.is_some());
        refuse(&at("swappiness"), container.swappiness.is_some());
        refuse(&at("gpu"), container.gpu.is_some());
        refuse(&at("docker_security_options"), !container.docker_security_options.is_empty());
    }
    for (name, container) in &spec.containers {
        findings.extend(check_fargate_container(name, container));
    }
    findings
}

fn check_fargate_container(name: &str, container: &Container) -> Vec<Finding> {
    let mut findings = Vec::new();
    let at = |field: &str| format!("containers.{name}.{field}");
    if container.capabilities.add.iter().any(|one| one != "SYS_PTRACE") {
        let message = "Fargate adds no capability but SYS_PTRACE";
        findings.push(Finding::field(&at("capabilities.add"), message));
    }
    for (field, value) in
        [("start_timeout", container.start_timeout), ("stop_timeout", container.stop_timeout)]
    {
        if let Some(value) = value.filter(|value| *value > 120) {
            let message = format!("Fargate waits for at most 120 seconds, not {value}");
            findings.push(Finding::field(&at(field), message));
        }
    }
    let Some(logging) = &container.logging else { return findings };
    let served = [LogDriver::Awslogs, LogDriver::Awsfirelens, LogDriver::Splunk];
    if !served.contains(&logging.driver) {
        let finding = Finding::field(&at("logging.driver"), "Fargate has no such log driver");
        findings.push(finding.help("it has awslogs, awsfirelens and splunk"));
    }
    if logging.driver == LogDriver::Awslogs && logging.stream_prefix.is_none() {
        let message = "on Fargate the driver `awslogs` needs a stream prefix";
        let finding = Finding::field(&at("logging.stream_prefix"), message);
        findings.push(finding.help(format!("add `stream_prefix: {name}`")));
    }
    findings
}

/// Why Fargate needs an execution role for a container.
fn needs_role(container: &Container) -> Option<&'static str> {
    let logs = container.logging.as_ref();
    let secret_options = logs.is_some_and(|logging| !logging.secret_options.is_empty());
    let registry = reference::pieces(&container.image).into_iter().any(|piece| match piece {
        reference::Piece::Text(text) => text.contains(".dkr.ecr."),
        reference::Piece::Token(reference) => {
            reference.address().is_some_and(|address| address.kind == "ecr_repository")
        }
    });
    if !container.secrets.is_empty() || secret_options {
        Some("reads secrets")
    } else if container.repository_credentials.is_some() {
        Some("pulls its image with a password")
    } else if registry {
        Some("pulls its image from ECR")
    } else if logs.is_some_and(|logging| logging.driver == LogDriver::Awslogs) {
        Some("writes to CloudWatch Logs")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use landfall_model::Place;
    use serde_json::{Value, json};

    use super::*;

    fn places(spec: Value) -> Vec<String> {
        let spec: Spec = serde_json::from_value(spec).expect("a spec");
        let places = check(&spec).into_iter().map(|finding| match finding.place {
            Place::Field(_, path) => path.to_string(),
            other => format!("{other:?}"),
        });
        places.collect()
    }

    fn fargate(cpu: Value, memory: Value) -> Value {
        json!({
            "requires_compatibilities": ["fargate"], "network_mode": "awsvpc",
            "cpu": cpu, "memory": memory, "containers": { "app": { "image": "app" } },
        })
    }

    #[test]
    fn only_sizes_that_fargate_has_pass() {
        let fits = [(256, 2048), (512, 3072), (1024, 8192), (4096, 30720), (16384, 122_880)];
        for (cpu, memory) in fits {
            assert!(places(fargate(json!(cpu), json!(memory))).is_empty(), "{cpu} {memory}");
        }
        assert!(places(fargate(json!("0.25 vCPU"), json!("0.5 GB"))).is_empty());
        let not = [(256, 3072), (256, 1536), (512, 512), (8192, 17408), (16384, 36864)];
        for (cpu, memory) in not {
            assert_eq!(places(fargate(json!(cpu), json!(memory))), ["memory"], "{cpu} {memory}");
        }
        assert_eq!(places(fargate(json!(300), json!(512))), ["cpu"]);
    }

    #[test]
    fn what_containers_say_of_each_other_must_hold() {
        let spec = json!({ "memory": 512, "containers": {
            "app": {
                "image": "app", "depends_on": { "init": "success", "db": "start", "web": "healthy" },
                "mounts": [{ "volume": "data", "path": "/data" }],
            },
            "init": { "image": "init", "essential": false },
            "web": { "image": "web", "depends_on": { "app": "start" } },
        } });
        assert_eq!(
            places(spec),
            [
                "containers.app.depends_on.db",
                "containers.app.depends_on.web",
                "containers.app.mounts[0].volume",
                "containers.app.depends_on",
            ]
        );
    }

    #[test]
    fn ports_are_judged_by_the_network_mode() {
        let spec = |mode: &str| {
            json!({ "network_mode": mode, "memory": 512, "containers": {
                "a": { "image": "a", "ports": [{ "container_port": 80, "host_port": 8080 }] },
                "b": { "image": "b", "ports": [{ "container_port": 80 }, { "container_port": 0 }] },
            } })
        };
        assert_eq!(places(spec("bridge")), ["containers.b.ports[0].container_port"]);
        assert_eq!(
            places(spec("awsvpc")),
            [
                "containers.a.ports[0].host_port",
                "containers.b.ports[0].container_port",
                "containers.b.ports[1]",
            ]
        );
    }

    #[test]
    fn fargate_needs_a_role_for_what_it_fetches() {
        let mut spec = fargate(json!(256), json!(512));
        spec["containers"]["app"]["image"] =
            json!("123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1");
        assert_eq!(places(spec.clone()), ["execution_role"]);
        spec["execution_role"] = json!("arn:aws:iam::123456789012:role/execution");
        assert!(places(spec).is_empty());
    }
}
