//! What a service and its task definition, cluster and target groups have to agree on.

use std::collections::BTreeMap;

use landfall_model::catalogue::Declaration;
use landfall_model::types::Target;
use landfall_model::{Address, Finding, Path, Place, reference};
use serde_json::Value;

use crate::kinds::ecs_service::{self, EcsService};
use crate::kinds::target_group::TargetGroup;
use crate::kinds::task_definition::{self, Compatibility, NetworkMode, TaskDefinition};
use crate::services::ecs::word;

pub(super) fn services_fit_their_tasks(all: &[Declaration<'_>]) -> Vec<Finding> {
    let specs: BTreeMap<&Address, &Value> =
        all.iter().map(|declaration| (declaration.address, declaration.spec)).collect();
    let mut findings = Vec::new();
    for (address, spec) in specs.iter().filter(|(address, _)| address.kind == EcsService::KIND) {
        // What cannot be read was found wanting before.
        let Ok(service) = ecs_service::Spec::deserialize(*spec) else { continue };
        let one = Service { address, spec: &service, specs: &specs };
        findings.extend(one.check());
    }
    findings
}

struct Service<'a> {
    address: &'a Address,
    spec: &'a ecs_service::Spec,
    specs: &'a BTreeMap<&'a Address, &'a Value>,
}

impl Service<'_> {
    fn error(&self, path: &str, message: impl Into<String>) -> Finding {
        Finding::error(Place::Field(self.address.clone(), Path::parse(path)), message)
    }

    /// The resource of this spec that a field refers to.
    fn referred(&self, field: &str, kind: &str) -> Option<(Address, &Value)> {
        let address = reference::sole(field)?.address()?.clone();
        let spec = self.specs.get(&address).filter(|_| address.kind == kind)?;
        Some((address, spec))
    }

    fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.spec.health_check_grace_period > 0 && self.spec.targets().next().is_none() {
            let message = "without a load balancer the grace period covers only health checks of \
                           containers";
            findings.push(self.error("health_check_grace_period", message).warning());
        }
        let field = self.spec.task_definition.as_str();
        let Some((address, task)) = self.referred(field, TaskDefinition::KIND) else {
            return findings;
        };
        let Ok(task) = task_definition::Spec::deserialize(task) else { return findings };
        findings.extend(self.check_network(&address, &task));
        findings.extend(self.check_compatibility(&address, &task));
        findings.extend(self.check_targets(&address, &task));
        if self.spec.enable_execute_command && task.task_role.is_none() {
            let message =
                format!("commands cannot be run in tasks without a role, and {address} has none");
            let help = "give it a `task_role` that allows ssmmessages:*Channel";
            findings.push(self.error("enable_execute_command", message).warning().help(help));
        }
        findings
    }

    fn check_network(&self, address: &Address, task: &task_definition::Spec) -> Option<Finding> {
        match (task.network_mode, &self.spec.network) {
            (NetworkMode::Awsvpc, None) => {
                let message =
                    format!("{address} has `network_mode: awsvpc`, so its tasks need a network");
                let finding = self.error("network", message);
                Some(finding.help("add `network` with `subnets` and `security_groups`"))
            }
            (NetworkMode::Awsvpc, Some(_)) | (_, None) => None,
            (mode, Some(_)) => {
                let mode = word(&mode);
                let message = format!(
                    "{address} has `network_mode: {mode}`, so its tasks have no network of their own"
                );
                let finding = self.error("network", message);
                Some(finding.help("leave `network` out, or give it `network_mode: awsvpc`"))
            }
        }
    }

    fn check_compatibility(
        &self,
        address: &Address,
        task: &task_definition::Spec,
    ) -> Option<Finding> {
        let field = match self.spec.launch_type {
            Some(_) => "launch_type",
            None => "capacity_provider_strategy",
        };
        let wanted = match (self.spec.launch_type, self.spec.on_fargate()) {
            (Some(launch_type), _) => word(&launch_type),
            (None, Some(true)) => word(&Compatibility::Fargate),
            (None, _) => return None,
        };
        let known = &task.requires_compatibilities;
        if !known.is_empty() {
            if known.iter().any(|one| word(one) == wanted) {
                return None;
            }
            let message = format!("{address} is not made to run on {wanted}");
            let help = format!("add `{wanted}` to its `requires_compatibilities`");
            return Some(self.error(field, message).help(help));
        }
        let lacks = match (task.network_mode, &task.cpu, &task.memory) {
            (mode, ..) if mode != NetworkMode::Awsvpc => "`network_mode: awsvpc`",
            (_, None, _) => "`cpu`",
            (_, _, None) => "`memory`",
            _ => return None,
        };
        (wanted == word(&Compatibility::Fargate)).then(|| {
            let message = format!("{address} cannot run on Fargate: it lacks {lacks}");
            let help = "give it `requires_compatibilities: [fargate]` to have all of it checked";
            self.error(field, message).help(help)
        })
    }

    fn check_targets(&self, address: &Address, task: &task_definition::Spec) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (index, target) in self.spec.targets().enumerate() {
            let at = match &self.spec.load_balancer {
                Some(_) => "load_balancer".to_owned(),
                None => format!("load_balancers[{index}]"),
            };
            match task.containers.get(&target.container) {
                None => {
                    let names: Vec<&str> = task.containers.keys().map(String::as_str).collect();
                    let message = format!("{address} has no container `{}`", target.container);
                    let finding = self.error(&format!("{at}.container"), message);
                    findings.push(finding.help(format!("it has {}", names.join(", "))));
                }
                Some(container) => {
                    let mut ports = container.ports.iter().map(|port| port.container_port);
                    if !ports.clone().any(|port| port == target.port) {
                        let listens: Vec<String> = ports.by_ref().map(|p| p.to_string()).collect();
                        let message = format!(
                            "container `{}` of {address} has no port {}",
                            target.container, target.port
                        );
                        let finding = self.error(&format!("{at}.port"), message);
                        findings.push(finding.help(match listens.is_empty() {
                            true => format!(
                                "add `ports: [{{ container_port: {} }}]` to the container",
                                target.port
                            ),
                            false => format!("it has {}", listens.join(", ")),
                        }));
                    }
                }
            }
            findings.extend(self.check_target_type(&at, target.target_group.as_str(), task));
        }
        findings
    }

    fn check_target_type(
        &self,
        at: &str,
        group: &str,
        task: &task_definition::Spec,
    ) -> Option<Finding> {
        let (group, spec) = self.referred(group, TargetGroup::KIND)?;
        let is = spec.get("target_type")?.as_str()?;
        let needed = match task.network_mode {
            NetworkMode::Awsvpc => "ip",
            _ => "instance",
        };
        (is != needed).then(|| {
            let mode = word(&task.network_mode);
            let message = format!(
                "tasks with `network_mode: {mode}` are registered by {needed}, and {group} takes \
                 targets by {is}"
            );
            let finding = self.error(&format!("{at}.target_group"), message);
            finding.help(format!("give {group} `target_type: {needed}`"))
        })
    }
}

#[cfg(test)]
mod tests {
    use landfall_model::Reference;
    use serde_json::json;

    use super::*;

    fn token(kind: &str, output: &str) -> String {
        Reference::resource(Address::new(kind, "main"), output).token()
    }

    fn task() -> Value {
        json!({
            "network_mode": "awsvpc", "cpu": 256, "memory": 512,
            "containers": { "app": { "image": "app", "ports": [{ "container_port": 8080 }] } },
        })
    }

    fn service() -> Value {
        json!({
            "cluster": "arn:c", "launch_type": "fargate",
            "task_definition": token("task_definition", "arn"),
            "network": { "subnets": ["subnet-1"] },
            "load_balancer": {
                "target_group": token("target_group", "arn"), "container": "app", "port": 8080,
            },
        })
    }

    fn places(service: Value, task: Value, target_type: &str) -> Vec<String> {
        let specs = [
            ("ecs_service", service),
            ("task_definition", task),
            ("target_group", json!({ "target_type": target_type })),
        ];
        let specs: Vec<(Address, Value)> =
            specs.into_iter().map(|(kind, spec)| (Address::new(kind, "main"), spec)).collect();
        let all: Vec<Declaration<'_>> =
            specs.iter().map(|(address, spec)| Declaration { address, spec }).collect();
        let places =
            services_fit_their_tasks(&all).into_iter().map(|finding| match finding.place {
                Place::Field(address, path) => format!("{}.{path}", address.kind),
                other => format!("{other:?}"),
            });
        places.collect()
    }

    #[test]
    fn what_fits_passes() {
        assert_eq!(places(service(), task(), "ip"), Vec::<String>::new());
    }

    #[test]
    fn container_port_and_target_type_have_to_fit() {
        let mut other = service();
        other["load_balancer"]["port"] = json!(80);
        let found = places(other.clone(), task(), "instance");
        assert_eq!(
            found,
            ["ecs_service.load_balancer.port", "ecs_service.load_balancer.target_group"]
        );
        other["load_balancer"]["container"] = json!("web");
        assert_eq!(places(other, task(), "ip"), ["ecs_service.load_balancer.container"]);
    }

    #[test]
    fn network_and_launch_type_have_to_fit() {
        let mut bridge = task();
        bridge["network_mode"] = json!("bridge");
        let found = places(service(), bridge, "instance");
        assert_eq!(found, ["ecs_service.network", "ecs_service.launch_type"]);
        let mut alone = service();
        alone["network"] = Value::Null;
        assert_eq!(places(alone, task(), "ip"), ["ecs_service.network"]);
        let mut ec2 = task();
        ec2["requires_compatibilities"] = json!(["ec2"]);
        assert_eq!(places(service(), ec2, "ip"), ["ecs_service.launch_type"]);
    }
}
