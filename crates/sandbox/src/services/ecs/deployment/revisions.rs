//! DescribeServiceRevisions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Revision;
use crate::operations::Answer;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::service::Service;
use crate::services::ecs::service::workload::Workload;
use crate::services::ecs::task::Task;
use crate::services::ecs::task_definition;
use crate::world::Site;

/// The input of DescribeServiceRevisions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DescribeServiceRevisions {
    service_revision_arns: Vec<String>,
}

/// DescribeServiceRevisions, up to 20 at once.
pub fn describe(site: &mut Site<'_>, input: DescribeServiceRevisions) -> Answer {
    let arns = &input.service_revision_arns;
    if arns.is_empty() || arns.len() > 20 {
        return Err(invalid("serviceRevisionArns must have between 1 and 20 elements."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        if !arn.starts_with("arn:") || !arn.contains(":service-revision/") {
            return Err(invalid(format!("Invalid service revision ARN: {arn}")));
        }
        let mut services = site.region().ecs.services.values();
        let revision = services.find_map(|service| Some((service, super::revision(service, arn)?)));
        match revision {
            Some((service, revision)) => found.push(show(site, service, revision)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "serviceRevisions": found, "failures": failures }))
}

fn show(site: &Site<'_>, service: &Service, revision: &Revision) -> Value {
    let Revision { workload, .. } = revision;
    let placement = &workload.placement;
    json!({
        "serviceRevisionArn": revision.arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "taskDefinition": workload.definition,
        "capacityProviderStrategy":
            Some(&placement.strategy).filter(|items| !items.is_empty()),
        "launchType": placement.launch_type,
        "platformVersion": placement.platform(),
        "platformFamily": placement.platform_family,
        "loadBalancers": workload.load_balancers,
        "serviceRegistries": workload.registries,
        "networkConfiguration": placement.network.as_ref().map(|network| network.show()),
        "containerImages": images(site, service, revision),
        "guardDutyEnabled": false,
        "serviceConnectConfiguration": workload.connect,
        "volumeConfigurations": Some(&workload.volumes).filter(|all| !all.is_empty()),
        "vpcLatticeConfigurations": Some(&workload.lattice).filter(|all| !all.is_empty()),
        "resolvedConfiguration": resolved(workload),
        "monitoring": service.settings.monitoring,
        "createdAt": revision.created.epoch(),
    })
}

/// ECS API, ServiceRevision: the target groups that ECS has chosen, where there are some.
fn resolved(workload: &Workload) -> Option<Value> {
    let groups = workload.load_balancers.iter();
    let groups: Vec<Value> =
        groups.map(|balancer| json!({ "targetGroupArn": balancer.target_group_arn })).collect();
    (!groups.is_empty()).then(|| json!({ "loadBalancers": groups }))
}

/// The images and, once a task has pulled them, their digests.
fn images(site: &Site<'_>, service: &Service, revision: &Revision) -> Vec<Value> {
    let definition = task_definition::resolve(site, &revision.workload.definition);
    let containers = definition.and_then(|one| one.definition["containerDefinitions"].as_array());
    let by = service.deployments.iter().filter(|one| one.revision == revision.arn);
    let by: Vec<&str> = by.map(|one| one.id.as_str()).collect();
    let of = |task: &&Task| by.iter().any(|id| task.is_by(id));
    let tasks: Vec<&Task> = site.region().ecs.tasks.values().filter(of).collect();
    let digest = |name: &Value| {
        let mut all = tasks.iter().flat_map(|task| &task.containers);
        all.find(|one| *name == one.name && one.digest.is_some()).and_then(|one| one.digest.clone())
    };
    containers
        .into_iter()
        .flatten()
        .map(|container| {
            json!({
                "containerName": container["name"],
                "imageDigest": digest(&container["name"]),
                "image": container["image"],
            })
        })
        .collect()
}
