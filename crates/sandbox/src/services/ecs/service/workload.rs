//! What a service deploys: its task definition and all else that a new deployment is needed for.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refused::Refused;
use crate::services::ecs::placement::Placement;
use crate::services::ecs::refusal::invalid;
use crate::services::elb;
use crate::world::Site;

/// What a service deploys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workload {
    /// The task definition's ARN.
    pub definition: String,
    /// Where tasks run.
    pub placement: Placement,
    /// Where tasks are registered.
    pub load_balancers: Vec<LoadBalancer>,
    /// Where tasks can be found by name.
    pub registries: Vec<ServiceRegistry>,
    /// Service Connect, as it was sent.
    pub connect: Option<Value>,
    /// Volumes that are made with the tasks, as they were sent.
    pub volumes: Vec<Value>,
    /// VPC Lattice, as it was sent.
    pub lattice: Vec<Value>,
}

/// A target group for the tasks of a service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct LoadBalancer {
    /// The target group's ARN.
    pub target_group_arn: Option<String>,
    /// The name of a Classic Load Balancer.
    pub load_balancer_name: Option<String>,
    /// The container that answers.
    pub container_name: Option<String>,
    /// The port that it answers on.
    pub container_port: Option<i64>,
    /// For blue/green deployments.
    pub advanced_configuration: Option<Value>,
}

/// A registry for the tasks of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ServiceRegistry {
    /// The ARN of Cloud Map's service.
    pub registry_arn: Option<String>,
    /// The port.
    pub port: Option<i64>,
    /// The container that answers.
    pub container_name: Option<String>,
    /// The port that it answers on.
    pub container_port: Option<i64>,
}

/// Checks what a service deploys against its task definition and the target groups.
pub fn check(site: &Site<'_>, workload: &Workload, definition: &Value) -> Result<(), Refused> {
    check_load_balancers(site, &workload.load_balancers, definition)?;
    check_registries(&workload.registries, definition)?;
    check_connect(workload.connect.as_ref(), definition)?;
    check_volumes(&workload.volumes, definition)?;
    check_lattice(&workload.lattice)
}

/// ECS API, CreateService: `loadBalancers`; ECS guide, "Register multiple target groups": up to 5.
fn check_load_balancers(
    site: &Site<'_>,
    balancers: &[LoadBalancer],
    definition: &Value,
) -> Result<(), Refused> {
    if balancers.len() > 5 {
        return Err(invalid("load balancers can have at most 5 items."));
    }
    for balancer in balancers {
        let group = match (&balancer.target_group_arn, &balancer.load_balancer_name) {
            (Some(group), None) => group,
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "loadBalancerName and targetGroupArn cannot both be specified. You must \
                     specify either a loadBalancerName or a targetGroupArn.",
                ));
            }
            (None, Some(_)) => {
                return Err(invalid("The sandbox has no Classic Load Balancers."));
            }
            (None, None) => {
                return Err(invalid("Must specify either loadBalancerName or targetGroupArn."));
            }
        };
        let name = balancer.container_name.as_deref();
        let name = name.ok_or_else(|| invalid("containerName cannot be empty."))?;
        let port = balancer.container_port;
        let port = port.ok_or_else(|| invalid("containerPort cannot be empty."))?;
        check_port(definition, name, port)?;
        if !elb::target::exists(site, group) {
            return Err(invalid(format!("The target group {group} does not exist.")));
        }
        if !elb::target::is_balanced(site, group) {
            return Err(invalid(format!(
                "The target group with targetGroupArn {group} does not have an associated load \
                 balancer."
            )));
        }
        let awsvpc = definition["networkMode"] == "awsvpc";
        let target_type = site.region().elb.target_groups.get(group).map(|one| &one.target_type);
        if let Some(other) = target_type.filter(|one| awsvpc && *one != "ip") {
            return Err(invalid(format!(
                "The provided target group {group} has target type {other}, which is incompatible \
                 with the awsvpc network mode specified in the task definition."
            )));
        }
        if balancer.advanced_configuration.is_some() {
            return Err(invalid(
                "advancedConfiguration is only supported with the BLUE_GREEN deployment strategy.",
            ));
        }
    }
    Ok(())
}

fn check_port(definition: &Value, name: &str, port: i64) -> Result<(), Refused> {
    let containers = definition["containerDefinitions"].as_array();
    let container = containers.into_iter().flatten().find(|container| container["name"] == name);
    let container = container.ok_or_else(|| {
        invalid(format!("The container {name} does not exist in the task definition."))
    })?;
    let mut ports = container["portMappings"].as_array().into_iter().flatten();
    if ports.any(|mapping| mapping["containerPort"] == port) {
        return Ok(());
    }
    Err(invalid(format!("The container {name} did not have a container port {port} defined.")))
}

/// ECS API, CreateService: "Each service may be associated with one service registry."
fn check_registries(registries: &[ServiceRegistry], definition: &Value) -> Result<(), Refused> {
    if registries.len() > 1 {
        return Err(invalid("service registries can have at most 1 items."));
    }
    for registry in registries {
        let arn = registry.registry_arn.as_deref().unwrap_or_default();
        if !(arn.starts_with("arn:") && arn.contains(":servicediscovery:")) {
            return Err(invalid(format!("Invalid arn syntax: {arn}.")));
        }
        match (&registry.container_name, registry.container_port) {
            (Some(name), Some(port)) => check_port(definition, name, port)?,
            (None, None) => {}
            _ => {
                return Err(invalid("containerName and containerPort must be specified together."));
            }
        }
    }
    Ok(())
}

/// ECS API, ServiceConnectConfiguration: services name ports of the task definition.
fn check_connect(connect: Option<&Value>, definition: &Value) -> Result<(), Refused> {
    let Some(connect) = connect else { return Ok(()) };
    let enabled = connect["enabled"].as_bool();
    let enabled =
        enabled.ok_or_else(|| invalid("serviceConnectConfiguration.enabled is missing"))?;
    if !enabled {
        return Ok(());
    }
    let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
    let ports: Vec<&Value> =
        containers.filter_map(|container| container["portMappings"].as_array()).flatten().collect();
    for service in connect["services"].as_array().into_iter().flatten() {
        let name = service["portName"].as_str().unwrap_or_default();
        if !ports.iter().any(|port| port["name"] == name) {
            return Err(invalid(format!(
                "The portName {name} does not match any port name in the task definition."
            )));
        }
    }
    Ok(())
}

/// ECS API, ServiceVolumeConfiguration: names one volume that is `configuredAtLaunch`.
fn check_volumes(volumes: &[Value], definition: &Value) -> Result<(), Refused> {
    if volumes.len() > 1 {
        return Err(invalid("volumeConfigurations can have at most 1 items."));
    }
    for volume in volumes {
        let known = definition["volumes"].as_array().into_iter().flatten();
        let mut at_launch = known.filter(|known| known["configuredAtLaunch"] == true);
        if !at_launch.any(|known| known["name"] == volume["name"]) {
            return Err(invalid(format!(
                "The volume name {} does not match any volume of the task definition that is \
                 configured at launch.",
                volume["name"].as_str().unwrap_or_default()
            )));
        }
        if volume["managedEBSVolume"]["roleArn"].as_str().is_none() {
            return Err(invalid("managedEBSVolume.roleArn is missing"));
        }
    }
    Ok(())
}

fn check_lattice(lattice: &[Value]) -> Result<(), Refused> {
    let required = ["roleArn", "targetGroupArn", "portName"];
    let missing = |one: &Value| required.into_iter().find(|key| one[*key].as_str().is_none());
    match lattice.iter().find_map(missing) {
        Some(key) => Err(invalid(format!("vpcLatticeConfigurations.{key} is missing"))),
        None => Ok(()),
    }
}
