//! A service from AWS to the spec.

use aws_sdk_ecs::types as aws_ecs;
use landfall_model::Readiness;
use landfall_model::types::Ref;

use super::spec::{
    CircuitBreaker, ConstraintType, Deployment, DeploymentAlarms, LoadBalancer, Network,
    PlacementConstraint, PlacementStrategy, Spec, StrategyType,
};
use crate::services::ecs::{CapacityProvider, filled, spoken};

/// A service as a spec.
pub(super) fn spec(is: &aws_ecs::Service) -> Spec {
    let strategy = is.capacity_provider_strategy();
    let network = is.network_configuration().and_then(|one| one.awsvpc_configuration());
    let rebalancing = is.availability_zone_rebalancing();
    Spec {
        name: is.service_name().unwrap_or_default().to_owned(),
        cluster: Ref::new(is.cluster_arn().unwrap_or_default()),
        task_definition: Ref::new(is.task_definition().unwrap_or_default()),
        // Some answer a launch type beside a strategy, but only one of them holds.
        launch_type: is
            .launch_type()
            .filter(|_| strategy.is_empty())
            .and_then(|one| spoken(one.as_str())),
        capacity_provider_strategy: (!strategy.is_empty())
            .then(|| strategy.iter().map(CapacityProvider::of).collect()),
        platform_version: filled(is.platform_version.clone())
            .unwrap_or_else(|| "LATEST".to_owned()),
        desired_count: Some(is.desired_count),
        scheduling_strategy: is
            .scheduling_strategy()
            .and_then(|one| spoken(one.as_str()))
            .unwrap_or_default(),
        network: network.map(|network| Network {
            subnets: network.subnets().iter().map(Ref::new).collect(),
            security_groups: network.security_groups().iter().map(Ref::new).collect(),
            assign_public_ip: network.assign_public_ip() == Some(&aws_ecs::AssignPublicIp::Enabled),
        }),
        load_balancer: None,
        load_balancers: is.load_balancers().iter().filter_map(load_balancer).collect(),
        deployment: is.deployment_configuration().map(deployment).unwrap_or_default(),
        // Without a load balancer what AWS remembers of it means nothing.
        health_check_grace_period: match is.load_balancers() {
            [] => 0,
            _ => is.health_check_grace_period_seconds.unwrap_or_default(),
        },
        enable_execute_command: is.enable_execute_command,
        enable_managed_tags: is.enable_ecs_managed_tags,
        propagate_tags: is
            .propagate_tags()
            .and_then(|one| spoken(one.as_str()))
            .unwrap_or_default(),
        availability_zone_rebalancing: rebalancing.and_then(|one| spoken(one.as_str())),
        placement_constraints: is.placement_constraints().iter().filter_map(constraint).collect(),
        placement_strategy: is.placement_strategy().iter().filter_map(placement).collect(),
        wait_for_steady_state: true,
    }
    .canonical()
}

fn load_balancer(is: &aws_ecs::LoadBalancer) -> Option<LoadBalancer> {
    Some(LoadBalancer {
        target_group: Ref::new(is.target_group_arn()?),
        container: is.container_name().unwrap_or_default().to_owned(),
        port: is.container_port.unwrap_or_default(),
    })
}

fn deployment(is: &aws_ecs::DeploymentConfiguration) -> Deployment {
    let breaker = is.deployment_circuit_breaker();
    let alarms = is.alarms().filter(|alarms| !alarms.alarm_names().is_empty());
    Deployment {
        maximum_percent: is.maximum_percent,
        minimum_healthy_percent: is.minimum_healthy_percent,
        circuit_breaker: breaker
            .map(|breaker| CircuitBreaker { enable: breaker.enable, rollback: breaker.rollback })
            .unwrap_or_default(),
        alarms: alarms.map(|alarms| DeploymentAlarms {
            names: alarms.alarm_names().iter().cloned().collect(),
            enable: alarms.enable,
            rollback: alarms.rollback,
        }),
    }
}

fn constraint(is: &aws_ecs::PlacementConstraint) -> Option<PlacementConstraint> {
    let sort = match is.r#type()? {
        aws_ecs::PlacementConstraintType::MemberOf => ConstraintType::MemberOf,
        _ => ConstraintType::DistinctInstance,
    };
    Some(PlacementConstraint { sort, expression: filled(is.expression.clone()) })
}

fn placement(is: &aws_ecs::PlacementStrategy) -> Option<PlacementStrategy> {
    let sort: StrategyType = spoken(is.r#type()?.as_str())?;
    Some(PlacementStrategy { sort, field: filled(is.field.clone()) })
}

/// How far a service is, or how far its deployment of the wanted task definition is.
pub(super) fn readiness(is: &aws_ecs::Service, want: Option<&Spec>) -> Readiness {
    if is.status() == Some("DRAINING") {
        let running = is.running_count;
        return Readiness::Leaving(match running {
            0 => "its tasks to be drained".to_owned(),
            1 => "its last task to stop".to_owned(),
            _ => format!("its {running} tasks to stop"),
        });
    }
    if want.is_some_and(|want| !want.wait_for_steady_state) {
        return Readiness::Ready;
    }
    let deployments = is.deployments();
    let primary = deployments.iter().find(|one| one.status() == Some("PRIMARY"));
    let failed = |one: &aws_ecs::Deployment| {
        one.rollout_state() == Some(&aws_ecs::DeploymentRolloutState::Failed)
    };
    let why = |one: &aws_ecs::Deployment| {
        let reason = filled(one.rollout_state_reason.clone());
        Readiness::Failed(reason.unwrap_or_else(|| "the deployment failed".to_owned()))
    };
    // A deployment that was rolled back leaves a healthy service behind, on the old revision.
    let wanted = want.map(|want| want.task_definition.as_str());
    let rolled_back = deployments
        .iter()
        .filter(|_| primary.is_some_and(|primary| primary.task_definition() != wanted))
        .find(|one| failed(one) && one.task_definition() == wanted);
    if let Some(deployment) = rolled_back.or(primary.filter(|primary| failed(primary))) {
        return why(deployment);
    }
    let trouble = trouble(is, primary);
    let running = |running: i32, wanted: i32| {
        let tasks = if wanted == 1 { "task" } else { "tasks" };
        let trouble = trouble.map(|words| format!(": {words}")).unwrap_or_default();
        Readiness::Pending(format!("{running} of {wanted} {tasks} running{trouble}"))
    };
    match primary.and_then(|primary| Some((primary, primary.rollout_state()?))) {
        Some((_, aws_ecs::DeploymentRolloutState::Completed)) => Readiness::Ready,
        Some((primary, _)) => running(primary.running_count, primary.desired_count),
        None if deployments.len() <= 1 && is.running_count >= is.desired_count => Readiness::Ready,
        None => running(is.running_count, is.desired_count),
    }
}

/// What keeps the deployment's tasks from being placed or started, in the service's own words
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>).
fn trouble<'a>(
    is: &'a aws_ecs::Service,
    deployment: Option<&aws_ecs::Deployment>,
) -> Option<&'a str> {
    let since = deployment.and_then(|one| one.created_at.as_ref());
    let of_now = |event: &&aws_ecs::ServiceEvent| match (since, &event.created_at) {
        (Some(since), Some(at)) => at >= since,
        _ => true,
    };
    // The newest comes first. One that steadied since is in no trouble any more.
    let newest = is.events().iter().find(of_now)?.message.as_deref()?;
    let troubled = ["unable to", "failed to"].iter().any(|words| newest.contains(words));
    troubled.then_some(newest)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::DeploymentRolloutState as State;
    use serde_json::json;

    use super::*;

    fn deployment(status: &str, of: &str, state: State) -> aws_ecs::Deployment {
        aws_ecs::Deployment::builder()
            .status(status)
            .task_definition(of)
            .rollout_state(state)
            .rollout_state_reason("tasks failed to start")
            .running_count(1)
            .desired_count(2)
            .build()
    }

    fn service(deployments: Vec<aws_ecs::Deployment>) -> aws_ecs::Service {
        aws_ecs::Service::builder().status("ACTIVE").set_deployments(Some(deployments)).build()
    }

    fn want(wait: bool) -> Spec {
        serde_json::from_value(json!({
            "cluster": "c", "task_definition": "app:2", "wait_for_steady_state": wait,
        }))
        .expect("a spec")
    }

    #[test]
    fn a_deployment_is_followed_to_its_end() {
        let of = |state| readiness(&service(vec![deployment("PRIMARY", "app:2", state)]), None);
        assert_eq!(of(State::Completed), Readiness::Ready);
        assert_eq!(of(State::InProgress), Readiness::Pending("1 of 2 tasks running".to_owned()));
        assert_eq!(of(State::Failed), Readiness::Failed("tasks failed to start".to_owned()));
    }

    #[test]
    fn a_rollback_is_a_failure_of_what_was_wanted() {
        let rolled_back = service(vec![
            deployment("PRIMARY", "app:1", State::Completed),
            deployment("ACTIVE", "app:2", State::Failed),
        ]);
        let failed = Readiness::Failed("tasks failed to start".to_owned());
        assert_eq!(readiness(&rolled_back, Some(&want(true))), failed);
        assert_eq!(readiness(&rolled_back, None), Readiness::Ready);
        let once_more = service(vec![
            deployment("PRIMARY", "app:2", State::InProgress),
            deployment("ACTIVE", "app:2", State::Failed),
        ]);
        assert!(matches!(readiness(&once_more, Some(&want(true))), Readiness::Pending(_)));
    }

    #[test]
    fn who_does_not_wait_is_ready_at_once() {
        let starting = service(vec![deployment("PRIMARY", "app:2", State::InProgress)]);
        assert_eq!(readiness(&starting, Some(&want(false))), Readiness::Ready);
    }

    #[test]
    fn what_keeps_tasks_from_starting_is_told() {
        let event = |at: i64, message: &str| {
            let at = aws_sdk_ecs::primitives::DateTime::from_secs(at);
            aws_ecs::ServiceEvent::builder().created_at(at).message(message).build()
        };
        let primary = aws_ecs::Deployment::builder()
            .status("PRIMARY")
            .rollout_state(State::InProgress)
            .created_at(aws_sdk_ecs::primitives::DateTime::from_secs(100))
            .desired_count(2)
            .build();
        let readiness = |events: Vec<aws_ecs::ServiceEvent>| {
            let service = aws_ecs::Service::builder().status("ACTIVE").deployments(primary.clone());
            super::readiness(&service.set_events(Some(events)).build(), None)
        };
        let unable = "(service app) was unable to place a task. Reason: Capacity is unavailable.";
        let told = Readiness::Pending(format!("0 of 2 tasks running: {unable}"));
        assert_eq!(readiness(vec![event(120, unable), event(110, "started 1 tasks")]), told);
        // Neither what is over nor what was said of an earlier deployment.
        let calm = Readiness::Pending("0 of 2 tasks running".to_owned());
        assert_eq!(readiness(vec![event(130, "started 1 tasks"), event(120, unable)]), calm);
        assert_eq!(readiness(vec![event(90, unable)]), calm);
    }
}
