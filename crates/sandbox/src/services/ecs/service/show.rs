//! Services as the API shows them.

use serde_json::{Value, json};

use super::configuration::SchedulingStrategy;
use super::{Service, Status};
use crate::services::ecs::deployment::{self, Deployment};
use crate::services::ecs::tag;
use crate::services::ecs::task::Task;
use crate::world::{ACCOUNT, Site};

/// A service as the API shows it.
pub(super) fn show(site: &Site<'_>, key: &str, with_tags: bool) -> Value {
    let Some(service) = super::get(site, key) else { return Value::Null };
    let tasks: Vec<&Task> =
        site.region().ecs.tasks.values().filter(|task| task.is_of(key)).collect();
    let Service { workload, settings, .. } = service;
    let placement = &workload.placement;
    let deployments: Vec<Value> =
        service.deployments.iter().map(|one| show_deployment(service, one, &tasks)).collect();
    let revisions: Vec<Value> = service
        .deployments
        .iter()
        .map(|one| {
            let (pending, running) = counts(&tasks, |task| task.is_by(&one.id));
            json!({
                "arn": one.revision,
                "requestedTaskCount": desired(service, one, pending + running),
                "runningTaskCount": running,
                "pendingTaskCount": pending,
            })
        })
        .collect();
    let events: Vec<Value> = service
        .events
        .iter()
        .map(|event| {
            json!({ "id": event.id, "createdAt": event.created.epoch(), "message": event.message })
        })
        .collect();
    let (pending, running) = counts(&tasks, |_| true);
    // The service-linked role stands for ECS where the service has no role of its own.
    let linked = placement.network.is_some() || !workload.load_balancers.is_empty();
    let linked = linked.then(|| {
        format!(
            "arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
        )
    });
    let balanced = !workload.load_balancers.is_empty();
    let strategy = Some(&placement.strategy).filter(|items| !items.is_empty());
    let in_progress = service.history.first().filter(|record| record.status.is_open());
    json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster_arn,
        "loadBalancers": workload.load_balancers,
        "serviceRegistries": workload.registries,
        "status": service.status,
        "desiredCount": if service.status == Status::Active { service.desired } else { 0 },
        "runningCount": running,
        "pendingCount": pending,
        "launchType": placement.launch_type,
        "capacityProviderStrategy": strategy,
        "platformVersion": placement.platform_version,
        "platformFamily": placement.platform_family,
        "taskDefinition": workload.definition,
        "deploymentConfiguration": service.configuration.show(),
        "deployments": deployments,
        "roleArn": settings.role.clone().or(linked),
        "events": events,
        "createdAt": service.created.epoch(),
        "currentServiceDeployment": in_progress.map(|record| &record.arn),
        "currentServiceRevisions": revisions,
        "placementConstraints": settings.constraints,
        "placementStrategy": settings.strategies,
        "networkConfiguration": placement.network.as_ref().map(|network| network.show()),
        "healthCheckGracePeriodSeconds":
            settings.grace_period.or_else(|| balanced.then_some(0)),
        "schedulingStrategy": settings.scheduling,
        "deploymentController": { "type": "ECS" },
        "tags": with_tags.then(|| tag::shown(&service.tags)),
        "createdBy": format!("arn:aws:iam::{ACCOUNT}:user/sandbox"),
        "enableECSManagedTags": settings.managed_tags,
        "propagateTags": settings.propagate_tags,
        "enableExecuteCommand": settings.execute_command,
        "availabilityZoneRebalancing": settings.rebalancing,
        "resourceManagementType": "CUSTOMER",
    })
}

/// How many tasks are pending and running.
fn counts(tasks: &[&Task], of: impl Fn(&Task) -> bool) -> (usize, usize) {
    let pending = tasks.iter().filter(|task| of(task) && task.is_pending()).count();
    let running = tasks.iter().filter(|task| of(task) && task.is_running()).count();
    (pending, running)
}

/// The newest deployment is meant to have all tasks, the others those that they still have.
fn desired(service: &Service, deployment: &Deployment, there: usize) -> usize {
    let primary = service.deployments.first().is_some_and(|first| first.id == deployment.id);
    match service.settings.scheduling {
        _ if service.status != Status::Active => 0,
        SchedulingStrategy::Replica if primary => usize::try_from(service.desired).unwrap_or(0),
        _ => there,
    }
}

fn show_deployment(service: &Service, deployment: &Deployment, tasks: &[&Task]) -> Value {
    let (pending, running) = counts(tasks, |task| task.is_by(&deployment.id));
    let Some(revision) = deployment::revision(service, &deployment.revision) else {
        return Value::Null;
    };
    let workload = &revision.workload;
    let placement = &workload.placement;
    let strategy = Some(&placement.strategy).filter(|items| !items.is_empty());
    let primary = service.deployments.first().is_some_and(|first| first.id == deployment.id);
    json!({
        "id": deployment.id,
        "status": if primary { "PRIMARY" } else { "ACTIVE" },
        "taskDefinition": workload.definition,
        "desiredCount": desired(service, deployment, pending + running),
        "pendingCount": pending,
        "runningCount": running,
        "failedTasks": deployment.failed,
        "createdAt": deployment.created.epoch(),
        "updatedAt": deployment.updated.epoch(),
        "capacityProviderStrategy": strategy,
        "launchType": placement.launch_type,
        "platformVersion": placement.platform(),
        "platformFamily": placement.platform_family,
        "networkConfiguration": placement.network.as_ref().map(|network| network.show()),
        "rolloutState": deployment.state,
        "rolloutStateReason": deployment.reason,
        "serviceConnectConfiguration": workload.connect,
        "volumeConfigurations": Some(&workload.volumes).filter(|volumes| !volumes.is_empty()),
        "vpcLatticeConfigurations": Some(&workload.lattice).filter(|all| !all.is_empty()),
    })
}
