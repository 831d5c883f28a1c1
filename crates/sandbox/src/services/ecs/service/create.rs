//! CreateService.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::configuration::{
    DeploymentConfiguration, DeploymentController, SchedulingStrategy, check_controller,
};
use super::show::show;
use super::workload::{self, LoadBalancer, ServiceRegistry, Workload};
use super::{Mind, Service, Settings, Status, cluster_of, get, key};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::cluster::Cluster;
use crate::services::ecs::cluster::StrategyItem;
use crate::services::ecs::deployment;
use crate::services::ecs::placement::{self, Placement, Wanted};
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::scheduler;
use crate::services::ecs::shape::{
    LaunchType, NetworkConfiguration, PlacementConstraint, PlacementStrategy, PropagateTags,
    Switch, check_rules,
};
use crate::services::ecs::tag::{self, Tag};
use crate::services::ecs::task_definition::TaskDefinition;
use crate::services::iam;
use crate::world::{ACCOUNT, Site};

/// The input of CreateService.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CreateService {
    service_name: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    task_definition: Option<String>,
    #[serde(default)]
    availability_zone_rebalancing: Option<Switch>,
    #[serde(default)]
    load_balancers: Vec<LoadBalancer>,
    #[serde(default)]
    service_registries: Vec<ServiceRegistry>,
    #[serde(default)]
    desired_count: Option<i64>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    launch_type: Option<LaunchType>,
    #[serde(default)]
    capacity_provider_strategy: Option<Vec<StrategyItem>>,
    #[serde(default)]
    platform_version: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    deployment_configuration: DeploymentConfiguration,
    #[serde(default)]
    placement_constraints: Vec<PlacementConstraint>,
    #[serde(default)]
    placement_strategy: Vec<PlacementStrategy>,
    #[serde(default)]
    network_configuration: Option<NetworkConfiguration>,
    #[serde(default)]
    health_check_grace_period_seconds: Option<i64>,
    #[serde(default)]
    scheduling_strategy: SchedulingStrategy,
    #[serde(default)]
    deployment_controller: Option<DeploymentController>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default, rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: Option<bool>,
    #[serde(default)]
    propagate_tags: Option<PropagateTags>,
    #[serde(default)]
    enable_execute_command: Option<bool>,
    #[serde(default)]
    service_connect_configuration: Option<Value>,
    #[serde(default)]
    volume_configurations: Vec<Value>,
    #[serde(default)]
    vpc_lattice_configurations: Vec<Value>,
    #[serde(default)]
    monitoring: Option<Value>,
}

/// CreateService.
pub fn create(site: &mut Site<'_>, input: CreateService) -> Answer {
    check_name(&input.service_name)?;
    check_token(input.client_token.as_deref())?;
    check_controller(input.deployment_controller)?;
    let cluster = cluster_of(site, input.cluster.as_deref())?;
    let key = key(&cluster.name, &input.service_name);
    let parameters = serde_json::to_value(&input).unwrap_or_default();
    if is_repeated(site, &key, input.client_token.as_deref(), &parameters)? {
        return Ok(json!({ "service": show(site, &key, true) }));
    }
    let desired = desired(&input)?;
    let configuration = input.deployment_configuration.clone().filled(input.scheduling_strategy)?;
    let given = input.task_definition.as_deref().filter(|given| !given.is_empty());
    let given = given.ok_or_else(|| invalid("TaskDefinition can not be blank."))?;
    let definition = placement::definition(site, given)?;
    let wanted = Wanted {
        launch_type: input.launch_type,
        strategy: input.capacity_provider_strategy.as_deref(),
        platform_version: input.platform_version.as_deref(),
        network: input.network_configuration.as_ref(),
    };
    let placement = placement::place(site, &cluster, &definition, &wanted)?;
    let settings = settings(&input, &configuration, &placement, &definition)?;
    let workload = Workload {
        definition: definition.arn.clone(),
        placement,
        load_balancers: input.load_balancers.clone(),
        registries: input.service_registries.clone(),
        connect: input.service_connect_configuration.clone(),
        volumes: input.volume_configurations.clone(),
        lattice: input.vpc_lattice_configurations.clone(),
    };
    workload::check(site, &workload, &definition.definition)?;
    check_roles(site, &workload, &settings, &definition)?;
    let tags = tag::read(input.tags.clone())?;
    let service = Service {
        generation: site.new_id("service"),
        arn: site.arn("ecs", &format!("service/{key}")),
        name: input.service_name,
        cluster: cluster.name,
        cluster_arn: cluster.arn,
        status: Status::Active,
        desired,
        workload: workload.clone(),
        configuration,
        settings,
        tags,
        deployments: Vec::new(),
        history: Vec::new(),
        revisions: Vec::new(),
        completed: None,
        events: Vec::new(),
        created: site.now(),
        token: input.client_token.map(|token| (token, parameters)),
        mind: Mind::default(),
    };
    site.region_mut().ecs.services.insert(key.clone(), service);
    deployment::begin(site, &key, workload);
    scheduler::wake(site, &key);
    Ok(json!({ "service": show(site, &key, true) }))
}

/// ECS API, CreateService: up to 255 letters, numbers, underscores and hyphens.
fn check_name(name: &str) -> Result<(), Refused> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    match name {
        "" => Err(invalid("Service name cannot be empty.")),
        name if name.chars().count() > 255 => {
            Err(invalid("Service name must have at most 255 characters."))
        }
        name if !name.chars().all(allowed) => Err(invalid(
            "Invalid service name. Service names can contain letters, numbers, underscores and \
             hyphens.",
        )),
        _ => Ok(()),
    }
}

/// ECS API, CreateService: up to 36 characters from 33 to 126.
fn check_token(token: Option<&str>) -> Result<(), Refused> {
    let token = token.unwrap_or_default();
    if token.len() <= 36 && token.chars().all(|letter| letter.is_ascii_graphic()) {
        return Ok(());
    }
    Err(invalid("Invalid clientToken. It can have at most 36 printable ASCII characters."))
}

/// Whether this call has already been done; refused where the name is taken by another one.
fn is_repeated(
    site: &Site<'_>,
    key: &str,
    token: Option<&str>,
    parameters: &Value,
) -> Result<bool, Refused> {
    let Some(service) = get(site, key) else { return Ok(false) };
    let same = service
        .token
        .as_ref()
        .is_some_and(|(own, with)| Some(own.as_str()) == token && with == parameters);
    match service.status {
        Status::Inactive => Ok(false),
        Status::Draining => Err(invalid("Unable to Start a service that is still Draining.")),
        Status::Active if same => Ok(true),
        Status::Active => Err(invalid("Creation of service was not idempotent.")),
    }
}

fn desired(input: &CreateService) -> Result<u32, Refused> {
    match (input.scheduling_strategy, input.desired_count) {
        (SchedulingStrategy::Daemon, Some(_)) => Err(invalid(
            "The daemon scheduling strategy does not support a desired count for services. Remove \
             the desired count value and try again.",
        )),
        (SchedulingStrategy::Daemon, None) => Ok(0),
        (SchedulingStrategy::Replica, None) => {
            Err(invalid("The replica scheduling strategy requires a desired count."))
        }
        (SchedulingStrategy::Replica, Some(count)) => count_of(count),
    }
}

/// A desired count. ECS quotas: 5,000 tasks in a service.
pub(super) fn count_of(count: i64) -> Result<u32, Refused> {
    let count = u32::try_from(count).ok().filter(|count| *count <= 5000);
    count.ok_or_else(|| invalid("desiredCount must be between 0 and 5000."))
}

/// A grace period, which needs a load balancer to be about.
pub(super) fn grace_period(
    given: Option<i64>,
    load_balancers: &[LoadBalancer],
) -> Result<Option<u32>, Refused> {
    let Some(seconds) = given else { return Ok(None) };
    if load_balancers.is_empty() {
        return Err(invalid(
            "Health check grace period is only valid for services configured to use load \
             balancers",
        ));
    }
    let seconds = u32::try_from(seconds).ok().filter(|seconds| i32::try_from(*seconds).is_ok());
    seconds
        .map(Some)
        .ok_or_else(|| invalid("healthCheckGracePeriodSeconds must be between 0 and 2147483647."))
}

/// Whether tasks are spread anew over zones: ECS API, CreateService: `ENABLED` where nothing is
/// said, for what can be.
pub(super) fn rebalancing(
    given: Option<Switch>,
    scheduling: SchedulingStrategy,
    configuration: &DeploymentConfiguration,
) -> Result<Switch, Refused> {
    let full = configuration.maximum_percent.is_some_and(|maximum| maximum <= 100);
    let possible = scheduling == SchedulingStrategy::Replica && !full;
    match given {
        Some(Switch::Enabled) if !possible => Err(invalid(
            "Availability Zone rebalancing needs the REPLICA scheduling strategy and a \
             maximumPercent above 100.",
        )),
        Some(given) => Ok(given),
        None if possible => Ok(Switch::Enabled),
        None => Ok(Switch::Disabled),
    }
}

fn settings(
    input: &CreateService,
    configuration: &DeploymentConfiguration,
    placement: &Placement,
    definition: &TaskDefinition,
) -> Result<Settings, Refused> {
    let fargate = placement.is_fargate();
    if fargate && input.scheduling_strategy == SchedulingStrategy::Daemon {
        return Err(invalid("The daemon scheduling strategy is not supported on FARGATE."));
    }
    check_rules(&input.placement_constraints, &input.placement_strategy, fargate)?;
    let daemon = input.scheduling_strategy == SchedulingStrategy::Daemon;
    if daemon && !input.placement_strategy.is_empty() {
        return Err(invalid(
            "The daemon scheduling strategy does not support placement strategies.",
        ));
    }
    let execute_command = input.enable_execute_command.unwrap_or_default();
    if execute_command && definition.definition["taskRoleArn"].as_str().is_none() {
        return Err(invalid(
            "The service couldn't be created because a valid taskRoleArn is not being used. \
             Specify a valid task role in your task definition and try again.",
        ));
    }
    if input.role.is_some() && placement.network.is_some() {
        return Err(invalid(
            "You cannot specify an IAM role for services that require a service linked role.",
        ));
    }
    if input.role.is_some() && input.load_balancers.is_empty() {
        return Err(invalid("You cannot specify an IAM role for services without load balancers."));
    }
    let role = input.role.as_ref().map(|role| match role {
        role if role.starts_with("arn:") => role.clone(),
        role => format!("arn:aws:iam::{ACCOUNT}:role/{}", role.trim_start_matches('/')),
    });
    Ok(Settings {
        scheduling: input.scheduling_strategy,
        role,
        grace_period: grace_period(input.health_check_grace_period_seconds, &input.load_balancers)?,
        rebalancing: rebalancing(
            input.availability_zone_rebalancing,
            input.scheduling_strategy,
            configuration,
        )?,
        constraints: input.placement_constraints.clone(),
        strategies: input.placement_strategy.clone(),
        execute_command,
        managed_tags: input.enable_ecs_managed_tags.unwrap_or_default(),
        propagate_tags: input.propagate_tags.unwrap_or(PropagateTags::None),
        monitoring: input.monitoring.clone(),
    })
}

/// Whether ECS can use the roles that a service needs.
pub(super) fn check_roles(
    site: &mut Site<'_>,
    workload: &Workload,
    settings: &Settings,
    definition: &TaskDefinition,
) -> Result<(), Refused> {
    if let Some(role) = &settings.role
        && iam::assume::by_service(site, role, "ecs.amazonaws.com").is_err()
    {
        return Err(invalid(
            "Unable to assume role and validate the listeners configured on your load balancer. \
             Please verify that the ECS service role being passed has the proper permissions.",
        ));
    }
    let balanced = !workload.load_balancers.is_empty() && settings.role.is_none();
    if workload.placement.network.is_some() || balanced || !workload.registries.is_empty() {
        placement::check_service_linked(site)?;
    }
    placement::check_roles(site, &placement::roles(&definition.definition))
}

/// The task definition of a workload, if it is still there.
pub(super) fn definition_of(site: &Site<'_>, workload: &Workload) -> Option<TaskDefinition> {
    crate::services::ecs::task_definition::resolve(site, &workload.definition).cloned()
}

/// What a changed service says about the place of its tasks.
pub(super) fn placed(
    site: &Site<'_>,
    cluster: &Cluster,
    definition: &TaskDefinition,
    placement: &Placement,
) -> Result<Placement, Refused> {
    let network = NetworkConfiguration { awsvpc_configuration: placement.network.clone() };
    let wanted = Wanted {
        launch_type: placement.launch_type,
        strategy: Some(&placement.strategy),
        platform_version: placement.platform_version.as_deref(),
        network: Some(&network),
    };
    placement::place(site, cluster, definition, &wanted)
}
