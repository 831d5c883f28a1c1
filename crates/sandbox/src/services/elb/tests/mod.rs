//! Tests of the service as a whole.

mod health;
mod listeners;
mod load_balancers;
mod rules;
mod target_groups;

use serde_json::{Value, json};

use super::State;
use crate::probe::Probe;
use crate::services::Region;

/// How this service is called.
const ELB: &str = "elasticloadbalancing";

/// Asks this service alone.
struct Elb {
    probe: Probe,
}

impl Elb {
    fn new() -> Elb {
        let mut probe = Probe::new();
        probe.world.site("us-east-1");
        Elb { probe }
    }

    fn with_delays() -> Elb {
        let mut probe = Probe::with_delays(1);
        probe.world.site("us-east-1");
        Elb { probe }
    }

    fn ask(&mut self, operation: &str, input: Value) -> Value {
        self.probe.ask(ELB, operation, input)
    }

    fn refused(&mut self, operation: &str, input: Value) -> String {
        self.probe.refused(ELB, operation, input)
    }

    fn region(&self) -> &Region {
        &self.probe.world.regions["us-east-1"]
    }

    fn subnets(&self) -> Vec<String> {
        self.region().ec2.subnets.keys().cloned().collect()
    }

    fn vpc(&self) -> String {
        self.region().ec2.vpcs.keys().next().expect("the default VPC").clone()
    }

    /// An application load balancer in all zones: its ARN.
    fn load_balancer(&mut self, name: &str) -> String {
        let input = json!({ "Name": name, "Subnets": self.subnets() });
        let made = self.ask("CreateLoadBalancer", input);
        text(&made, "/LoadBalancers/0/LoadBalancerArn")
    }

    /// A target group of addresses: its ARN.
    fn target_group(&mut self, name: &str, protocol: &str) -> String {
        let input = json!({
            "Name": name,
            "Protocol": protocol,
            "Port": "80",
            "VpcId": self.vpc(),
            "TargetType": "ip",
        });
        text(&self.ask("CreateTargetGroup", input), "/TargetGroups/0/TargetGroupArn")
    }

    /// An HTTP listener that forwards to a group: its ARN.
    fn listener(&mut self, load_balancer: &str, port: u16, group: &str) -> String {
        let made = self.ask("CreateListener", http(load_balancer, port, forward(group)));
        text(&made, "/Listeners/0/ListenerArn")
    }
}

fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

fn forward(group: &str) -> Value {
    json!([{ "Type": "forward", "TargetGroupArn": group }])
}

fn fixed() -> Value {
    json!([{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }])
}

fn http(load_balancer: &str, port: u16, actions: Value) -> Value {
    json!({
        "LoadBalancerArn": load_balancer,
        "Protocol": "HTTP",
        "Port": port.to_string(),
        "DefaultActions": actions,
    })
}

#[test]
fn nothing_is_left_when_all_is_deleted() {
    let mut elb = Elb::with_delays();
    let balancer = elb.load_balancer("main");
    let group = elb.target_group("web", "HTTP");
    elb.listener(&balancer, 80, &group);
    elb.ask(
        "RegisterTargets",
        json!({ "TargetGroupArn": group, "Targets": [{ "Id": "172.31.0.9" }] }),
    );
    let kept = serde_json::to_value(&elb.region().elb).expect("a state file");
    assert_eq!(serde_json::from_value::<State>(kept).expect("the state"), elb.region().elb);
    elb.ask("DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer }));
    elb.ask("DeleteTargetGroup", json!({ "TargetGroupArn": group }));
    assert_eq!(elb.region().elb, State::default());
    elb.probe.world.rest();
    assert!(elb.region().ec2.interfaces.is_empty());
}

#[test]
fn tags_are_of_things_that_exist() {
    let mut elb = Elb::new();
    let balancer = elb.load_balancer("main");
    let group = elb.target_group("web", "HTTP");
    let both = json!([balancer, group]);
    let tags = json!([{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }]);
    elb.ask("AddTags", json!({ "ResourceArns": both, "Tags": tags }));
    elb.ask("RemoveTags", json!({ "ResourceArns": [group], "TagKeys": ["a"] }));
    let described = elb.ask("DescribeTags", json!({ "ResourceArns": both }));
    let left = |at: usize| described["TagDescriptions"][at]["Tags"].clone();
    assert_eq!(left(0), tags);
    assert_eq!(left(1), json!([{ "Key": "b", "Value": "2" }]));
    assert_eq!(super::tagged(elb.region()).len(), 2);

    let twice = json!([{ "Key": "a" }, { "Key": "a" }]);
    let many: Vec<Value> = (0..50).map(|at| json!({ "Key": format!("k{at}") })).collect();
    let unknown = |arn: &str| format!("{}0", &arn[..arn.len() - 1]);
    for (arn, tags, code) in [
        (balancer.clone(), twice, "DuplicateTagKeys"),
        (balancer.clone(), json!(many), "TooManyTags"),
        (balancer.clone(), json!([{ "Key": "aws:x" }]), "ValidationError"),
        (unknown(&balancer), tags.clone(), "LoadBalancerNotFound"),
        (unknown(&group), tags.clone(), "TargetGroupNotFound"),
        ("arn:aws:ecs:x".to_owned(), tags.clone(), "ValidationError"),
    ] {
        let input = json!({ "ResourceArns": [group, arn], "Tags": tags });
        assert_eq!(elb.refused("AddTags", input), code, "{arn}");
    }
    // What is refused in part changes nothing.
    assert_eq!(elb.region().elb.target_groups[&group].tags.len(), 1);
    let many = vec![balancer; 21];
    assert_eq!(elb.refused("DescribeTags", json!({ "ResourceArns": many })), "ValidationError");
}
