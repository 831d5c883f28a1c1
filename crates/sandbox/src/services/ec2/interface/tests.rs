//! Tests of network interfaces.

use serde_json::{Value, json};

use super::*;
use crate::probe::Probe;

fn subnet_id(probe: &mut Probe) -> String {
    let site = probe.world.site("us-east-1");
    site.region().ec2.subnets.keys().next().expect("a subnet").clone()
}

/// Makes the first subnet this one.
fn narrow(probe: &mut Probe, cidr: &str) -> String {
    let id = subnet_id(probe);
    let mut site = probe.world.site("us-east-1");
    let subnet = site.region_mut().ec2.subnets.get_mut(&id).expect("a subnet");
    cidr.clone_into(&mut subnet.cidr);
    id
}

fn balancer(probe: &mut Probe, subnet: &str, public: bool) -> Result<Interface, Refused> {
    let new = NewInterface {
        subnet,
        groups: &[],
        description: "ELB app/main/0123456789abcdef",
        sort: "interface",
        requester: "amazon-elb",
        public,
    };
    attach(&mut probe.world.site("us-east-1"), &new)
}

fn described(probe: &mut Probe, filter: &str, value: &str) -> Vec<Value> {
    let input = json!({ "Filter": [{ "Name": filter, "Value": [value] }] });
    let answer = probe.ask("ec2", "DescribeNetworkInterfaces", input);
    answer["networkInterfaceSet"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_subnet_is_full_after_all_but_five_of_its_addresses() {
    let mut probe = Probe::new();
    let subnet = narrow(&mut probe, "10.0.0.0/28");
    let mut ips: Vec<String> = (0..11)
        .map(|_| balancer(&mut probe, &subnet, false).expect("an interface").private_ip)
        .collect();
    ips.sort_by_key(|ip| ip.rsplit('.').next().and_then(|last| last.parse::<u8>().ok()));
    let expected: Vec<String> = (4..15).map(|last| format!("10.0.0.{last}")).collect();
    assert_eq!(ips, expected);
    let refused = balancer(&mut probe, &subnet, false).expect_err("a refusal");
    assert_eq!(refused.code, "InsufficientFreeAddressesInSubnet");
}

#[test]
fn an_address_can_be_asked_for() {
    let mut probe = Probe::new();
    let subnet = narrow(&mut probe, "10.0.0.0/28");
    let ask = |ip: &str| json!({ "SubnetId": subnet, "PrivateIpAddress": ip });
    probe.ask("ec2", "CreateNetworkInterface", ask("10.0.0.4"));
    for (ip, code) in [
        ("10.0.0.4", "InvalidIPAddress.InUse"),
        ("10.0.0.3", "InvalidParameterValue"),
        ("10.0.0.15", "InvalidParameterValue"),
        ("10.0.0.16", "InvalidParameterValue"),
        ("9.255.255.255", "InvalidParameterValue"),
        ("web", "InvalidParameterValue"),
    ] {
        assert_eq!(probe.refused("ec2", "CreateNetworkInterface", ask(ip)), code, "{ip}");
    }
    let more = json!({ "SubnetId": subnet, "SecondaryPrivateIpAddressCount": "10" });
    let code = probe.refused("ec2", "CreateNetworkInterface", more);
    assert_eq!(code, "InsufficientFreeAddressesInSubnet");
    let rest = json!({ "SubnetId": subnet, "SecondaryPrivateIpAddressCount": "9" });
    let made = probe.ask("ec2", "CreateNetworkInterface", rest);
    let addresses = made["networkInterface"]["privateIpAddressesSet"].as_array().map(Vec::len);
    assert_eq!(addresses, Some(10));
}

#[test]
fn an_interface_of_a_service_is_nobody_elses() {
    let mut probe = Probe::new();
    let subnet = subnet_id(&mut probe);
    let interface = balancer(&mut probe, &subnet, true).expect("an interface");
    let id = json!({ "NetworkInterfaceId": interface.id });
    let code = probe.refused("ec2", "DeleteNetworkInterface", id.clone());
    assert_eq!(code, "InvalidParameterValue");
    let found = described(&mut probe, "requester-id", "amazon-elb");
    let attachment = json!({ "AttachmentId": found[0]["attachment"]["attachmentId"] });
    let code = probe.refused("ec2", "DetachNetworkInterface", attachment);
    assert_eq!(code, "OperationNotPermitted");
    let change = json!({ "NetworkInterfaceId": interface.id, "Description": { "Value": "mine" } });
    let code = probe.refused("ec2", "ModifyNetworkInterfaceAttribute", change);
    assert_eq!(code, "AuthFailure");
    release(&mut probe.world.site("us-east-1"), &interface.id);
    let code = probe.refused("ec2", "DeleteNetworkInterface", id);
    assert_eq!(code, "InvalidNetworkInterfaceID.NotFound");
    assert!(probe.world.is_pristine());
}

#[test]
fn filters_find_interfaces_by_what_they_are() {
    let mut probe = Probe::new();
    let subnet = subnet_id(&mut probe);
    let service = balancer(&mut probe, &subnet, true).expect("an interface");
    let input = json!({ "SubnetId": subnet, "Description": "mine" });
    probe.ask("ec2", "CreateNetworkInterface", input);
    let name = format!(
        "ec2-{}.compute-1.amazonaws.com",
        service.public_ip.clone().expect("an address").replace('.', "-")
    );
    for (filter, value) in [
        ("description", "ELB app/main/*"),
        ("status", "in-use"),
        ("requester-managed", "true"),
        ("attachment.status", "attached"),
        ("attachment.instance-owner-id", "amazon-elb"),
        ("association.public-ip", service.public_ip.as_deref().expect("an address")),
        ("association.public-dns-name", name.as_str()),
        ("addresses.private-ip-address", service.private_ip.as_str()),
        ("network-interface-id", service.id.as_str()),
    ] {
        let found = described(&mut probe, filter, value);
        assert_eq!(found.len(), 1, "{filter}");
        assert_eq!(found[0]["networkInterfaceId"], json!(service.id), "{filter}");
    }
    assert_eq!(described(&mut probe, "subnet-id", &subnet).len(), 2);
    assert_eq!(described(&mut probe, "group-name", "default").len(), 2);
    assert_eq!(described(&mut probe, "status", "available").len(), 1);
    let ids = json!({ "NetworkInterfaceId": [service.id], "MaxResults": "5" });
    let code = probe.refused("ec2", "DescribeNetworkInterfaces", ids);
    assert_eq!(code, "InvalidParameterCombination");
}

#[test]
fn groups_have_to_be_of_the_subnets_vpc() {
    let mut probe = Probe::new();
    let subnet = subnet_id(&mut probe);
    let mut site = probe.world.site("us-east-1");
    let state = &mut site.region_mut().ec2;
    let mut group = state.groups.values().next().expect("a group").clone();
    "sg-0e".clone_into(&mut group.id);
    "vpc-0e".clone_into(&mut group.vpc);
    state.groups.insert(group.id.clone(), group);
    let input = json!({ "SubnetId": subnet, "SecurityGroupId": ["sg-0e"] });
    assert_eq!(probe.refused("ec2", "CreateNetworkInterface", input), "InvalidParameter");
    let input = json!({ "SubnetId": "subnet-0" });
    assert_eq!(probe.refused("ec2", "CreateNetworkInterface", input), "InvalidSubnetID.NotFound");
}

#[test]
fn a_token_makes_one_interface() {
    let mut probe = Probe::new();
    let subnet = subnet_id(&mut probe);
    let input = json!({ "SubnetId": subnet, "ClientToken": "t" });
    let first = probe.ask("ec2", "CreateNetworkInterface", input.clone());
    assert_eq!(probe.ask("ec2", "CreateNetworkInterface", input), first);
    assert_eq!(described(&mut probe, "subnet-id", &subnet).len(), 1);
    let other = json!({ "SubnetId": subnet, "ClientToken": "t", "Description": "other" });
    let code = probe.refused("ec2", "CreateNetworkInterface", other);
    assert_eq!(code, "IdempotentParameterMismatch");
}
