//! What holds load balancers and their parts.

use serde_json::json;

use super::{Case, listener, load_balancer, network, target_group, text};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case {
            pair: ("a target group", "a listener"),
            source: "ELB API, DeleteTargetGroup: not while it is referenced by any actions",
            code: "ResourceInUse",
            make: |probe| {
                let network = network(probe);
                let balancer = load_balancer(probe, &network);
                let target = target_group(probe, &network.vpc, "app");
                listener(probe, &balancer, &target);
                let input = json!({ "TargetGroupArn": target });
                ("elasticloadbalancing", "DeleteTargetGroup", input)
            },
        },
        Case {
            pair: ("a target group", "a rule"),
            source: "ELB API, DeleteTargetGroup: not while it is referenced by any actions",
            code: "ResourceInUse",
            make: |probe| {
                let network = network(probe);
                let balancer = load_balancer(probe, &network);
                let default = target_group(probe, &network.vpc, "default");
                let target = target_group(probe, &network.vpc, "app");
                let listener = listener(probe, &balancer, &default);
                let input = json!({
                    "ListenerArn": listener,
                    "Priority": "1",
                    "Conditions": [{ "Field": "path-pattern", "Values": ["/app/*"] }],
                    "Actions": [{ "Type": "forward", "TargetGroupArn": target }],
                });
                probe.ask("elasticloadbalancing", "CreateRule", input);
                let input = json!({ "TargetGroupArn": target });
                ("elasticloadbalancing", "DeleteTargetGroup", input)
            },
        },
        Case {
            pair: ("a load balancer", "its deletion protection"),
            source: "ELB API, DeleteLoadBalancer: not with deletion protection enabled",
            code: "OperationNotPermitted",
            make: |probe| {
                let network = network(probe);
                let balancer = load_balancer(probe, &network);
                let input = json!({
                    "LoadBalancerArn": balancer,
                    "Attributes": [{ "Key": "deletion_protection.enabled", "Value": "true" }],
                });
                probe.ask("elasticloadbalancing", "ModifyLoadBalancerAttributes", input);
                let input = json!({ "LoadBalancerArn": balancer });
                ("elasticloadbalancing", "DeleteLoadBalancer", input)
            },
        },
        Case {
            pair: ("a default rule", "its listener"),
            source: "ELB API, DeleteRule: you can't delete the default rule",
            code: "OperationNotPermitted",
            make: |probe| {
                let network = network(probe);
                let balancer = load_balancer(probe, &network);
                let target = target_group(probe, &network.vpc, "app");
                let listener = listener(probe, &balancer, &target);
                let input = json!({ "ListenerArn": listener });
                let rules = probe.ask("elasticloadbalancing", "DescribeRules", input);
                let input = json!({ "RuleArn": text(&rules, "/Rules/0/RuleArn") });
                ("elasticloadbalancing", "DeleteRule", input)
            },
        },
    ]
}
