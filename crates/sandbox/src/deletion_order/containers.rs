//! What holds clusters, services, task definitions, repositories and log groups.

use serde_json::{Value, json};

use super::{Case, Network, network, text};
use crate::probe::Probe;

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            pair: ("a cluster", "a service"),
            source: "ECS API, DeleteCluster: ClusterContainsServicesException",
            code: "ClusterContainsServicesException",
            make: |probe| {
                service(probe, 0);
                ("ecs", "DeleteCluster", json!({ "cluster": "main" }))
            },
        },
        Case {
            pair: ("a cluster", "a task"),
            source: "ECS API, DeleteCluster: ClusterContainsTasksException",
            code: "ClusterContainsTasksException",
            make: |probe| {
                let network = network(probe);
                prepare(probe);
                let input = json!({
                    "cluster": "main", "taskDefinition": "app", "launchType": "FARGATE",
                    "networkConfiguration": reach(&network),
                });
                probe.ask("ecs", "RunTask", input);
                ("ecs", "DeleteCluster", json!({ "cluster": "main" }))
            },
        },
        Case {
            pair: ("a service", "its own count"),
            source: "ECS API, DeleteService: scale it to zero first, or force",
            code: "InvalidParameterException",
            make: |probe| {
                service(probe, 1);
                ("ecs", "DeleteService", json!({ "cluster": "main", "service": "app" }))
            },
        },
        Case {
            pair: ("a subnet", "a task"),
            source: "ECS guide, task networking: each task has an interface in the subnet",
            code: "DependencyViolation",
            make: |probe| {
                let network = service(probe, 1);
                running(probe);
                ("ec2", "DeleteSubnet", json!({ "SubnetId": network.subnets[0] }))
            },
        },
        Case {
            pair: ("a security group", "a task"),
            source: "ECS guide, task networking: each task has an interface with the groups",
            code: "DependencyViolation",
            make: |probe| {
                let network = service(probe, 1);
                running(probe);
                ("ec2", "DeleteSecurityGroup", json!({ "GroupId": network.group }))
            },
        },
        Case {
            pair: ("a cluster's capacity provider", "a service that uses it"),
            source: "ECS API, PutClusterCapacityProviders: ResourceInUseException",
            code: "ResourceInUseException",
            make: |probe| {
                let network = network(probe);
                prepare(probe);
                let provider = "FARGATE_SPOT";
                let input = json!({
                    "cluster": "main", "capacityProviders": [provider],
                    "defaultCapacityProviderStrategy": [],
                });
                probe.ask("ecs", "PutClusterCapacityProviders", input);
                let input = json!({
                    "cluster": "main", "serviceName": "app", "taskDefinition": "app",
                    "desiredCount": 1,
                    "capacityProviderStrategy": [{ "capacityProvider": provider, "weight": 1 }],
                    "networkConfiguration": reach(&network),
                });
                probe.ask("ecs", "CreateService", input);
                let input = json!({
                    "cluster": "main", "capacityProviders": [],
                    "defaultCapacityProviderStrategy": [],
                });
                ("ecs", "PutClusterCapacityProviders", input)
            },
        },
        Case {
            pair: ("a repository", "an image"),
            source: "ECR API, DeleteRepository: RepositoryNotEmptyException",
            code: "RepositoryNotEmptyException",
            make: |probe| {
                probe.ask("ecr", "CreateRepository", json!({ "repositoryName": "app" }));
                let manifest = json!({
                    "schemaVersion": 2,
                    "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
                    "config": { "digest": format!("sha256:{}", "0".repeat(64)) },
                    "layers": [],
                });
                let input = json!({
                    "repositoryName": "app", "imageTag": "v1",
                    "imageManifest": manifest.to_string(),
                });
                probe.ask("ecr", "PutImage", input);
                ("ecr", "DeleteRepository", json!({ "repositoryName": "app" }))
            },
        },
        Case {
            pair: ("a log group", "its deletion protection"),
            source: "CloudWatch Logs API, DeleteLogGroup: not with deletion protection enabled",
            code: "ValidationException",
            make: |probe| {
                let input = json!({ "logGroupName": "app", "deletionProtectionEnabled": true });
                probe.ask("logs", "CreateLogGroup", input);
                ("logs", "DeleteLogGroup", json!({ "logGroupName": "app" }))
            },
        },
    ]
}

fn prepare(probe: &mut Probe) {
    probe.ask("ecs", "CreateCluster", json!({ "clusterName": "main" }));
    // In a new account the first call has ECS make its service-linked role.
    probe.pass(crate::world::Span::minutes(5));
    let input = json!({
        "family": "app", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{ "name": "app", "image": "nginx:1" }],
    });
    probe.ask("ecs", "RegisterTaskDefinition", input);
}

fn reach(network: &Network) -> Value {
    json!({
        "awsvpcConfiguration": {
            "subnets": [network.subnets[0]], "securityGroups": [network.group],
            "assignPublicIp": "ENABLED",
        },
    })
}

fn service(probe: &mut Probe, count: u32) -> Network {
    let network = network(probe);
    prepare(probe);
    let input = json!({
        "cluster": "main", "serviceName": "app", "taskDefinition": "app", "desiredCount": count,
        "launchType": "FARGATE", "networkConfiguration": reach(&network),
    });
    probe.ask("ecs", "CreateService", input);
    network
}

/// Waits until the service's task is there.
fn running(probe: &mut Probe) {
    probe.pass(crate::world::Span::minutes(5));
    let input = json!({ "cluster": "main", "services": ["app"] });
    let found = probe.ask("ecs", "DescribeServices", input);
    assert_eq!(found["services"][0]["runningCount"], 1, "{found}");
    let tasks = probe.ask("ecs", "ListTasks", json!({ "cluster": "main" }));
    assert!(text(&tasks, "/taskArns/0").starts_with("arn:"));
}
