//! What the parts of a VPC demand of each other.

use std::collections::HashMap;

use ipnet::Ipv4Net;
use landfall_model::catalogue::Declaration;
use landfall_model::{Address, Finding, Path, Place, reference};
use serde_json::Value;

fn of_kind<'a>(
    all: &'a [Declaration<'a>],
    kind: &str,
) -> impl Iterator<Item = &'a Declaration<'a>> {
    all.iter().filter(move |declared| declared.address.kind == kind)
}

fn text<'a>(declared: &Declaration<'a>, field: &str) -> Option<&'a str> {
    declared.spec.get(field).and_then(Value::as_str)
}

fn cidr(declared: &Declaration<'_>) -> Option<Ipv4Net> {
    text(declared, "cidr")?.parse().ok()
}

/// The VPC that a thing is in, if this spec declares it.
fn vpc_of<'a>(all: &'a [Declaration<'a>], of: &Declaration<'_>) -> Option<&'a Declaration<'a>> {
    let reference = reference::sole(text(of, "vpc")?)?;
    let address = reference.address()?.clone();
    all.iter().find(|declared| *declared.address == address)
}

fn finding(declared: &Declaration<'_>, path: &str, message: String) -> Finding {
    Finding::error(Place::Field(declared.address.clone(), Path::parse(path)), message)
}

/// A subnet's blocks are parts of its VPC's.
pub fn subnets_lie_in_their_vpc(all: &[Declaration<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for subnet in of_kind(all, "subnet") {
        let Some(vpc) = vpc_of(all, subnet) else { continue };
        if let (Some(inner), Some(outer)) = (cidr(subnet), cidr(vpc))
            && !outer.contains(&inner)
        {
            let message = format!("{inner} lies outside of {outer}, the block of {}", vpc.address);
            findings.push(finding(subnet, "cidr", message));
        }
        let has_ipv6 = vpc.spec.get("ipv6").and_then(Value::as_bool).unwrap_or(false);
        if subnet.spec.get("ipv6_block").is_some_and(|block| !block.is_null()) && !has_ipv6 {
            let message = format!("{} has no IPv6 block", vpc.address);
            let help = format!("set `ipv6: true` on {}", vpc.address);
            findings.push(finding(subnet, "ipv6_block", message).help(help));
        }
    }
    findings
}

/// Subnets of one VPC share no addresses. (Two with the same block claim the same identity, which
/// is found elsewhere.)
pub fn subnets_lie_apart(all: &[Declaration<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: HashMap<&str, Vec<(Ipv4Net, &Address)>> = HashMap::new();
    let mut seen_ipv6: HashMap<(&str, u64), &Address> = HashMap::new();
    for subnet in of_kind(all, "subnet") {
        let Some(vpc) = text(subnet, "vpc") else { continue };
        if let Some(block) = cidr(subnet) {
            let others = seen.entry(vpc).or_default();
            let overlaps = others.iter().find(|(other, _)| {
                *other != block && (other.contains(&block) || block.contains(other))
            });
            if let Some((other, address)) = overlaps {
                let message = format!("{block} overlaps {other}, the block of {address}");
                findings.push(finding(subnet, "cidr", message));
            }
            others.push((block, subnet.address));
        }
        let Some(number) = subnet.spec.get("ipv6_block").and_then(Value::as_u64) else { continue };
        if let Some(other) = seen_ipv6.insert((vpc, number), subnet.address) {
            let message = format!("{other} has the IPv6 block {number} already");
            findings.push(finding(subnet, "ipv6_block", message));
        }
    }
    findings
}

/// A subnet follows one route table.
pub fn a_subnet_follows_one_table(all: &[Declaration<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: HashMap<&str, &Address> = HashMap::new();
    for table in of_kind(all, "route_table") {
        let subnets = table.spec.get("subnets").and_then(Value::as_array);
        let subnets = subnets.into_iter().flatten().filter_map(Value::as_str);
        for (index, subnet) in subnets.enumerate() {
            let Some(other) = seen.insert(subnet, table.address) else { continue };
            let subnet = match reference::sole(subnet).as_ref().and_then(|to| to.address()) {
                Some(address) => address.to_string(),
                None => reference::display(subnet),
            };
            let message = format!("{subnet} follows {other} already");
            let finding = finding(table, &format!("subnets[{index}]"), message);
            findings.push(finding.help("a subnet follows one route table"));
        }
    }
    findings
}

/// A VPC has one internet gateway and one main route table.
pub fn a_vpc_has_one(all: &[Declaration<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let main = |declared: &Declaration<'_>| declared.spec.get("main") == Some(&Value::Bool(true));
    let gateways = of_kind(all, "internet_gateway").map(|one| (one, "vpc", "internet gateway"));
    let tables = of_kind(all, "route_table").filter(|table| main(table));
    let tables = tables.map(|one| (one, "main", "main route table"));
    let mut seen: HashMap<(&str, &str), &Address> = HashMap::new();
    for (declared, field, what) in gateways.chain(tables) {
        let Some(vpc) = text(declared, "vpc") else { continue };
        if let Some(other) = seen.insert((vpc, what), declared.address) {
            let message = format!("{other} is the {what} of the same VPC already");
            findings.push(finding(declared, field, message).help(format!("a VPC has one {what}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(things: &[(&str, Value)]) -> Vec<String> {
        let things: Vec<(Address, &Value)> =
            things.iter().map(|(address, spec)| (address.parse().unwrap(), spec)).collect();
        let all: Vec<Declaration<'_>> =
            things.iter().map(|(address, spec)| Declaration { address, spec }).collect();
        let findings = super::super::ALL.iter().flat_map(|check| check(&all));
        findings.map(|finding| finding.message).collect()
    }

    const VPC: &str = "\u{1}vpc.main.id\u{2}";
    const SUBNET: &str = "\u{1}subnet.a.id\u{2}";

    #[test]
    fn a_sound_network_passes() {
        let found = messages(&[
            ("vpc.main", json!({"cidr": "10.0.0.0/16", "ipv6": true})),
            ("subnet.a", json!({"vpc": VPC, "cidr": "10.0.0.0/24", "ipv6_block": 0})),
            ("subnet.b", json!({"vpc": VPC, "cidr": "10.0.1.0/24", "ipv6_block": 1})),
            ("subnet.c", json!({"vpc": "vpc-1", "cidr": "10.0.1.0/24"})),
            ("route_table.a", json!({"vpc": VPC, "subnets": [SUBNET], "main": true})),
            ("route_table.b", json!({"vpc": VPC, "subnets": [], "main": false})),
            ("internet_gateway.a", json!({"vpc": VPC})),
            ("internet_gateway.b", json!({})),
        ]);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn what_cannot_be_is_found() {
        let found = messages(&[
            ("vpc.main", json!({"cidr": "10.0.0.0/16"})),
            ("subnet.a", json!({"vpc": VPC, "cidr": "10.0.0.0/24"})),
            ("subnet.b", json!({"vpc": VPC, "cidr": "10.0.0.128/25"})),
            ("subnet.c", json!({"vpc": VPC, "cidr": "10.1.0.0/24", "ipv6_block": 1})),
            ("route_table.a", json!({"vpc": VPC, "subnets": [SUBNET], "main": true})),
            ("route_table.b", json!({"vpc": VPC, "subnets": [SUBNET], "main": true})),
            ("internet_gateway.a", json!({"vpc": VPC})),
            ("internet_gateway.b", json!({"vpc": VPC})),
        ]);
        let expected = [
            "10.1.0.0/24 lies outside of 10.0.0.0/16, the block of vpc.main",
            "vpc.main has no IPv6 block",
            "10.0.0.128/25 overlaps 10.0.0.0/24, the block of subnet.a",
            "subnet.a follows route_table.a already",
            "internet_gateway.a is the internet gateway of the same VPC already",
            "route_table.a is the main route table of the same VPC already",
        ];
        assert_eq!(found, expected);
    }
}
