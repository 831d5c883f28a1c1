//! The shapes that the calls for services and tasks have in common.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::invalid;
use crate::refused::Refused;

/// On or off, as ECS writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Switch {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

/// A launch type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LaunchType {
    /// On container instances, of which the sandbox has none.
    Ec2,
    /// On Fargate.
    Fargate,
    /// On instances outside of AWS, of which the sandbox has none.
    External,
    /// On instances that ECS manages, of which the sandbox has none.
    ManagedInstances,
}

/// Whose tags tasks get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PropagateTags {
    /// The task definition's.
    TaskDefinition,
    /// The service's.
    Service,
    /// Nobody's.
    None,
}

/// Where tasks have their interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct NetworkConfiguration {
    /// For the network mode `awsvpc`.
    pub awsvpc_configuration: Option<AwsVpc>,
}

/// Subnets and security groups of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct AwsVpc {
    /// The ids of the subnets.
    pub subnets: Vec<String>,
    /// The ids of the security groups; the VPC's default group where there are none.
    #[serde(default)]
    pub security_groups: Vec<String>,
    /// Whether interfaces get a public address.
    #[serde(default)]
    pub assign_public_ip: Option<Switch>,
}

impl AwsVpc {
    /// Whether interfaces get a public address.
    pub fn is_public(&self) -> bool {
        self.assign_public_ip == Some(Switch::Enabled)
    }

    /// As the API shows it.
    pub fn show(&self) -> Value {
        json!({ "awsvpcConfiguration": {
            "subnets": self.subnets,
            "securityGroups": self.security_groups,
            "assignPublicIp": self.assign_public_ip.unwrap_or(Switch::Disabled),
        }})
    }
}

/// A rule for the instances of tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlacementConstraint {
    /// `distinctInstance` or `memberOf`.
    #[serde(rename = "type")]
    pub sort: Option<ConstraintType>,
    /// What instances have to be.
    pub expression: Option<String>,
}

/// The sort of a placement constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConstraintType {
    /// Each task on an instance of its own.
    DistinctInstance,
    /// On instances that an expression describes.
    MemberOf,
}

/// How tasks are spread over instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlacementStrategy {
    /// `random`, `spread` or `binpack`.
    #[serde(rename = "type")]
    pub sort: Option<StrategyType>,
    /// By what.
    pub field: Option<String>,
}

/// The sort of a placement strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StrategyType {
    /// Anywhere.
    Random,
    /// Evenly.
    Spread,
    /// On as few as possible.
    Binpack,
}

/// Rules for instances, within ECS's limits: 10 constraints, 5 strategies, none on Fargate.
pub fn check_rules(
    constraints: &[PlacementConstraint],
    strategies: &[PlacementStrategy],
    fargate: bool,
) -> Result<(), Refused> {
    match () {
        () if fargate && !constraints.is_empty() => {
            Err(invalid("Placement constraints are not supported with FARGATE launch type."))
        }
        () if fargate && !strategies.is_empty() => {
            Err(invalid("Placement strategies are not supported with FARGATE launch type."))
        }
        () if constraints.len() > 10 => {
            Err(invalid("placementConstraints can have at most 10 items."))
        }
        () if strategies.len() > 5 => Err(invalid("placementStrategy can have at most 5 items.")),
        () => Ok(()),
    }
}
