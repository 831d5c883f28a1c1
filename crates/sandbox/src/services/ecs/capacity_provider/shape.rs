//! How capacity providers are given, and what ECS fills in.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::refused::Refused;
use crate::services::ecs::refusal::{client, invalid};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct GroupProvider {
    pub auto_scaling_group_arn: String,
    #[serde(default)]
    pub managed_scaling: Option<ManagedScaling>,
    #[serde(default)]
    pub managed_termination_protection: Option<Switch>,
    #[serde(default)]
    pub managed_draining: Option<Switch>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct GroupProviderUpdate {
    #[serde(default)]
    pub managed_scaling: Option<ManagedScaling>,
    #[serde(default)]
    pub managed_termination_protection: Option<Switch>,
    #[serde(default)]
    pub managed_draining: Option<Switch>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct ManagedScaling {
    status: Option<Switch>,
    target_capacity: Option<i64>,
    minimum_scaling_step_size: Option<i64>,
    maximum_scaling_step_size: Option<i64>,
    instance_warmup_period: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::services::ecs) enum Switch {
    Enabled,
    Disabled,
}

/// A new provider as the API shows it. ECS API, AutoScalingGroupProvider: draining is on, and
/// protection off, where nothing is said.
pub(super) fn group(given: GroupProvider) -> Result<Value, Refused> {
    let arn = given.auto_scaling_group_arn;
    if arn.is_empty() || (arn.starts_with("arn:") && !arn.contains(":autoScalingGroup")) {
        return Err(client(
            "The specified Auto Scaling group ARN is not valid. Specify a valid ARN and try again.",
        ));
    }
    let update = GroupProviderUpdate {
        managed_scaling: given.managed_scaling,
        managed_termination_protection: given.managed_termination_protection,
        managed_draining: given.managed_draining,
    };
    changed(&json!({ "autoScalingGroupArn": arn }), update)
}

/// A provider with some of it changed, as the API shows it.
pub(super) fn changed(before: &Value, given: GroupProviderUpdate) -> Result<Value, Refused> {
    let scaling = scaling(&before["managedScaling"], given.managed_scaling)?;
    let switch = |given: Option<Switch>, name: &str, otherwise: Switch| match given {
        Some(given) => json!(given),
        None => before.get(name).cloned().unwrap_or_else(|| json!(otherwise)),
    };
    let protection = switch(
        given.managed_termination_protection,
        "managedTerminationProtection",
        Switch::Disabled,
    );
    // ECS API, AutoScalingGroupProvider: protection needs managed scaling.
    if protection == "ENABLED" && scaling["status"] != "ENABLED" {
        return Err(invalid(
            "The managed termination protection setting for the capacity provider is invalid. To \
             enable managed termination protection for a capacity provider, managed scaling must \
             be enabled.",
        ));
    }
    Ok(json!({
        "autoScalingGroupArn": before["autoScalingGroupArn"],
        "managedScaling": scaling,
        "managedTerminationProtection": protection,
        "managedDraining": switch(given.managed_draining, "managedDraining", Switch::Enabled),
    }))
}

/// ECS API, ManagedScaling: the bounds and the defaults.
fn scaling(before: &Value, given: Option<ManagedScaling>) -> Result<Value, Refused> {
    // Without any, there is none; with some, ECS scales unless it is told not to.
    let otherwise = if given.is_some() { "ENABLED" } else { "DISABLED" };
    let given = json!(given.unwrap_or_default());
    let member = |name: &str, otherwise: Value| match (&given[name], before.get(name)) {
        (Value::Null, None) => otherwise,
        (Value::Null, Some(before)) => before.clone(),
        (given, _) => given.clone(),
    };
    let shown = json!({
        "status": member("status", json!(otherwise)),
        "targetCapacity": member("targetCapacity", json!(100)),
        "minimumScalingStepSize": member("minimumScalingStepSize", json!(1)),
        "maximumScalingStepSize": member("maximumScalingStepSize", json!(10_000)),
        "instanceWarmupPeriod": member("instanceWarmupPeriod", json!(300)),
    });
    let bounds = [
        ("targetCapacity", 1, 100),
        ("minimumScalingStepSize", 1, 10_000),
        ("maximumScalingStepSize", 1, 10_000),
        ("instanceWarmupPeriod", 0, 10_000),
    ];
    for (name, least, most) in bounds {
        if !shown[name].as_i64().is_some_and(|value| (least..=most).contains(&value)) {
            return Err(invalid(format!(
                "The managed scaling {name} must be between {least} and {most}."
            )));
        }
    }
    if shown["minimumScalingStepSize"].as_i64() > shown["maximumScalingStepSize"].as_i64() {
        return Err(invalid(
            "The managed scaling minimumScalingStepSize must not exceed maximumScalingStepSize.",
        ));
    }
    Ok(shown)
}

/// ECS API, CreateManagedInstancesProviderConfiguration: what must be there. The rest is kept as
/// it is given; instances are never started here.
pub(super) fn instances(given: Value) -> Result<Value, Refused> {
    let required = [
        "/infrastructureRoleArn",
        "/instanceLaunchTemplate/ec2InstanceProfileArn",
        "/instanceLaunchTemplate/networkConfiguration/subnets",
    ];
    match required.iter().find(|path| given.pointer(path).is_none()) {
        Some(path) => {
            let path = path.replace('/', ".");
            Err(invalid(format!("managedInstancesProvider{path} must be specified.")))
        }
        None => Ok(given),
    }
}
