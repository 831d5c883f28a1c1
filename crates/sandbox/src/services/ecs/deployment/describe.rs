//! DescribeServiceDeployments.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Breaker, ServiceDeployment};
use crate::operations::Answer;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::service::Service;
use crate::services::ecs::task::Task;
use crate::world::{Site, Time};

/// The input of DescribeServiceDeployments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DescribeServiceDeployments {
    service_deployment_arns: Vec<String>,
}

/// DescribeServiceDeployments, up to 20 at once.
pub fn describe(site: &mut Site<'_>, input: DescribeServiceDeployments) -> Answer {
    let arns = &input.service_deployment_arns;
    if arns.is_empty() || arns.len() > 20 {
        return Err(invalid("serviceDeploymentArns must have between 1 and 20 elements."));
    }
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for arn in arns {
        if !arn.starts_with("arn:") || !arn.contains(":service-deployment/") {
            return Err(invalid(format!("Invalid service deployment ARN: {arn}")));
        }
        match find(site, arn) {
            Some((service, record)) => found.push(show(site, service, record)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "serviceDeployments": found, "failures": failures }))
}

/// A deployment's record and its service.
pub(super) fn find<'s>(
    site: &'s Site<'_>,
    arn: &str,
) -> Option<(&'s Service, &'s ServiceDeployment)> {
    site.region().ecs.services.values().find_map(|service| {
        Some((service, service.history.iter().find(|record| record.arn == arn)?))
    })
}

fn show(site: &Site<'_>, service: &Service, record: &ServiceDeployment) -> Value {
    let epoch = |time: Option<Time>| time.map(Time::epoch);
    let sources: Vec<Value> =
        record.sources.iter().map(|arn| revision(site, service, arn, false)).collect();
    let breaker = service.configuration.deployment_circuit_breaker.as_ref();
    let watched = breaker.filter(|_| record.breaker != Breaker::Disabled);
    let rollback = record.rollback.as_ref().map(|(revision, started, reason)| {
        json!({
            "reason": reason,
            "startedAt": started.epoch(),
            "serviceRevisionArn": revision,
        })
    });
    let alarms = service.configuration.alarms.as_ref().map(|alarms| {
        json!({
            "status": if alarms.enable { "MONITORING" } else { "DISABLED" },
            "alarmNames": alarms.alarm_names,
            "triggeredAlarmNames": [],
        })
    });
    json!({
        "serviceDeploymentArn": record.arn,
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "createdAt": record.created.epoch(),
        "startedAt": record.created.epoch(),
        "finishedAt": epoch(record.finished),
        "stoppedAt": epoch(record.stopped),
        "updatedAt": record.updated.epoch(),
        "sourceServiceRevisions": sources,
        "targetServiceRevision": revision(site, service, &record.target, record.status.is_open()),
        "status": record.status,
        "statusReason": record.reason,
        "deploymentConfiguration": service.configuration.show(),
        "rollback": rollback,
        "deploymentCircuitBreaker": {
            "status": record.breaker,
            "failureCount": record.failures,
            "threshold": watched.map_or(0, |breaker| breaker.threshold(service.desired)),
        },
        "alarms": alarms,
    })
}

fn revision(site: &Site<'_>, service: &Service, arn: &str, target: bool) -> Value {
    let deployments: Vec<&str> = service
        .deployments
        .iter()
        .filter(|one| one.revision == arn)
        .map(|one| one.id.as_str())
        .collect();
    let of = |task: &&Task| deployments.iter().any(|id| task.is_by(id));
    let tasks: Vec<&Task> = site.region().ecs.tasks.values().filter(of).collect();
    let running = tasks.iter().filter(|task| task.is_running()).count();
    let pending = tasks.iter().filter(|task| task.is_pending()).count();
    let primary = service.deployments.first().is_some_and(|first| first.revision == arn);
    let requested = if target || primary {
        usize::try_from(service.desired).unwrap_or_default()
    } else {
        running + pending
    };
    json!({
        "arn": arn,
        "requestedTaskCount": requested,
        "runningTaskCount": running,
        "pendingTaskCount": pending,
    })
}
