//! A service in the spec.

use landfall_model::Finding;
use landfall_model::types::{Ref, Set};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kinds::ecs_cluster::{EcsCluster, check_name};
use crate::kinds::security_group::SecurityGroup;
use crate::kinds::subnet::Subnet;
use crate::kinds::target_group::TargetGroup;
use crate::kinds::task_definition::TaskDefinition;
use crate::services::ecs::{self, CapacityProvider};

/// A service in the spec. Reading and writing go through the two `impl`s below, which bring it to
/// one form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Spec {
    /// Its name. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// The cluster that it runs in.
    pub cluster: Ref<EcsCluster>,
    /// What its tasks run. A literal is an ARN, `family:revision`, or a family: then whatever
    /// revision runs is left alone.
    pub task_definition: Ref<TaskDefinition>,
    /// What its tasks run on. Absent, without a strategy: the cluster's default strategy, or EC2.
    pub launch_type: Option<LaunchType>,
    /// The capacity providers that its tasks run on, in place of a launch type.
    pub capacity_provider_strategy: Option<Set<CapacityProvider>>,
    /// The version of Fargate's platform. Default: LATEST.
    #[serde(default = "latest")]
    pub platform_version: String,
    /// How many tasks run. Absent: 1 at first, then whatever others, such as autoscaling, make it.
    pub desired_count: Option<i32>,
    /// How tasks are spread over instances. Default: replica.
    #[serde(default)]
    pub scheduling_strategy: SchedulingStrategy,
    /// The network of its tasks, for task definitions with `network_mode: awsvpc`.
    pub network: Option<Network>,
    /// The target group that its tasks are registered with.
    pub load_balancer: Option<LoadBalancer>,
    /// The target groups that its tasks are registered with, where there are several.
    #[serde(default)]
    pub load_balancers: Set<LoadBalancer>,
    /// How a deployment replaces tasks.
    #[serde(default)]
    pub deployment: Deployment,
    /// Seconds for which failed health checks of a new task don't count. Default: 0.
    #[serde(default)]
    pub health_check_grace_period: i32,
    /// Whether commands can be run in its containers (ECS Exec). Default: false.
    #[serde(default)]
    pub enable_execute_command: bool,
    /// Whether ECS tags its tasks with cluster and service. Default: false.
    #[serde(default)]
    pub enable_managed_tags: bool,
    /// Whose tags its tasks get. Default: none.
    #[serde(default)]
    pub propagate_tags: PropagateTags,
    /// Whether ECS moves tasks to even out the availability zones. Absent: as it is; AWS enables it
    /// for new services.
    pub availability_zone_rebalancing: Option<Rebalancing>,
    /// What an instance has to meet (EC2 only).
    #[serde(default)]
    pub placement_constraints: Set<PlacementConstraint>,
    /// How instances are chosen, the first rule first (EC2 only).
    #[serde(default)]
    pub placement_strategy: Vec<PlacementStrategy>,
    /// Whether an apply waits until its tasks run. Default: true.
    #[serde(default = "yes")]
    pub wait_for_steady_state: bool,
}

fn latest() -> String {
    "LATEST".to_owned()
}

fn yes() -> bool {
    true
}

/// What tasks run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaunchType {
    /// Fargate.
    Fargate,
    /// The cluster's EC2 instances.
    Ec2,
    /// Machines outside of AWS.
    External,
}

/// How tasks are spread over instances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchedulingStrategy {
    /// As many as wanted.
    #[default]
    Replica,
    /// One on each instance.
    Daemon,
}

/// The network of a service's tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The subnets, all of one VPC.
    pub subnets: Set<Ref<Subnet>>,
    /// The security groups. Absent: the VPC's default group.
    #[serde(default)]
    pub security_groups: Set<Ref<SecurityGroup>>,
    /// Whether each task gets a public address (Fargate only). Default: false.
    #[serde(default)]
    pub assign_public_ip: bool,
}

/// A target group, and where in a task it sends what it gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// The target group.
    pub target_group: Ref<TargetGroup>,
    /// The container.
    pub container: String,
    /// The port in the container.
    pub port: i32,
}

/// How a deployment replaces tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// How many tasks may run meanwhile, in percent of the wanted ones. Default: 200; with
    /// `scheduling_strategy: daemon` 100.
    pub maximum_percent: Option<i32>,
    /// How many tasks have to stay healthy meanwhile, in percent of the wanted ones. Default: 100;
    /// with `scheduling_strategy: daemon` 0.
    pub minimum_healthy_percent: Option<i32>,
    /// Gives up a deployment whose tasks don't come up. Default: off.
    #[serde(default)]
    pub circuit_breaker: CircuitBreaker,
    /// Gives up a deployment when an alarm goes off.
    pub alarms: Option<DeploymentAlarms>,
}

/// Gives up a deployment whose tasks don't come up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CircuitBreaker {
    /// Whether it does. Default: true, where there is a `circuit_breaker`.
    #[serde(default = "yes")]
    pub enable: bool,
    /// Whether the last deployment that worked is brought back. Default: false.
    #[serde(default)]
    pub rollback: bool,
}

/// Gives up a deployment when an alarm goes off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeploymentAlarms {
    /// The names of the CloudWatch alarms.
    pub names: Set<String>,
    /// Whether they count. Default: true.
    #[serde(default = "yes")]
    pub enable: bool,
    /// Whether the last deployment that worked is brought back. Default: false.
    #[serde(default)]
    pub rollback: bool,
}

/// Whose tags tasks get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PropagateTags {
    /// Nobody's.
    #[default]
    None,
    /// The service's.
    Service,
    /// The task definition's.
    TaskDefinition,
}

/// Whether ECS moves tasks to even out the availability zones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rebalancing {
    /// It does.
    Enabled,
    /// It doesn't.
    Disabled,
}

/// What an instance has to meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementConstraint {
    /// The sort of constraint.
    #[serde(rename = "type")]
    pub sort: ConstraintType,
    /// What a `member_of` has to be, in the cluster query language.
    pub expression: Option<String>,
}

/// The sort of a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintType {
    /// No two tasks on one instance.
    DistinctInstance,
    /// Instances that match an expression.
    MemberOf,
}

/// How instances are chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlacementStrategy {
    /// The sort of rule.
    #[serde(rename = "type")]
    pub sort: StrategyType,
    /// What it looks at: `cpu`, `memory`, `instanceId`, `attribute:ecs.availability-zone`.
    pub field: Option<String>,
}

/// The sort of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrategyType {
    /// By chance.
    Random,
    /// Evenly.
    Spread,
    /// On as few instances as possible.
    Binpack,
}

impl Spec {
    /// Brings what means the same to one form: a single load balancer under its own key, and the
    /// percentages that the scheduling strategy implies.
    pub(super) fn canonical(mut self) -> Spec {
        let all: Set<LoadBalancer> =
            self.load_balancer.take().iter().chain(&self.load_balancers).cloned().collect();
        (self.load_balancer, self.load_balancers) = match all.len() {
            1 => (all.iter().next().cloned(), Set::default()),
            _ => (None, all),
        };
        let (maximum, minimum) = match self.scheduling_strategy {
            SchedulingStrategy::Replica => (200, 100),
            SchedulingStrategy::Daemon => (100, 0),
        };
        self.deployment.maximum_percent.get_or_insert(maximum);
        self.deployment.minimum_healthy_percent.get_or_insert(minimum);
        self
    }

    /// Its target groups.
    pub fn targets(&self) -> impl Iterator<Item = &LoadBalancer> {
        self.load_balancer.iter().chain(&self.load_balancers)
    }

    /// Whether its tasks run on Fargate, if that can be told.
    pub fn on_fargate(&self) -> Option<bool> {
        let of_strategy = |strategy: &Set<CapacityProvider>| {
            strategy.iter().any(|item| item.provider.starts_with("FARGATE"))
        };
        match (self.launch_type, &self.capacity_provider_strategy) {
            (Some(launch_type), _) => Some(launch_type == LaunchType::Fargate),
            (None, Some(strategy)) if !strategy.is_empty() => Some(of_strategy(strategy)),
            _ => None,
        }
    }

    /// Puts a live service in the words of the wanted one, where both mean the same: cluster and
    /// task definition by name, what the cluster decides left open.
    pub(super) fn told_like(mut self, want: &Spec) -> Spec {
        if ecs::last_part(self.cluster.as_str()) == want.cluster.as_str() {
            self.cluster = want.cluster.clone();
        }
        let revision = ecs::last_part(self.task_definition.as_str());
        let family = revision.split(':').next().unwrap_or(revision);
        if [revision, family].contains(&want.task_definition.as_str()) {
            self.task_definition = want.task_definition.clone();
        }
        if want.launch_type.is_none() {
            self.launch_type = None;
        }
        self
    }

    /// Whether only a new service can be what is wanted of this one.
    pub(super) fn cannot_become(&self, want: &Spec) -> bool {
        self.name != want.name
            || self.launch_type != want.launch_type
            || self.scheduling_strategy != want.scheduling_strategy
            || self.cluster != want.cluster
    }

    pub(super) fn check(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            check_name("name", &self.name, "a service").into_iter().collect();
        let strategy = "capacity_provider_strategy";
        if let Some(items) = &self.capacity_provider_strategy {
            findings.extend(ecs::check_strategy(strategy, items));
            if self.launch_type.is_some() {
                let message =
                    "a service has a launch type or a capacity provider strategy, not both";
                findings.push(Finding::field(strategy, message).help("leave one of them out"));
            }
        }
        let mut least = |field: &str, value: Option<i32>, least: i32| {
            if let Some(value) = value.filter(|value| *value < least) {
                let message = format!("it is at least {least}, not {value}");
                findings.push(Finding::field(field, message));
            }
        };
        least("desired_count", self.desired_count, 0);
        least("health_check_grace_period", Some(self.health_check_grace_period), 0);
        least("deployment.maximum_percent", self.deployment.maximum_percent, 0);
        least("deployment.minimum_healthy_percent", self.deployment.minimum_healthy_percent, 0);
        if let Deployment {
            maximum_percent: Some(most), minimum_healthy_percent: Some(least), ..
        } = self.deployment
            && most <= least
        {
            let message =
                format!("with at most {most} % and at least {least} % no task can be replaced");
            let finding = Finding::field("deployment.maximum_percent", message);
            findings.push(finding.help("leave room between the two"));
        }
        if !self.deployment.circuit_breaker.enable && self.deployment.circuit_breaker.rollback {
            let at = "deployment.circuit_breaker.rollback";
            let message = "a circuit breaker that is off rolls nothing back";
            findings.push(Finding::field(at, message).help("add `enable: true`"));
        }
        if self.scheduling_strategy == SchedulingStrategy::Daemon {
            let fargate = self.on_fargate() == Some(true);
            let refused = [
                ("desired_count", self.desired_count.is_some(), "a count of tasks"),
                ("placement_strategy", !self.placement_strategy.is_empty(), "a placement strategy"),
                ("scheduling_strategy", fargate, "room on Fargate"),
            ];
            for (field, _, what) in refused.into_iter().filter(|(_, given, _)| *given) {
                let message = format!("a daemon runs once on each instance, so it has no {what}");
                findings.push(Finding::field(field, message));
            }
        }
        match self.on_fargate() {
            Some(true) => {
                let given = [
                    ("placement_constraints", !self.placement_constraints.is_empty()),
                    ("placement_strategy", !self.placement_strategy.is_empty()),
                ];
                for (field, _) in given.into_iter().filter(|(_, given)| *given) {
                    findings.push(Finding::field(field, format!("Fargate has no `{field}`")));
                }
            }
            Some(false) => {
                if self.platform_version != latest() {
                    let message = "only Fargate has platform versions";
                    findings.push(Finding::field("platform_version", message));
                }
                if self.network.as_ref().is_some_and(|network| network.assign_public_ip) {
                    let message = "only tasks on Fargate can have public addresses";
                    findings.push(Finding::field("network.assign_public_ip", message));
                }
            }
            None => {}
        }
        if let Some(network) = &self.network {
            let limits = [
                ("network.subnets", network.subnets.len(), 16),
                ("network.security_groups", network.security_groups.len(), 5),
            ];
            for (field, given, most) in limits.into_iter().filter(|(_, given, most)| given > most) {
                let message = format!("AWS takes at most {most} of them, not {given}");
                findings.push(Finding::field(field, message));
            }
            if network.subnets.is_empty() {
                let message = "tasks need at least one subnet";
                findings.push(Finding::field("network.subnets", message));
            }
        }
        if self.health_check_grace_period > 0 && self.targets().next().is_none() {
            let message = "a grace period is for the health checks of a load balancer";
            let finding = Finding::field("health_check_grace_period", message);
            findings.push(finding.help("add a `load_balancer`, or leave it out"));
        }
        if self.load_balancers.len() > 5 {
            let message = "a service has at most 5 target groups";
            findings.push(Finding::field("load_balancers", message));
        }
        for (index, constraint) in self.placement_constraints.iter().enumerate() {
            let member = constraint.sort == ConstraintType::MemberOf;
            if member != constraint.expression.is_some() {
                let at = format!("placement_constraints[{index}].expression");
                let message = "`member_of` needs an expression, `distinct_instance` has none";
                findings.push(Finding::field(&at, message));
            }
        }
        findings
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Spec::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(Spec::canonical)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn with(more: Value) -> Spec {
        let mut spec = json!({ "cluster": "arn:c", "task_definition": "app" });
        let (Some(spec_map), Some(more)) = (spec.as_object_mut(), more.as_object()) else {
            panic!("maps");
        };
        spec_map.extend(more.clone());
        serde_json::from_value(spec).expect("a spec")
    }

    #[test]
    fn one_load_balancer_is_the_same_in_both_forms() {
        let one = json!({ "target_group": "arn:t", "container": "app", "port": 80 });
        let single = with(json!({ "load_balancer": one }));
        assert_eq!(single, with(json!({ "load_balancers": [one] })));
        assert_eq!(single.targets().count(), 1);
    }

    #[test]
    fn a_daemons_percentages_are_other_ones() {
        let percent =
            |spec: Spec| (spec.deployment.maximum_percent, spec.deployment.minimum_healthy_percent);
        assert_eq!(percent(with(json!({}))), (Some(200), Some(100)));
        let daemon = with(json!({ "scheduling_strategy": "daemon" }));
        assert_eq!(percent(daemon), (Some(100), Some(0)));
    }

    #[test]
    fn a_family_stands_for_whichever_of_its_revisions_runs() {
        let want = with(json!({}));
        let arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/app:7";
        let live = with(json!({ "task_definition": arn, "launch_type": "ec2" }));
        assert_eq!(live.told_like(&want), want);
        let other = with(json!({ "task_definition": arn.replace("app", "other") }));
        assert_ne!(other.told_like(&want), want);
    }

    #[test]
    fn a_grace_period_needs_a_load_balancer() {
        let target = json!({ "target_group": "arn:t", "container": "app", "port": 80 });
        assert_eq!(with(json!({ "health_check_grace_period": 30 })).check().len(), 1);
        let both = json!({ "health_check_grace_period": 30, "load_balancer": target });
        assert!(with(both).check().is_empty());
    }

    #[test]
    fn a_launch_type_excludes_a_strategy() {
        let strategy = json!([{ "provider": "FARGATE", "weight": 1 }]);
        let both = json!({ "launch_type": "fargate", "capacity_provider_strategy": strategy });
        assert_eq!(with(both).check().len(), 1);
    }
}
