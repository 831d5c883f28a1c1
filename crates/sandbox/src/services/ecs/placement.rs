//! Where tasks run: launch type or capacity providers, platform and network, and what ECS has
//! against them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cluster::{Cluster, StrategyItem, strategy};
use super::refusal::{client, invalid};
use super::shape::{AwsVpc, LaunchType, NetworkConfiguration};
use super::task_definition::TaskDefinition;
use crate::refused::Refused;
use crate::services::iam::assume;
use crate::world::Site;

/// Where tasks run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// The launch type; none where there are capacity providers.
    pub launch_type: Option<LaunchType>,
    /// The capacity providers.
    pub strategy: Vec<StrategyItem>,
    /// Fargate's platform as it was asked for: `LATEST`.
    pub platform_version: Option<String>,
    /// Fargate's operating system: `Linux`.
    pub platform_family: Option<String>,
    /// Subnets and groups, in the network mode `awsvpc`.
    pub network: Option<AwsVpc>,
}

/// What a call says about the place of its tasks.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// The launch type.
    pub launch_type: Option<LaunchType>,
    /// The capacity providers.
    pub strategy: Option<&'a [StrategyItem]>,
    /// Fargate's platform.
    pub platform_version: Option<&'a str>,
    /// Subnets and groups.
    pub network: Option<&'a NetworkConfiguration>,
}

impl Placement {
    /// Whether tasks run on Fargate.
    pub fn is_fargate(&self) -> bool {
        is_fargate(self.launch_type, &self.strategy)
    }

    /// The platform that `LATEST` means.
    pub fn platform(&self) -> Option<&str> {
        self.platform_version.as_deref().map(|asked| match asked {
            "LATEST" => "1.4.0",
            other => other,
        })
    }

    /// The capacity provider of the next task where so many run on each: bases first, then by
    /// weight. ECS API, CapacityProviderStrategyItem.
    pub fn provider(&self, running: impl Fn(&str) -> i64) -> Option<String> {
        let share = |item: &&StrategyItem| {
            let above = (running(&item.capacity_provider) - item.base).max(0);
            // Compared as fractions, in thousandths.
            (above + 1) * 1000 / item.weight.max(1)
        };
        let below_base =
            self.strategy.iter().find(|item| running(&item.capacity_provider) < item.base);
        let next = below_base
            .or_else(|| self.strategy.iter().filter(|item| item.weight > 0).min_by_key(share));
        next.or(self.strategy.first()).map(|item| item.capacity_provider.clone())
    }
}

fn is_fargate(launch_type: Option<LaunchType>, strategy: &[StrategyItem]) -> bool {
    match launch_type {
        Some(launch_type) => launch_type == LaunchType::Fargate,
        None => strategy.iter().any(|item| item.capacity_provider.starts_with("FARGATE")),
    }
}

/// Finds a place, or says what is wrong with the one that is asked for.
pub fn place(
    site: &Site<'_>,
    cluster: &Cluster,
    definition: &TaskDefinition,
    wanted: &Wanted<'_>,
) -> Result<Placement, Refused> {
    if wanted.launch_type.is_some() && wanted.strategy.is_some_and(|items| !items.is_empty()) {
        return Err(invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. \
             Remove one and try again.",
        ));
    }
    let strategy = providers(cluster, wanted)?;
    let launch_type = match wanted.launch_type {
        None if strategy.is_empty() => Some(LaunchType::Ec2),
        given => given,
    };
    if launch_type == Some(LaunchType::ManagedInstances) {
        return Err(invalid(
            "The launch type MANAGED_INSTANCES needs a capacity provider strategy.",
        ));
    }
    let fargate = is_fargate(launch_type, &strategy);
    if fargate && !supports_fargate(&definition.definition) {
        return Err(invalid("Task definition does not support launch_type FARGATE."));
    }
    let platform_version = platform_version(fargate, wanted.platform_version)?;
    let network = network(site, definition, fargate, wanted.network)?;
    let platform_family = fargate.then(|| platform_family(&definition.definition));
    Ok(Placement { launch_type, strategy, platform_version, platform_family, network })
}

/// The capacity providers, or the cluster's own where nothing else is said.
fn providers(cluster: &Cluster, wanted: &Wanted<'_>) -> Result<Vec<StrategyItem>, Refused> {
    let given = wanted.strategy.filter(|items| !items.is_empty());
    let items = match given {
        Some(items) => items.to_vec(),
        None if wanted.launch_type.is_some() => Vec::new(),
        None => {
            let items = cluster.default_strategy.iter().cloned();
            items.filter_map(|item| serde_json::from_value(item).ok()).collect()
        }
    };
    strategy::checked(&items, &cluster.capacity_providers)?;
    // ECS API, CapacityProviderStrategyItem: of several providers one has a weight above 0.
    if items.len() > 1 && items.iter().all(|item| item.weight == 0) {
        return Err(invalid(
            "The specified capacity provider strategy must contain at least one capacity provider \
             with a weight greater than zero.",
        ));
    }
    Ok(items)
}

fn supports_fargate(definition: &Value) -> bool {
    let lists = ["compatibilities", "requiresCompatibilities"];
    let mut values = lists.iter().filter_map(|list| definition[*list].as_array()).flatten();
    values.any(|value| value == "FARGATE")
}

fn platform_family(definition: &Value) -> String {
    let family = definition["runtimePlatform"]["operatingSystemFamily"].as_str();
    // The API shows `Linux` where the definition says `LINUX`.
    match family.unwrap_or("LINUX") {
        "LINUX" => "Linux".to_owned(),
        other => other.to_owned(),
    }
}

fn platform_version(fargate: bool, asked: Option<&str>) -> Result<Option<String>, Refused> {
    match asked {
        Some(asked) if !fargate && !asked.is_empty() => {
            Err(invalid("The platform version must be null when specifying an EC2 launch type."))
        }
        _ if !fargate => Ok(None),
        None | Some("") => Ok(Some("LATEST".to_owned())),
        Some(asked) if ["LATEST", "1.4.0", "1.3.0", "1.0.0"].contains(&asked) => {
            Ok(Some(asked.to_owned()))
        }
        Some(_) => {
            Err(Refused::new("PlatformUnknownException", "The specified platform does not exist."))
        }
    }
}

/// ECS API, AwsVpcConfiguration: up to 16 subnets and 5 groups, all of one VPC.
fn network(
    site: &Site<'_>,
    definition: &TaskDefinition,
    fargate: bool,
    given: Option<&NetworkConfiguration>,
) -> Result<Option<AwsVpc>, Refused> {
    let awsvpc = definition.definition["networkMode"] == "awsvpc";
    let given = given.and_then(|given| given.awsvpc_configuration.clone());
    let Some(network) = given else {
        let missing = "Network Configuration must be provided when networkMode 'awsvpc' is \
                       specified.";
        return if awsvpc { Err(invalid(missing)) } else { Ok(None) };
    };
    if !awsvpc {
        return Err(invalid(
            "Network Configuration is not valid for the given networkMode of this task \
             definition.",
        ));
    }
    if !fargate && network.is_public() {
        return Err(invalid("Assign public IP is not supported for this launch type."));
    }
    if network.subnets.is_empty() {
        return Err(invalid("subnets can not be empty."));
    }
    if network.subnets.len() > 16 {
        return Err(invalid("subnets can have at most 16 items."));
    }
    if network.security_groups.len() > 5 {
        return Err(invalid("securityGroups can have at most 5 items."));
    }
    check_network(site, &network)?;
    Ok(Some(network))
}

fn check_network(site: &Site<'_>, network: &AwsVpc) -> Result<(), Refused> {
    let ec2 = &site.region().ec2;
    let mut vpc: Option<&str> = None;
    for id in &network.subnets {
        let subnet = ec2.subnets.get(id).ok_or_else(|| {
            invalid(format!(
                "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not \
                 exist (ErrorCode: InvalidSubnetID.NotFound)"
            ))
        })?;
        if vpc.is_some_and(|vpc| vpc != subnet.vpc) {
            return Err(invalid("All subnets must belong to the same VPC."));
        }
        vpc = Some(&subnet.vpc);
    }
    for id in &network.security_groups {
        let group = ec2.groups.get(id).ok_or_else(|| {
            invalid(format!(
                "Error retrieving security group information for [{id}]: The security group \
                 '{id}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            ))
        })?;
        if vpc.is_some_and(|vpc| vpc != group.vpc) {
            return Err(invalid(format!(
                "Security group {id} does not appear to belong to the same VPC as the input \
                 subnets."
            )));
        }
    }
    Ok(())
}

/// Whether ECS can assume the roles of a task definition for its tasks.
pub fn check_roles(site: &Site<'_>, roles: &[&str]) -> Result<(), Refused> {
    let unusable = roles
        .iter()
        .find(|role| assume::by_service(site, role, "ecs-tasks.amazonaws.com").is_err());
    unusable.map_or(Ok(()), |role| {
        Err(client(format!(
            "ECS was unable to assume the role '{role}' that was provided for this task. Please \
             verify that the role being passed has the proper trust relationship and permissions \
             and that your IAM user has permissions to pass this role."
        )))
    })
}

/// The roles that a task definition names: execution role and task role.
pub fn roles(definition: &Value) -> Vec<&str> {
    ["executionRoleArn", "taskRoleArn"].iter().filter_map(|key| definition[*key].as_str()).collect()
}

/// Whether ECS has its own role, which it needs for interfaces and target groups.
pub fn check_service_linked(site: &mut Site<'_>) -> Result<(), Refused> {
    if assume::service_linked(site, "ecs.amazonaws.com") {
        return Ok(());
    }
    Err(invalid(
        "Unable to assume the service linked role. Please verify that the ECS service linked role \
         exists.",
    ))
}

/// The active task definition that a call names.
pub fn definition(site: &Site<'_>, given: &str) -> Result<TaskDefinition, Refused> {
    let found = super::task_definition::resolve(site, given);
    let found = found.ok_or_else(|| client("TaskDefinition not found."))?;
    if found.status == "ACTIVE" {
        Ok(found.clone())
    } else {
        Err(client("TaskDefinition is inactive"))
    }
}
