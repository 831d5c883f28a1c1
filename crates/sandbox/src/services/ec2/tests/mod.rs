//! Tests of the network: what refers to what, what takes time, and what is left in the end.

mod endpoints;
mod gateways;
mod routes;
mod vpcs;

use serde_json::{Value, json};

use crate::probe::Probe;

/// Asks EC2.
fn ask(probe: &mut Probe, operation: &str, input: Value) -> Value {
    probe.ask("ec2", operation, input)
}

/// Asks EC2 for something that it has to refuse: the code.
fn refused(probe: &mut Probe, operation: &str, input: Value) -> String {
    probe.refused("ec2", operation, input)
}

fn text(value: &Value) -> String {
    value.as_str().map(str::to_owned).expect("a text")
}

fn vpc(probe: &mut Probe, cidr: &str) -> String {
    let made = ask(probe, "CreateVpc", json!({ "CidrBlock": cidr }));
    text(&made["vpc"]["vpcId"])
}

fn subnet(probe: &mut Probe, vpc: &str, cidr: &str) -> String {
    let made = ask(probe, "CreateSubnet", json!({ "VpcId": vpc, "CidrBlock": cidr }));
    text(&made["subnet"]["subnetId"])
}

fn table(probe: &mut Probe, vpc: &str) -> String {
    let made = ask(probe, "CreateRouteTable", json!({ "VpcId": vpc }));
    text(&made["routeTable"]["routeTableId"])
}

/// A gateway, attached.
fn gateway(probe: &mut Probe, vpc: &str) -> String {
    let made = ask(probe, "CreateInternetGateway", json!({}));
    let id = text(&made["internetGateway"]["internetGatewayId"]);
    ask(probe, "AttachInternetGateway", json!({ "InternetGatewayId": id, "VpcId": vpc }));
    id
}

fn address(probe: &mut Probe) -> String {
    text(&ask(probe, "AllocateAddress", json!({ "Domain": "vpc" }))["allocationId"])
}

/// The only thing that a Describe call finds.
fn only(probe: &mut Probe, operation: &str, input: Value, set: &str) -> Value {
    let mut answer = ask(probe, operation, input);
    let found = answer[set].as_array_mut().expect("a list");
    assert_eq!(found.len(), 1, "{operation}");
    found.remove(0)
}
