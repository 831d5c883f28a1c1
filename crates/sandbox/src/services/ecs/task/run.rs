//! RunTask and StartTask.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::show;
use super::{NewTask, get, start};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::cluster;
use crate::services::ecs::cluster::StrategyItem;
use crate::services::ecs::placement::{self, Placement, Wanted};
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::shape::{
    LaunchType, NetworkConfiguration, PlacementConstraint, PlacementStrategy, PropagateTags,
    check_rules,
};
use crate::services::ecs::tag::{self, Tag};
use crate::tags::Tags;
use crate::world::Site;

/// What a client token of RunTask stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunToken {
    /// The parameters of its call.
    pub parameters: Value,
    /// The ids of the tasks that were started.
    pub tasks: Vec<String>,
}

/// The input of RunTask.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct RunTask {
    task_definition: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    count: Option<i64>,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    started_by: Option<String>,
    #[serde(default)]
    reference_id: Option<String>,
    #[serde(default)]
    launch_type: Option<LaunchType>,
    #[serde(default)]
    capacity_provider_strategy: Option<Vec<StrategyItem>>,
    #[serde(default)]
    platform_version: Option<String>,
    #[serde(default)]
    network_configuration: Option<NetworkConfiguration>,
    #[serde(default)]
    placement_constraints: Vec<PlacementConstraint>,
    #[serde(default)]
    placement_strategy: Vec<PlacementStrategy>,
    #[serde(default)]
    overrides: Overrides,
    #[serde(default)]
    volume_configurations: Vec<Value>,
    #[serde(default, rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: Option<bool>,
    #[serde(default)]
    enable_execute_command: Option<bool>,
    #[serde(default)]
    propagate_tags: Option<PropagateTags>,
    #[serde(default)]
    tags: Vec<Tag>,
}

/// What a call overrides.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct Overrides {
    container_overrides: Vec<ContainerOverride>,
    cpu: Option<String>,
    memory: Option<String>,
    inference_accelerator_overrides: Vec<Value>,
    execution_role_arn: Option<String>,
    task_role_arn: Option<String>,
    ephemeral_storage: Option<Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
struct ContainerOverride {
    name: Option<String>,
    command: Option<Vec<String>>,
    environment: Option<Vec<Value>>,
    environment_files: Option<Vec<Value>>,
    cpu: Option<i64>,
    memory: Option<i64>,
    memory_reservation: Option<i64>,
    resource_requirements: Option<Vec<Value>>,
}

/// RunTask.
pub fn run(site: &mut Site<'_>, input: RunTask) -> Answer {
    let parameters = serde_json::to_value(&input).unwrap_or_default();
    if let Some(answer) = repeated(site, &input, &parameters) {
        return answer;
    }
    let count = input.count.unwrap_or(1);
    // ECS API, RunTask: "You can specify up to 10 tasks for each call."
    if !(1..=10).contains(&count) {
        return Err(invalid("count must be between 1 and 10."));
    }
    let cluster = cluster::named(site, input.cluster.as_deref())?.clone();
    let definition = placement::definition(site, &input.task_definition)?;
    let place = placement::place(
        site,
        &cluster,
        &definition,
        &Wanted {
            launch_type: input.launch_type,
            strategy: input.capacity_provider_strategy.as_deref(),
            platform_version: input.platform_version.as_deref(),
            network: input.network_configuration.as_ref(),
        },
    )?;
    check_rules(&input.placement_constraints, &input.placement_strategy, place.is_fargate())?;
    check(&input, &definition.definition)?;
    let own = [&input.overrides.execution_role_arn, &input.overrides.task_role_arn];
    let mut roles = placement::roles(&definition.definition);
    roles.extend(own.into_iter().flatten().map(String::as_str));
    placement::check_roles(site, &roles)?;
    if place.network.is_some() {
        placement::check_service_linked(site)?;
    }
    let tags = tags(&input, &definition.tags, &cluster.name)?;
    if !place.is_fargate() {
        return no_instances(&place);
    }
    let mut ids = Vec::new();
    for index in 0..usize::try_from(count).unwrap_or(1) {
        let subnets = place.network.iter().flat_map(|network| &network.subnets);
        let subnet = subnets.clone().nth(index % subnets.clone().count().max(1)).cloned();
        let begun = |provider: &str| {
            let of = |id: &String| {
                get(site, id).is_some_and(|task| task.provider.as_deref() == Some(provider))
            };
            i64::try_from(ids.iter().filter(|id| of(id)).count()).unwrap_or(i64::MAX)
        };
        let provider = place.provider(begun);
        let family = &definition.family;
        let new = NewTask {
            cluster: &cluster,
            definition: &definition,
            placement: &place,
            subnet,
            provider,
            group: input.group.clone().unwrap_or_else(|| format!("family:{family}")),
            started_by: input.started_by.clone(),
            service: None,
            targets: Vec::new(),
            overrides: serde_json::to_value(&input.overrides).unwrap_or_default(),
            execute_command: input.enable_execute_command.unwrap_or_default(),
            tags: tags.clone(),
        };
        ids.push(start(site, new));
    }
    if let Some(token) = &input.client_token {
        let token_of = RunToken { parameters, tasks: ids.clone() };
        site.region_mut().ecs.run_tokens.insert(token.clone(), token_of);
    }
    Ok(shown(site, &ids))
}

fn shown(site: &Site<'_>, ids: &[String]) -> Value {
    let tasks: Vec<Value> =
        ids.iter().filter_map(|id| get(site, id)).map(|task| show(task, true)).collect();
    json!({ "tasks": tasks, "failures": [] })
}

/// Without instances nothing can be placed: a refusal where the cluster has none, a failure where a
/// capacity provider has none. ECS guide, "API failures messages": RunTask.
fn no_instances(place: &Placement) -> Answer {
    let Some(item) = place.strategy.first() else {
        return Err(invalid("No Container Instances were found in your cluster."));
    };
    let failure = json!({ "reason": "EMPTY CAPACITY PROVIDER", "arn": item.capacity_provider });
    Ok(json!({ "tasks": [], "failures": [failure] }))
}

/// The answer to a token that has been used.
fn repeated(site: &Site<'_>, input: &RunTask, parameters: &Value) -> Option<Answer> {
    let token = site.region().ecs.run_tokens.get(input.client_token.as_ref()?)?;
    if token.parameters == *parameters {
        return Some(Ok(shown(site, &token.tasks)));
    }
    let message = "The request conflicts with an earlier one of the same client token.";
    Some(Err(Refused::new("ConflictException", message)))
}

fn check(input: &RunTask, definition: &Value) -> Result<(), Refused> {
    let known = definition["containerDefinitions"].as_array();
    for given in &input.overrides.container_overrides {
        let name = given.name.as_deref().unwrap_or_default();
        if !known.into_iter().flatten().any(|container| container["name"] == name) {
            return Err(invalid(format!(
                "Override for container named {name} is not a container in the TaskDefinition."
            )));
        }
    }
    let started_by = input.started_by.as_deref().unwrap_or_default();
    if started_by.chars().count() > 128 {
        return Err(invalid("startedBy can be at most 128 characters long."));
    }
    if input.group.as_deref().is_some_and(|group| group.starts_with("service:")) {
        return Err(invalid("Invalid namespace for group."));
    }
    let token = input.client_token.as_deref().unwrap_or_default();
    if token.len() > 64 {
        return Err(invalid("clientToken can be at most 64 characters long."));
    }
    if input.propagate_tags == Some(PropagateTags::Service) {
        return Err(invalid("propagateTags SERVICE is only valid for services."));
    }
    let has_role = definition["taskRoleArn"].is_string() || input.overrides.task_role_arn.is_some();
    if input.enable_execute_command == Some(true) && !has_role {
        return Err(invalid(
            "The task couldn't be started because a valid taskRoleArn is not being used. Specify \
             a valid task role in your task definition and try again.",
        ));
    }
    if !input.volume_configurations.is_empty() || input.reference_id.is_some() {
        // A referenceId has no effect that can be read back; volumes would need EBS.
        if !input.volume_configurations.is_empty() {
            return Err(invalid("The sandbox does not have the volumes of volumeConfigurations."));
        }
    }
    Ok(())
}

fn tags(input: &RunTask, of_definition: &Tags, cluster: &str) -> Result<Tags, Refused> {
    let mut tags = match input.propagate_tags {
        Some(PropagateTags::TaskDefinition) => of_definition.clone(),
        _ => Tags::new(),
    };
    tags.extend(tag::read(input.tags.clone())?);
    if input.enable_ecs_managed_tags == Some(true) {
        tags.insert("aws:ecs:clusterName".to_owned(), cluster.to_owned());
    }
    Ok(tags)
}

/// The input of StartTask.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "read so that unknown members are refused")]
pub struct StartTask {
    task_definition: String,
    container_instances: Vec<String>,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default, rename = "enableECSManagedTags")]
    enable_ecs_managed_tags: Option<bool>,
    #[serde(default)]
    enable_execute_command: Option<bool>,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    network_configuration: Option<NetworkConfiguration>,
    #[serde(default)]
    overrides: Overrides,
    #[serde(default)]
    propagate_tags: Option<PropagateTags>,
    #[serde(default)]
    reference_id: Option<String>,
    #[serde(default)]
    started_by: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    volume_configurations: Vec<Value>,
}

/// StartTask: the sandbox has no instances, so every one is missing.
pub fn start_on_instances(site: &mut Site<'_>, input: StartTask) -> Answer {
    let cluster = cluster::named(site, input.cluster.as_deref())?.name.clone();
    placement::definition(site, &input.task_definition)?;
    if input.container_instances.is_empty() {
        return Err(invalid("Container instances cannot be empty."));
    }
    let failures: Vec<Value> = input
        .container_instances
        .iter()
        .map(|id| {
            let id = id.rsplit('/').next().unwrap_or_default();
            let arn = site.arn("ecs", &format!("container-instance/{cluster}/{id}"));
            json!({ "arn": arn, "reason": "MISSING" })
        })
        .collect();
    Ok(json!({ "tasks": [], "failures": failures }))
}
