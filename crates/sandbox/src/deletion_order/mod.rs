//! Deleting in a wrong order is refused wherever AWS refuses it: one case per pair of what is to go
//! and what still holds it, each with its source.

mod containers;
mod identities;
mod load_balancing;
mod network;

use serde_json::{Value, json};

use crate::probe::Probe;
use crate::world::Span;

/// A pair of what is to go and what holds it.
pub(super) struct Case {
    /// What is to go, and what holds it.
    pub pair: (&'static str, &'static str),
    /// Who says that AWS refuses.
    pub source: &'static str,
    /// The code that AWS answers.
    pub code: &'static str,
    /// Makes both, and tells the call that would delete the first.
    pub make: fn(&mut Probe) -> Call,
}

/// Service, operation and input.
pub(super) type Call = (&'static str, &'static str, Value);

#[test]
fn what_is_held_cannot_be_deleted() {
    let cases: Vec<Case> =
        [network::cases(), load_balancing::cases(), containers::cases(), identities::cases()]
            .into_iter()
            .flatten()
            .collect();
    assert!(cases.len() >= 40, "{} pairs", cases.len());
    let mut wrong = Vec::new();
    for Case { pair: (held, holder), source, code, make } in cases {
        assert!(!source.is_empty(), "{held} under {holder}");
        let mut probe = Probe::new();
        let (service, operation, input) = make(&mut probe);
        match probe.call(service, operation, input) {
            Err((given, _)) if given == code => {}
            Err((given, message)) => {
                wrong.push(format!("{held} under {holder}: {given} ({message}), not {code}"));
            }
            Ok(_) => wrong.push(format!("{held} under {holder}: deleted, not {code}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A text in an answer.
pub(super) fn text(answer: &Value, pointer: &str) -> String {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned()
}

pub(super) fn vpc(probe: &mut Probe) -> String {
    let made = probe.ask("ec2", "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    text(&made, "/vpc/vpcId")
}

pub(super) fn subnet(probe: &mut Probe, vpc: &str, number: u8, zone: &str) -> String {
    let input = json!({
        "VpcId": vpc,
        "CidrBlock": format!("10.0.{number}.0/24"),
        "AvailabilityZone": format!("us-east-1{zone}"),
    });
    text(&probe.ask("ec2", "CreateSubnet", input), "/subnet/subnetId")
}

pub(super) fn group(probe: &mut Probe, vpc: &str, name: &str) -> String {
    let input = json!({ "VpcId": vpc, "GroupName": name, "GroupDescription": name });
    text(&probe.ask("ec2", "CreateSecurityGroup", input), "/groupId")
}

pub(super) fn gateway(probe: &mut Probe, vpc: &str) -> String {
    let made = probe.ask("ec2", "CreateInternetGateway", json!({}));
    let id = text(&made, "/internetGateway/internetGatewayId");
    let input = json!({ "InternetGatewayId": id, "VpcId": vpc });
    probe.ask("ec2", "AttachInternetGateway", input);
    id
}

/// A VPC with two public subnets and a group: what a load balancer needs.
pub(super) struct Network {
    pub vpc: String,
    pub gateway: String,
    pub subnets: [String; 2],
    pub group: String,
}

pub(super) fn network(probe: &mut Probe) -> Network {
    let vpc = vpc(probe);
    let gateway = gateway(probe, &vpc);
    let tables = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });
    let tables = probe.ask("ec2", "DescribeRouteTables", tables);
    let table = text(&tables, "/routeTableSet/0/routeTableId");
    let route = json!({
        "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway,
    });
    probe.ask("ec2", "CreateRoute", route);
    let subnets = [subnet(probe, &vpc, 0, "a"), subnet(probe, &vpc, 1, "b")];
    let group = group(probe, &vpc, "web");
    Network { vpc, gateway, subnets, group }
}

pub(super) fn load_balancer(probe: &mut Probe, network: &Network) -> String {
    let input = json!({
        "Name": "main", "Subnets": network.subnets, "SecurityGroups": [network.group],
    });
    let made = probe.ask("elasticloadbalancing", "CreateLoadBalancer", input);
    probe.pass(Span::default());
    text(&made, "/LoadBalancers/0/LoadBalancerArn")
}

pub(super) fn target_group(probe: &mut Probe, vpc: &str, name: &str) -> String {
    let input = json!({
        "Name": name, "Protocol": "HTTP", "Port": "80", "VpcId": vpc, "TargetType": "ip",
    });
    let made = probe.ask("elasticloadbalancing", "CreateTargetGroup", input);
    text(&made, "/TargetGroups/0/TargetGroupArn")
}

pub(super) fn listener(probe: &mut Probe, balancer: &str, target: &str) -> String {
    let input = json!({
        "LoadBalancerArn": balancer,
        "Protocol": "HTTP",
        "Port": "80",
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": target }],
    });
    let made = probe.ask("elasticloadbalancing", "CreateListener", input);
    text(&made, "/Listeners/0/ListenerArn")
}
