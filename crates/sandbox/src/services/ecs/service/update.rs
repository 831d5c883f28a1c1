//! UpdateService.

use serde::Deserialize;
use serde_json::{Value, json};

use super::configuration::{
    DeploymentConfiguration, DeploymentController, SchedulingStrategy, check_controller,
};
use super::create::{check_roles, count_of, definition_of, grace_period, placed, rebalancing};
use super::show::show;
use super::workload::{self, LoadBalancer, ServiceRegistry, Workload};
use super::{Service, Settings, Status, cluster_of, get, get_mut, key_of, not_active, not_found};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::cluster::Cluster;
use crate::services::ecs::cluster::StrategyItem;
use crate::services::ecs::deployment;
use crate::services::ecs::placement;
use crate::services::ecs::refusal::{client, invalid};
use crate::services::ecs::scheduler;
use crate::services::ecs::shape::{
    LaunchType, NetworkConfiguration, PlacementConstraint, PlacementStrategy, PropagateTags,
    Switch, check_rules,
};
use crate::services::ecs::task_definition::{self, TaskDefinition};
use crate::world::Site;

/// The input of UpdateService.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UpdateService {
    service: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    desired_count: Option<i64>,
    #[serde(default)]
    task_definition: Option<String>,
    #[serde(default)]
    capacity_provider_strategy: Option<Vec<StrategyItem>>,
    #[serde(default)]
    deployment_configuration: Option<DeploymentConfiguration>,
    #[serde(default)]
    availability_zone_rebalancing: Option<Switch>,
    #[serde(default)]
    network_configuration: Option<NetworkConfiguration>,
    #[serde(default)]
    placement_constraints: Option<Vec<PlacementConstraint>>,
    #[serde(default)]
    placement_strategy: Option<Vec<PlacementStrategy>>,
    #[serde(default)]
    platform_version: Option<String>,
    #[serde(default)]
    force_new_deployment: Option<bool>,
    #[serde(default)]
    health_check_grace_period_seconds: Option<i64>,
    #[serde(default)]
    deployment_controller: Option<DeploymentController>,
    #[serde(default)]
    enable_execute_command: Option<bool>,
    #[serde(default, rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: Option<bool>,
    #[serde(default)]
    load_balancers: Option<Vec<LoadBalancer>>,
    #[serde(default)]
    propagate_tags: Option<PropagateTags>,
    #[serde(default)]
    service_registries: Option<Vec<ServiceRegistry>>,
    #[serde(default)]
    service_connect_configuration: Option<Value>,
    #[serde(default)]
    volume_configurations: Option<Vec<Value>>,
    #[serde(default)]
    vpc_lattice_configurations: Option<Vec<Value>>,
    #[serde(default)]
    monitoring: Option<Value>,
}

/// UpdateService. ECS API says of each member whether it "triggers a new service deployment".
pub fn update(site: &mut Site<'_>, input: UpdateService) -> Answer {
    check_controller(input.deployment_controller)?;
    let cluster = cluster_of(site, input.cluster.as_deref())?;
    let key = key_of(&cluster, &input.service)?;
    let old = get(site, &key).cloned().ok_or_else(not_found)?;
    if old.status != Status::Active {
        return Err(not_active());
    }
    let desired = desired(&input, &old)?;
    let configuration = match input.deployment_configuration.clone() {
        Some(new) => old.configuration.changed_by(new).filled(old.settings.scheduling)?,
        None => old.configuration.clone(),
    };
    let definition = definition(site, &input, &old)?;
    let workload = workload(site, &input, &old, &cluster, &definition)?;
    let settings = settings(&input, &old, &workload, &configuration, &definition)?;
    let force = input.force_new_deployment == Some(true);
    let deploys = force || workload != old.workload;
    if deploys {
        workload::check(site, &workload, &definition.definition)?;
        check_roles(site, &workload, &settings, &definition)?;
    }
    if let Some(service) = get_mut(site, &key) {
        service.mind.steady &= service.desired == desired;
        service.desired = desired;
        service.configuration = configuration;
        service.settings = settings;
        service.workload = workload.clone();
    }
    if deploys {
        deployment::begin(site, &key, workload);
        task_definition::let_go(site, &old.workload.definition);
    }
    scheduler::wake(site, &key);
    Ok(json!({ "service": show(site, &key, true) }))
}

fn desired(input: &UpdateService, old: &Service) -> Result<u32, Refused> {
    match (old.settings.scheduling, input.desired_count) {
        (_, None) => Ok(old.desired),
        (SchedulingStrategy::Daemon, Some(_)) => Err(invalid(
            "The daemon scheduling strategy does not support a desired count for services. Remove \
             the desired count value and try again.",
        )),
        (SchedulingStrategy::Replica, Some(count)) => count_of(count),
    }
}

/// The task definition from now on. The one in use may have been deregistered since.
fn definition(
    site: &Site<'_>,
    input: &UpdateService,
    old: &Service,
) -> Result<TaskDefinition, Refused> {
    match &input.task_definition {
        Some(given) => {
            let current = definition_of(site, &old.workload);
            let found = task_definition::resolve(site, given);
            match (found, current) {
                (Some(found), Some(current)) if found.arn == current.arn => Ok(current),
                _ => placement::definition(site, given),
            }
        }
        None => {
            definition_of(site, &old.workload).ok_or_else(|| client("TaskDefinition not found."))
        }
    }
}

fn workload(
    site: &Site<'_>,
    input: &UpdateService,
    old: &Service,
    cluster: &Cluster,
    definition: &TaskDefinition,
) -> Result<Workload, Refused> {
    let mut new = old.workload.clone();
    new.definition.clone_from(&definition.arn);
    if let Some(strategy) = &input.capacity_provider_strategy {
        if new.placement.strategy != *strategy && input.force_new_deployment != Some(true) {
            return Err(invalid(
                "When switching from launch type to capacity provider strategy on an existing \
                 service, or making a change to a capacity provider strategy on a service that is \
                 already using one, you must force a new deployment.",
            ));
        }
        // ECS API, UpdateService: an empty list goes back to the launch type.
        let fargate = new.placement.is_fargate();
        let back = if fargate { LaunchType::Fargate } else { LaunchType::Ec2 };
        new.placement.launch_type = strategy.is_empty().then_some(back);
        new.placement.strategy.clone_from(strategy);
    }
    if let Some(version) = &input.platform_version {
        new.placement.platform_version = Some(version.clone());
    }
    if let Some(network) = &input.network_configuration {
        new.placement.network.clone_from(&network.awsvpc_configuration);
    }
    new.placement = placed(site, cluster, definition, &new.placement)?;
    if let Some(balancers) = &input.load_balancers {
        new.load_balancers.clone_from(balancers);
    }
    if let Some(registries) = &input.service_registries {
        new.registries.clone_from(registries);
    }
    if let Some(connect) = &input.service_connect_configuration {
        new.connect = Some(connect.clone());
    }
    if let Some(volumes) = &input.volume_configurations {
        new.volumes.clone_from(volumes);
    }
    if let Some(lattice) = &input.vpc_lattice_configurations {
        new.lattice.clone_from(lattice);
    }
    Ok(new)
}

fn settings(
    input: &UpdateService,
    old: &Service,
    workload: &Workload,
    configuration: &DeploymentConfiguration,
    definition: &TaskDefinition,
) -> Result<Settings, Refused> {
    let mut new = old.settings.clone();
    if let Some(constraints) = &input.placement_constraints {
        new.constraints.clone_from(constraints);
    }
    if let Some(strategies) = &input.placement_strategy {
        // ECS API, UpdateService: "To remove an existing placement strategy, specify an empty
        // object."
        let given = strategies.iter().filter(|one| **one != PlacementStrategy::default());
        new.strategies = given.cloned().collect();
    }
    check_rules(&new.constraints, &new.strategies, workload.placement.is_fargate())?;
    if let Some(execute) = input.enable_execute_command {
        new.execute_command = execute;
    }
    if new.execute_command && definition.definition["taskRoleArn"].as_str().is_none() {
        return Err(invalid(
            "The service couldn't be updated because a valid taskRoleArn is not being used. \
             Specify a valid task role in your task definition and try again.",
        ));
    }
    if input.health_check_grace_period_seconds.is_some() {
        let given = input.health_check_grace_period_seconds;
        new.grace_period = grace_period(given, &workload.load_balancers)?;
    }
    if workload.load_balancers.is_empty() {
        new.grace_period = None;
    }
    let given = input.availability_zone_rebalancing.or(Some(new.rebalancing));
    new.rebalancing = rebalancing(given, new.scheduling, configuration)?;
    if let Some(managed) = input.enable_ecs_managed_tags {
        new.managed_tags = managed;
    }
    if let Some(propagate) = input.propagate_tags {
        new.propagate_tags = propagate;
    }
    if let Some(monitoring) = &input.monitoring {
        new.monitoring = Some(monitoring.clone());
    }
    Ok(new)
}
