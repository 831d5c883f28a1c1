//! DescribeTasks and ListTasks.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Container, Status, Task, get};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::cluster;
use crate::services::ecs::paging::page;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::script::Failure;
use crate::services::ecs::service;
use crate::services::ecs::shape::LaunchType;
use crate::services::ecs::tag;
use crate::world::Site;

/// What DescribeTasks can add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Include {
    Tags,
}

/// The input of DescribeTasks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DescribeTasks {
    tasks: Vec<String>,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    include: Vec<Include>,
}

/// DescribeTasks.
pub fn describe(site: &mut Site<'_>, input: DescribeTasks) -> Answer {
    let cluster = cluster::named(site, input.cluster.as_deref())?.name.clone();
    if input.tasks.is_empty() {
        return Err(invalid("Tasks cannot be empty."));
    }
    if input.tasks.len() > 100 {
        return Err(invalid("Tasks cannot have more than 100 elements."));
    }
    let with_tags = input.include.contains(&Include::Tags);
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for asked in &input.tasks {
        let id = find(asked)?;
        match get(site, &id).filter(|task| task.cluster == cluster) {
            Some(task) => tasks.push(show(task, with_tags)),
            None => {
                let arn = site.arn("ecs", &format!("task/{cluster}/{id}"));
                failures.push(json!({ "arn": arn, "reason": "MISSING" }));
            }
        }
    }
    Ok(json!({ "tasks": tasks, "failures": failures }))
}

/// The id in an id or an ARN.
pub(super) fn find(asked: &str) -> Result<String, Refused> {
    let id = asked.rsplit('/').next().unwrap_or_default();
    if [32, 36].contains(&id.len()) {
        Ok(id.to_owned())
    } else {
        Err(invalid("taskId length should be one of [32,36]"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DesiredStatus {
    Running,
    Pending,
    Stopped,
}

/// The input of ListTasks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
#[derive(Default)]
pub struct ListTasks {
    cluster: Option<String>,
    container_instance: Option<String>,
    family: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    started_by: Option<String>,
    service_name: Option<String>,
    desired_status: Option<DesiredStatus>,
    launch_type: Option<LaunchType>,
    daemon_name: Option<String>,
}

/// ListTasks. Tasks that are to run are listed unless others are asked for.
pub fn list(site: &mut Site<'_>, input: ListTasks) -> Answer {
    let cluster = cluster::named(site, input.cluster.as_deref())?.name.clone();
    let others = [&input.family, &input.service_name, &input.container_instance];
    // ECS API, ListTasks: startedBy "must be the only filter that you use".
    if input.started_by.is_some() && others.iter().any(|other| other.is_some()) {
        return Err(invalid("startedBy must be the only filter."));
    }
    if input.container_instance.is_some() {
        return Err(invalid("The specified container instance could not be found."));
    }
    let service = match &input.service_name {
        None => None,
        Some(name) => {
            let key = service::key(&cluster, name);
            let service = site.region().ecs.services.get(&key);
            Some(service.ok_or_else(service::not_found).map(|_| key)?)
        }
    };
    let stopped = matches!(input.desired_status, Some(DesiredStatus::Stopped));
    let never = matches!(input.desired_status, Some(DesiredStatus::Pending));
    let listed = |task: &&Task| {
        task.cluster == cluster
            && !never
            && task.stopping == stopped
            && input.family.as_ref().is_none_or(|family| task.family == *family)
            && service.as_ref().is_none_or(|service| task.is_of(service))
            && input.started_by.as_deref().is_none_or(|by| task.is_by(by))
            && input.launch_type.is_none_or(|launch| launch_type(task) == launch)
            && input.daemon_name.is_none()
    };
    let arns: Vec<String> =
        site.region().ecs.tasks.values().filter(listed).map(|task| task.arn.clone()).collect();
    let scope = format!(
        "ListTasks {cluster} {service:?} {:?} {:?} {stopped}",
        input.family, input.started_by
    );
    let size = (input.max_results, 100);
    let (arns, next) = page(arns, size, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "taskArns": arns, "nextToken": next }))
}

/// The launch type of a task, also where a capacity provider stands for it.
fn launch_type(task: &Task) -> LaunchType {
    match task.placement.launch_type {
        Some(launch_type) => launch_type,
        None if task.placement.is_fargate() => LaunchType::Fargate,
        None => LaunchType::Ec2,
    }
}

/// A task as the API shows it.
pub(super) fn show(task: &Task, with_tags: bool) -> Value {
    let epoch = |time: Option<crate::world::Time>| time.map(crate::world::Time::epoch);
    let health = health(task, task.containers.iter().find(|container| container.checked));
    let containers: Vec<Value> =
        task.containers.iter().map(|container| show_container(task, container)).collect();
    let times = &task.times;
    let tags = if with_tags { tag::shown(&task.tags) } else { json!([]) };
    json!({
        "attachments": task.attachment.iter().map(|_| show_attachment(task)).collect::<Vec<_>>(),
        "attributes": [{ "name": "ecs.cpu-architecture", "value": "x86_64" }],
        "availabilityZone": task.attachment.as_ref().map(|attachment| &attachment.zone),
        "capacityProviderName": task.provider,
        "clusterArn": task.cluster_arn,
        "connectivity": times.connected.map(|_| "CONNECTED"),
        "connectivityAt": epoch(times.connected),
        "containers": containers,
        "cpu": task.cpu,
        "createdAt": times.created.epoch(),
        "desiredStatus": if task.stopping { "STOPPED" } else { "RUNNING" },
        "enableExecuteCommand": task.execute_command,
        "executionStoppedAt": epoch(times.execution_stopped),
        "group": task.group,
        "healthStatus": health,
        "inferenceAccelerators": [],
        "lastStatus": task.status,
        "launchType": launch_type(task),
        "memory": task.memory,
        "overrides": task.overrides,
        "platformVersion": task.placement.platform(),
        "platformFamily": task.placement.platform_family,
        "pullStartedAt": epoch(times.pull_started),
        "pullStoppedAt": epoch(times.pull_stopped),
        "startedAt": epoch(times.started),
        "startedBy": task.started_by,
        "stopCode": task.stop_code,
        "stoppedAt": epoch(times.stopped),
        "stoppedReason": task.stopped_reason,
        "stoppingAt": epoch(times.stopping),
        "tags": tags,
        "taskArn": task.arn,
        "taskDefinitionArn": task.definition,
        "version": task.version,
        "ephemeralStorage": task.storage.map(|size| json!({ "sizeInGiB": size })),
        "fargateEphemeralStorage": task.storage.map(|size| json!({ "sizeInGiB": size })),
    })
}

fn health(task: &Task, checked: Option<&Container>) -> &'static str {
    match checked {
        Some(_) if task.status == Status::Running => match task.doom {
            Some(Failure::Unhealthy) => "UNHEALTHY",
            _ => "HEALTHY",
        },
        _ => "UNKNOWN",
    }
}

fn show_attachment(task: &Task) -> Value {
    let Some(attachment) = &task.attachment else { return Value::Null };
    let details = [
        ("subnetId", Some(&attachment.subnet)),
        ("networkInterfaceId", attachment.interface.as_ref()),
        ("macAddress", attachment.mac.as_ref()),
        ("privateDnsName", attachment.name.as_ref()),
        ("privateIPv4Address", attachment.address.as_ref()),
    ];
    let details: Vec<Value> = details
        .iter()
        .filter_map(|(name, value)| Some(json!({ "name": name, "value": (*value)? })))
        .collect();
    json!({
        "id": attachment.id,
        "type": "ElasticNetworkInterface",
        "status": attachment.status,
        "details": details,
    })
}

fn show_container(task: &Task, container: &Container) -> Value {
    let status = match task.status {
        Status::Provisioning | Status::Pending => "PENDING",
        Status::Activating | Status::Running | Status::Deactivating | Status::Stopping => "RUNNING",
        Status::Deprovisioning | Status::Stopped => "STOPPED",
    };
    let interface = task.attachment.as_ref().and_then(|attachment| {
        let address = attachment.address.as_ref()?;
        Some(json!({ "attachmentId": attachment.id, "privateIpv4Address": address }))
    });
    let arn = task.arn.replacen(":task/", ":container/", 1);
    let [cpu, memory, reservation] =
        container.limits.map(|limit| limit.map(|limit| limit.to_string()));
    let runs = task.times.started.is_some();
    let number = u32::from_str_radix(container.id.get(..8).unwrap_or_default(), 16);
    let runtime = format!("{}-{}", task.id, number.unwrap_or_default());
    json!({
        "containerArn": format!("{arn}/{}", container.id),
        "taskArn": task.arn,
        "name": container.name,
        "image": container.image,
        "imageDigest": container.digest,
        "runtimeId": runs.then_some(runtime),
        "lastStatus": status,
        "exitCode": container.exit_code,
        "reason": container.reason,
        "networkBindings": [],
        "networkInterfaces": interface.into_iter().collect::<Vec<_>>(),
        "healthStatus": health(task, Some(container).filter(|container| container.checked)),
        "managedAgents": managed_agents(task),
        "cpu": cpu.unwrap_or_else(|| "0".to_owned()),
        "memory": memory,
        "memoryReservation": reservation,
    })
}

/// The agent of `ExecuteCommand`, in tasks that allow it.
fn managed_agents(task: &Task) -> Option<Value> {
    let started = task.times.started.map(crate::world::Time::epoch);
    let status = match task.status {
        _ if task.stopping => "STOPPED",
        Status::Running => "RUNNING",
        _ => "PENDING",
    };
    task.execute_command.then(|| {
        json!([{
            "name": "ExecuteCommandAgent",
            "lastStartedAt": started,
            "lastStatus": status,
        }])
    })
}
