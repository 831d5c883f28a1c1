//! A service from the spec to AWS. Builders that can fail do so only without a field that is always
//! given, hence the `ok()`s.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types as aws_ecs;
use landfall_model::types::Set;

use super::spec::{
    Deployment, LoadBalancer, Network, PlacementConstraint, PlacementStrategy, SchedulingStrategy,
    Spec,
};
use crate::Aws;
use crate::services::ecs::{CapacityProvider, capitals, word};

/// The call that makes a service, without tags.
pub(super) fn create(aws: &Aws, want: &Spec) -> CreateServiceFluentBuilder {
    let strategy = want.capacity_provider_strategy.as_ref().map(strategy);
    let versioned = want.on_fargate() == Some(true) || want.platform_version != "LATEST";
    let replica = want.scheduling_strategy == SchedulingStrategy::Replica;
    let grace = want.health_check_grace_period;
    let rebalancing = want.availability_zone_rebalancing;
    aws.ecs
        .create_service()
        .service_name(&want.name)
        .cluster(want.cluster.as_str())
        .task_definition(want.task_definition.as_str())
        .set_launch_type(want.launch_type.map(|one| capitals(&one).as_str().into()))
        .set_capacity_provider_strategy(strategy)
        .set_platform_version(versioned.then(|| want.platform_version.clone()))
        .set_desired_count(replica.then(|| want.desired_count.unwrap_or(1)))
        .scheduling_strategy(capitals(&want.scheduling_strategy).as_str().into())
        .set_network_configuration(want.network.as_ref().and_then(network))
        .set_load_balancers(Some(want.targets().map(load_balancer).collect()))
        .deployment_configuration(deployment(&want.deployment))
        .set_health_check_grace_period_seconds((grace != 0).then_some(grace))
        .enable_execute_command(want.enable_execute_command)
        .enable_ecs_managed_tags(want.enable_managed_tags)
        .propagate_tags(capitals(&want.propagate_tags).as_str().into())
        .set_availability_zone_rebalancing(rebalancing.map(|one| capitals(&one).as_str().into()))
        .set_placement_constraints(Some(constraints(&want.placement_constraints)))
        .set_placement_strategy(Some(placement(&want.placement_strategy)))
}

/// The call that brings a service from what is to what is wanted, with only what differs: some
/// parameters start a deployment.
pub(super) fn update(aws: &Aws, is: &Spec, want: &Spec) -> UpdateServiceFluentBuilder {
    let mut call = aws.ecs.update_service().cluster(is.cluster.as_str()).service(&is.name);
    if want.task_definition != is.task_definition {
        call = call.task_definition(want.task_definition.as_str());
    }
    if let Some(wanted) = &want.capacity_provider_strategy
        && want.capacity_provider_strategy != is.capacity_provider_strategy
    {
        // AWS takes a new strategy only together with a deployment.
        call = call.set_capacity_provider_strategy(Some(strategy(wanted)));
        call = call.force_new_deployment(true);
    }
    if want.platform_version != is.platform_version {
        call = call.platform_version(&want.platform_version);
    }
    if want.desired_count != is.desired_count {
        call = call.set_desired_count(want.desired_count);
    }
    if want.network != is.network {
        call = call.set_network_configuration(want.network.as_ref().and_then(network));
    }
    let balanced = want.targets().next().is_some();
    let moved = !want.targets().eq(is.targets());
    if moved {
        call = call.set_load_balancers(Some(want.targets().map(load_balancer).collect()));
    }
    if want.deployment != is.deployment {
        call = call.deployment_configuration(deployment(&want.deployment));
    }
    // AWS takes it only with a load balancer, and keeps it hidden from when there was one before.
    if balanced && (moved || want.health_check_grace_period != is.health_check_grace_period) {
        call = call.health_check_grace_period_seconds(want.health_check_grace_period);
    }
    if want.enable_execute_command != is.enable_execute_command {
        call = call.enable_execute_command(want.enable_execute_command);
    }
    if want.enable_managed_tags != is.enable_managed_tags {
        call = call.enable_ecs_managed_tags(want.enable_managed_tags);
    }
    if want.propagate_tags != is.propagate_tags {
        call = call.propagate_tags(capitals(&want.propagate_tags).as_str().into());
    }
    if let Some(rebalancing) = want.availability_zone_rebalancing
        && want.availability_zone_rebalancing != is.availability_zone_rebalancing
    {
        call = call.availability_zone_rebalancing(capitals(&rebalancing).as_str().into());
    }
    if want.placement_constraints != is.placement_constraints {
        let wanted = constraints(&want.placement_constraints);
        call = call.set_placement_constraints(Some(wanted));
    }
    if want.placement_strategy != is.placement_strategy {
        call = call.set_placement_strategy(Some(placement(&want.placement_strategy)));
    }
    call
}

fn strategy(items: &Set<CapacityProvider>) -> Vec<aws_ecs::CapacityProviderStrategyItem> {
    items.iter().filter_map(CapacityProvider::to_aws).collect()
}

fn network(network: &Network) -> Option<aws_ecs::NetworkConfiguration> {
    let public = if network.assign_public_ip { "ENABLED" } else { "DISABLED" };
    let awsvpc = aws_ecs::AwsVpcConfiguration::builder()
        .set_subnets(Some(network.subnets.iter().map(String::from).collect()))
        .set_security_groups(Some(network.security_groups.iter().map(String::from).collect()))
        .assign_public_ip(public.into())
        .build()
        .ok()?;
    Some(aws_ecs::NetworkConfiguration::builder().awsvpc_configuration(awsvpc).build())
}

fn load_balancer(target: &LoadBalancer) -> aws_ecs::LoadBalancer {
    aws_ecs::LoadBalancer::builder()
        .target_group_arn(target.target_group.as_str())
        .container_name(&target.container)
        .container_port(target.port)
        .build()
}

fn deployment(wanted: &Deployment) -> aws_ecs::DeploymentConfiguration {
    let breaker = aws_ecs::DeploymentCircuitBreaker::builder()
        .enable(wanted.circuit_breaker.enable)
        .rollback(wanted.circuit_breaker.rollback)
        .build();
    let alarms = wanted.alarms.as_ref().and_then(|alarms| {
        aws_ecs::DeploymentAlarms::builder()
            .set_alarm_names(Some(alarms.names.iter().cloned().collect()))
            .enable(alarms.enable)
            .rollback(alarms.rollback)
            .build()
            .ok()
    });
    aws_ecs::DeploymentConfiguration::builder()
        .set_maximum_percent(wanted.maximum_percent)
        .set_minimum_healthy_percent(wanted.minimum_healthy_percent)
        .deployment_circuit_breaker(breaker)
        .set_alarms(alarms)
        .build()
}

fn constraints(wanted: &Set<PlacementConstraint>) -> Vec<aws_ecs::PlacementConstraint> {
    let constraint = |one: &PlacementConstraint| {
        aws_ecs::PlacementConstraint::builder()
            .r#type(camel(&word(&one.sort)).as_str().into())
            .set_expression(one.expression.clone())
            .build()
    };
    wanted.iter().map(constraint).collect()
}

fn placement(wanted: &[PlacementStrategy]) -> Vec<aws_ecs::PlacementStrategy> {
    let strategy = |one: &PlacementStrategy| {
        aws_ecs::PlacementStrategy::builder()
            .r#type(word(&one.sort).as_str().into())
            .set_field(one.field.clone())
            .build()
    };
    wanted.iter().map(strategy).collect()
}

/// `member_of` as `memberOf`.
fn camel(word: &str) -> String {
    match word.split_once('_') {
        Some((first, rest)) => {
            let mut rest = rest.to_owned();
            rest.get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
            first.to_owned() + &rest
        }
        None => word.to_owned(),
    }
}
