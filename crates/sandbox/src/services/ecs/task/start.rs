//! The start of a task: from its task definition to its record.

use serde_json::{Value, json};

use super::{Attachment, Container, Event, Log, Status, Target, Task, Times};
use crate::services::ecs::cluster::Cluster;
use crate::services::ecs::placement::Placement;
use crate::services::ecs::script;
use crate::services::ecs::task_definition::TaskDefinition;
use crate::tags::Tags;
use crate::world::{Site, Wait};

/// A task to start.
#[derive(Clone, Debug)]
pub struct NewTask<'a> {
    /// Its cluster.
    pub cluster: &'a Cluster,
    /// Its task definition.
    pub definition: &'a TaskDefinition,
    /// Where it runs.
    pub placement: &'a Placement,
    /// Its subnet, in the network mode `awsvpc`.
    pub subnet: Option<String>,
    /// Its capacity provider.
    pub provider: Option<String>,
    /// `service:web` or `family:web`.
    pub group: String,
    /// Who starts it.
    pub started_by: Option<String>,
    /// The key of its service.
    pub service: Option<String>,
    /// Where it is going to be registered.
    pub targets: Vec<Target>,
    /// What is overridden.
    pub overrides: Value,
    /// Whether commands can be run in it.
    pub execute_command: bool,
    /// Its tags.
    pub tags: Tags,
}

/// Starts a task and tells its id.
pub fn start(site: &mut Site<'_>, new: NewTask<'_>) -> String {
    let id = site.world.chance.hex(32);
    let arn = site.arn("ecs", &format!("task/{}/{id}", new.cluster.name));
    let definition = &new.definition.definition;
    let revision = format!("{}:{}", new.definition.family, new.definition.revision);
    let doom = script::draw(site, &new.definition.family, &revision);
    let of = definition["containerDefinitions"].as_array().cloned().unwrap_or_default();
    let containers = of.iter().map(|of| container(site, of, &id)).collect();
    let attachment = new.subnet.map(|subnet| {
        let zone = site.region().ec2.subnets.get(&subnet).map(|subnet| subnet.zone.clone());
        Attachment {
            id: site.world.chance.uuid(),
            status: "PRECREATED".to_owned(),
            zone: zone.unwrap_or_default(),
            subnet,
            interface: None,
            mac: None,
            address: None,
            name: None,
        }
    });
    let fargate = new.placement.is_fargate();
    // ECS guide, "Fargate task ephemeral storage": 20 GiB unless more is asked for.
    let storage = fargate.then(|| {
        let asked =
            [&new.overrides, definition].map(|of| of["ephemeralStorage"]["sizeInGiB"].as_u64());
        asked.into_iter().flatten().next().unwrap_or(20)
    });
    let sized = |key: &str| {
        let sizes = [&new.overrides, definition].map(|of| of[key].as_str().map(str::to_owned));
        sizes.into_iter().flatten().next()
    };
    let task = Task {
        id: id.clone(),
        arn,
        cluster: new.cluster.name.clone(),
        cluster_arn: new.cluster.arn.clone(),
        definition: new.definition.arn.clone(),
        family: new.definition.family.clone(),
        group: new.group,
        started_by: new.started_by,
        service: new.service,
        placement: new.placement.clone(),
        provider: new.provider,
        attachment,
        containers,
        cpu: sized("cpu"),
        memory: sized("memory"),
        storage,
        overrides: overrides(&new.overrides, &of),
        execute_command: new.execute_command,
        status: Status::Provisioning,
        stopping: false,
        times: Times {
            created: site.now(),
            connected: None,
            pull_started: None,
            pull_stopped: None,
            started: None,
            stopping: None,
            execution_stopped: None,
            stopped: None,
        },
        stop_code: None,
        stopped_reason: None,
        targets: new.targets,
        healthy: false,
        doom,
        gives_up: None,
        protected: None,
        tags: new.tags,
        version: 1,
    };
    site.region_mut().ecs.tasks.insert(id.clone(), task);
    let step = Event::Step { task: id.clone(), from: Status::Provisioning };
    site.later(Wait::TaskProvisioning, super::super::Event::Task(step));
    id
}

fn container(site: &mut Site<'_>, of: &Value, task: &str) -> Container {
    let name = of["name"].as_str().unwrap_or_default().to_owned();
    Container {
        id: site.world.chance.uuid(),
        log: log(site, of, &name, task),
        image: of["image"].as_str().unwrap_or_default().to_owned(),
        digest: None,
        limits: ["cpu", "memory", "memoryReservation"].map(|key| of[key].as_u64()),
        essential: of["essential"].as_bool().unwrap_or(true),
        checked: of["healthCheck"].is_object(),
        exit_code: None,
        reason: None,
        name,
    }
}

/// ECS guide, "Send Amazon ECS logs to CloudWatch": streams are `prefix/container/task`.
fn log(site: &mut Site<'_>, of: &Value, name: &str, task: &str) -> Option<Log> {
    let configuration = &of["logConfiguration"];
    let options = &configuration["options"];
    let group = options["awslogs-group"].as_str()?;
    if configuration["logDriver"] != "awslogs" {
        return None;
    }
    Some(Log {
        region: options["awslogs-region"].as_str().unwrap_or(&site.name).to_owned(),
        group: group.to_owned(),
        stream: match options["awslogs-stream-prefix"].as_str() {
            Some(prefix) => format!("{prefix}/{name}/{task}"),
            None => task.to_owned(),
        },
        create: options["awslogs-create-group"] == "true",
    })
}

/// Every container has an entry, overridden or not, as DescribeTasks shows it.
fn overrides(given: &Value, containers: &[Value]) -> Value {
    let given_containers = given["containerOverrides"].as_array().cloned().unwrap_or_default();
    let containers: Vec<Value> = containers
        .iter()
        .map(|container| {
            let own = given_containers.iter().find(|given| given["name"] == container["name"]);
            own.cloned().unwrap_or_else(|| json!({ "name": container["name"] }))
        })
        .collect();
    let mut shown = given.as_object().cloned().unwrap_or_default();
    shown.retain(|_, value| !value.is_null());
    shown.insert("containerOverrides".to_owned(), containers.into());
    shown.entry("inferenceAcceleratorOverrides").or_insert_with(|| json!([]));
    shown.into()
}
