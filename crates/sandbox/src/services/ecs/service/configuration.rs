//! How a service deploys: percentages, circuit breaker, alarms.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::refused::Refused;
use crate::services::ecs::refusal::invalid;

/// Who decides how many tasks there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SchedulingStrategy {
    /// The desired count.
    #[default]
    Replica,
    /// One for each instance, of which the sandbox has none.
    Daemon,
}

/// Who deploys a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentController {
    /// Who.
    #[serde(rename = "type")]
    pub sort: ControllerType,
}

/// Who deploys a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ControllerType {
    /// ECS itself.
    Ecs,
    /// CodeDeploy, which the sandbox does not have.
    CodeDeploy,
    /// Somebody else, by task sets, which the sandbox does not have.
    External,
}

/// How a service deploys, as it was sent or, once filled, as it is read back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct DeploymentConfiguration {
    /// The circuit breaker.
    pub deployment_circuit_breaker: Option<CircuitBreaker>,
    /// How many tasks there may be, in percent of the desired count.
    pub maximum_percent: Option<i64>,
    /// How many tasks there have to be, in percent of the desired count.
    pub minimum_healthy_percent: Option<i64>,
    /// The alarms that a deployment stops for.
    pub alarms: Option<Alarms>,
    /// How tasks are replaced.
    pub strategy: Option<Strategy>,
    /// How long both revisions run side by side.
    pub bake_time_in_minutes: Option<i64>,
    /// What is called on the way.
    pub lifecycle_hooks: Option<Vec<Value>>,
    /// For `LINEAR`.
    pub linear_configuration: Option<Value>,
    /// For `CANARY`.
    pub canary_configuration: Option<Value>,
    /// When a deployment counts as successful before its end.
    pub early_success_criteria: Option<Value>,
}

/// What stops a deployment whose tasks fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CircuitBreaker {
    /// Whether it does.
    pub enable: bool,
    /// Whether the last completed deployment comes back then.
    pub rollback: bool,
    /// Whether a healthy task sets the count of failures to 0.
    #[serde(default)]
    pub reset_on_healthy_task: Option<bool>,
    /// How many failures it takes.
    #[serde(default)]
    pub threshold_configuration: Option<Threshold>,
}

/// How many failures a circuit breaker takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// What the value is.
    #[serde(rename = "type")]
    pub sort: ThresholdType,
    /// The value.
    pub value: u32,
}

/// What the value of a threshold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ThresholdType {
    /// A number of failures.
    Count,
    /// A percentage of the desired count, between 3 and 200 failures.
    BoundedPercent,
    /// A percentage of the desired count.
    UnboundedPercent,
}

/// The alarms that a deployment stops for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Alarms {
    /// Their names.
    pub alarm_names: Vec<String>,
    /// Whether the last completed deployment comes back then.
    pub rollback: bool,
    /// Whether a deployment stops for them.
    pub enable: bool,
}

/// How tasks are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Strategy {
    /// Bit by bit.
    Rolling,
    /// All at once, beside the old ones.
    BlueGreen,
    /// In equal steps.
    Linear,
    /// A few, then the others.
    Canary,
}

impl CircuitBreaker {
    /// How many failures it takes for so many tasks. ECS guide, "How the Amazon ECS deployment
    /// circuit breaker detects failures".
    pub fn threshold(&self, desired: u32) -> u32 {
        let (sort, value) = match &self.threshold_configuration {
            Some(threshold) => (threshold.sort, threshold.value),
            None => (ThresholdType::BoundedPercent, 50),
        };
        let share = desired.saturating_mul(value).div_ceil(100);
        match sort {
            ThresholdType::Count => value.max(1),
            ThresholdType::BoundedPercent => share.clamp(3, 200),
            ThresholdType::UnboundedPercent => share.max(1),
        }
    }
}

impl DeploymentConfiguration {
    /// What holds once this is changed by another: what is said counts, the rest stays.
    pub fn changed_by(&self, new: DeploymentConfiguration) -> DeploymentConfiguration {
        let old = self.clone();
        DeploymentConfiguration {
            deployment_circuit_breaker: new
                .deployment_circuit_breaker
                .or(old.deployment_circuit_breaker),
            maximum_percent: new.maximum_percent.or(old.maximum_percent),
            minimum_healthy_percent: new.minimum_healthy_percent.or(old.minimum_healthy_percent),
            alarms: new.alarms.or(old.alarms),
            strategy: new.strategy.or(old.strategy),
            bake_time_in_minutes: new.bake_time_in_minutes.or(old.bake_time_in_minutes),
            lifecycle_hooks: new.lifecycle_hooks.or(old.lifecycle_hooks),
            linear_configuration: new.linear_configuration.or(old.linear_configuration),
            canary_configuration: new.canary_configuration.or(old.canary_configuration),
            early_success_criteria: new.early_success_criteria.or(old.early_success_criteria),
        }
    }

    /// Checks it and fills in what ECS fills in.
    pub fn filled(mut self, scheduling: SchedulingStrategy) -> Result<Self, Refused> {
        // ECS API, DeploymentConfiguration: 200 and 100 for replicas, 100 and 0 for daemons.
        let (maximum, minimum) = match scheduling {
            SchedulingStrategy::Replica => (200, 100),
            SchedulingStrategy::Daemon => (100, 0),
        };
        let maximum = *self.maximum_percent.get_or_insert(maximum);
        let minimum = *self.minimum_healthy_percent.get_or_insert(minimum);
        if !(0..=100).contains(&minimum) {
            return Err(invalid("minimumHealthyPercent must be between 0 and 100."));
        }
        let daemon = scheduling == SchedulingStrategy::Daemon;
        let least = if daemon { 0 } else { 100 };
        if maximum < least || maximum > 200 {
            return Err(invalid(format!("maximumPercent must be between {least} and 200.")));
        }
        if maximum == 100 && minimum == 100 {
            return Err(invalid(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block \
                 deployments.",
            ));
        }
        let breaker = self.deployment_circuit_breaker.get_or_insert(CircuitBreaker {
            enable: false,
            rollback: false,
            reset_on_healthy_task: None,
            threshold_configuration: None,
        });
        if breaker.rollback && !breaker.enable {
            return Err(invalid(
                "Rollback cannot be enabled when the deployment circuit breaker is disabled.",
            ));
        }
        if breaker.enable {
            // ECS API, DeploymentCircuitBreaker: true and 50 % unless something else is said.
            breaker.reset_on_healthy_task.get_or_insert(true);
            breaker
                .threshold_configuration
                .get_or_insert(Threshold { sort: ThresholdType::BoundedPercent, value: 50 });
        }
        if self.alarms.as_ref().is_some_and(|alarms| alarms.enable && alarms.alarm_names.is_empty())
        {
            return Err(invalid("Alarm names cannot be empty when alarms are enabled."));
        }
        match self.strategy.get_or_insert(Strategy::Rolling) {
            Strategy::Rolling => {}
            other => {
                let message =
                    format!("The sandbox deploys services by ROLLING alone, not by {other:?}.");
                return Err(Refused::new("UnsupportedFeatureException", message));
            }
        }
        self.bake_time_in_minutes.get_or_insert(0);
        Ok(self)
    }

    /// As the API shows it.
    pub fn show(&self) -> Value {
        json!(self)
    }
}

/// The sandbox has no controller but ECS's own.
pub fn check_controller(controller: Option<DeploymentController>) -> Result<(), Refused> {
    match controller.map(|controller| controller.sort) {
        None | Some(ControllerType::Ecs) => Ok(()),
        Some(other) => {
            let message =
                format!("The sandbox has no deployment controller but ECS, not {other:?}.");
            Err(Refused::new("UnsupportedFeatureException", message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_breaker_takes_half_of_the_tasks_but_three_at_least() {
        let breaker = |threshold| CircuitBreaker {
            enable: true,
            rollback: false,
            reset_on_healthy_task: None,
            threshold_configuration: threshold,
        };
        for (desired, expected) in [(0, 3), (1, 3), (6, 3), (7, 4), (25, 13), (1000, 200)] {
            assert_eq!(breaker(None).threshold(desired), expected, "{desired}");
        }
        let count = Threshold { sort: ThresholdType::Count, value: 2 };
        assert_eq!(breaker(Some(count)).threshold(100), 2);
    }

    #[test]
    fn percentages_that_block_deployments_are_refused() {
        let filled = |maximum, minimum, scheduling| {
            DeploymentConfiguration {
                maximum_percent: maximum,
                minimum_healthy_percent: minimum,
                ..DeploymentConfiguration::default()
            }
            .filled(scheduling)
            .map(|filled| (filled.maximum_percent, filled.minimum_healthy_percent))
        };
        use SchedulingStrategy::{Daemon, Replica};
        assert_eq!(filled(None, None, Replica), Ok((Some(200), Some(100))));
        assert_eq!(filled(None, None, Daemon), Ok((Some(100), Some(0))));
        for (maximum, minimum) in [(100, 100), (99, 0), (201, 100), (200, 101), (200, -1)] {
            assert!(filled(Some(maximum), Some(minimum), Replica).is_err(), "{maximum} {minimum}");
        }
    }
}
