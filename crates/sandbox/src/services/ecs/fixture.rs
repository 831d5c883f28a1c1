//! What tests of services and tasks begin with: a cluster and task definitions.

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::services::ecs::State;
use crate::world::Span;

/// A world with the cluster `main`; without delays unless there is a seed.
pub(super) fn probe(seed: Option<u64>) -> Probe {
    let mut probe = seed.map_or_else(Probe::new, Probe::with_delays);
    probe.ask("iam", "CreateServiceLinkedRole", json!({ "AWSServiceName": "ecs.amazonaws.com" }));
    // The role is known everywhere.
    probe.pass(Span::minutes(1));
    probe.ask(
        "ecs",
        "CreateCluster",
        json!({
            "clusterName": "main",
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        }),
    );
    // Its capacity providers are attached.
    probe.world.rest();
    probe
}

/// Registers a revision of the family `web`: its ARN.
pub(super) fn register(probe: &mut Probe, changes: Value) -> String {
    let mut input = json!({
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{
            "name": "app",
            "image": "nginx:1",
            "portMappings": [{ "containerPort": 80 }],
        }],
    });
    merge(&mut input, changes);
    let answer = probe.ask("ecs", "RegisterTaskDefinition", input);
    text(&answer["taskDefinition"]["taskDefinitionArn"])
}

/// Makes a role for tasks: its ARN.
pub(super) fn role(probe: &mut Probe, name: &str) -> String {
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": { "Service": "ecs-tasks.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }]});
    let input = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust.to_string() });
    let made = probe.ask("iam", "CreateRole", input);
    text(&made["Role"]["Arn"])
}

/// The subnets of the default VPC.
pub(super) fn subnets(probe: &mut Probe) -> Vec<String> {
    let site = probe.world.site("us-east-1");
    site.region().ec2.subnets.keys().cloned().collect()
}

/// The default VPC's networks for tasks.
pub(super) fn network(probe: &mut Probe) -> Value {
    json!({ "awsvpcConfiguration": { "subnets": subnets(probe), "assignPublicIp": "ENABLED" } })
}

/// The input of CreateService for the service `web`, with changes.
pub(super) fn web(probe: &mut Probe, changes: Value) -> Value {
    let mut input = json!({
        "cluster": "main",
        "serviceName": "web",
        "taskDefinition": "web",
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": network(probe),
    });
    merge(&mut input, changes);
    input
}

/// Creates the service `web`.
pub(super) fn create(probe: &mut Probe, changes: Value) -> Value {
    let input = web(probe, changes);
    probe.ask("ecs", "CreateService", input)["service"].clone()
}

/// The service `web`.
pub(super) fn service(probe: &mut Probe) -> Value {
    let input = json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] });
    probe.ask("ecs", "DescribeServices", input)["services"][0].clone()
}

/// Changes the service `web`.
pub(super) fn update(probe: &mut Probe, changes: Value) -> Value {
    let mut input = json!({ "cluster": "main", "service": "web" });
    merge(&mut input, changes);
    probe.ask("ecs", "UpdateService", input)["service"].clone()
}

/// What happened to the service `web`, oldest first, without ids.
pub(super) fn events(probe: &mut Probe) -> Vec<String> {
    let service = service(probe);
    let events = service["events"].as_array().cloned().unwrap_or_default();
    let mut messages: Vec<String> = events.iter().map(|event| text(&event["message"])).collect();
    messages.reverse();
    messages
}

/// All tasks of the cluster `main` as DescribeTasks shows them, those that stop included.
pub(super) fn tasks(probe: &mut Probe, status: &str) -> Vec<Value> {
    let input = json!({ "cluster": "main", "desiredStatus": status });
    let arns = probe.ask("ecs", "ListTasks", input)["taskArns"].clone();
    if arns == json!([]) {
        return Vec::new();
    }
    let input = json!({ "cluster": "main", "tasks": arns, "include": ["TAGS"] });
    let answer = probe.ask("ecs", "DescribeTasks", input);
    answer["tasks"].as_array().cloned().unwrap_or_default()
}

/// What ECS keeps.
pub(super) fn state(probe: &mut Probe) -> &mut State {
    probe.world.site("us-east-1");
    &mut probe.world.regions.get_mut("us-east-1").expect("the region").ecs
}

/// A JSON text.
pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Changes members; `null` takes one away.
fn merge(input: &mut Value, changes: Value) {
    let members = input.as_object_mut().expect("an object");
    for (key, value) in changes.as_object().cloned().unwrap_or_default() {
        if value.is_null() {
            members.remove(&key);
        } else {
            members.insert(key, value);
        }
    }
}
