//! VPCs, subnets, ACLs and DHCP options.

use serde_json::json;

use super::{ask, gateway, only, refused, subnet, table, text, vpc};
use crate::probe::Probe;

#[test]
fn a_default_vpc_is_there_from_the_start() {
    let mut probe = Probe::new();
    let filter = json!({ "Filter": [{ "Name": "is-default", "Value": ["true"] }] });
    let default = only(&mut probe, "DescribeVpcs", filter, "vpcSet");
    let of_vpc = json!({ "Filter": [
        { "Name": "vpc-id", "Value": [default["vpcId"]] },
        { "Name": "association.main", "Value": ["true"] },
    ] });
    let main = only(&mut probe, "DescribeRouteTables", of_vpc, "routeTableSet");
    assert_eq!(main["routeSet"][1]["destinationCidrBlock"], "0.0.0.0/0");
    let subnets = ask(&mut probe, "DescribeSubnets", json!({}));
    let subnets = subnets["subnetSet"].as_array().expect("subnets");
    assert_eq!(subnets.len(), 6);
    assert!(subnets.iter().all(|subnet| subnet["availableIpAddressCount"] == 4091));
    assert!(probe.world.is_pristine());
}

#[test]
fn a_new_vpc_has_a_main_table_a_default_acl_and_a_default_group() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.1/16");
    let of_vpc = json!({ "Filter": [{ "Name": "vpc-id", "Value": [id] }] });
    let main = only(&mut probe, "DescribeRouteTables", of_vpc.clone(), "routeTableSet");
    assert_eq!(main["associationSet"][0]["main"], true);
    assert_eq!(main["routeSet"][0]["destinationCidrBlock"], "10.0.0.0/16");
    let acl = only(&mut probe, "DescribeNetworkAcls", of_vpc, "networkAclSet");
    assert_eq!(
        (&acl["default"], acl["entrySet"].as_array().map(Vec::len)),
        (&true.into(), Some(4))
    );
    let ec2 = &probe.world.site("us-east-1").region().ec2.clone();
    assert!(ec2.groups.values().any(|group| group.vpc == id && group.name == "default"));
    ask(&mut probe, "DeleteVpc", json!({ "VpcId": id }));
    assert!(probe.world.is_pristine());
}

#[test]
fn blocks_are_of_the_right_size_and_apart() {
    let mut probe = Probe::new();
    for (cidr, code) in [
        ("10.0.0.0/15", "InvalidVpc.Range"),
        ("10.0.0.0/29", "InvalidVpc.Range"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("10.0.0.0/40", "InvalidParameterValue"),
    ] {
        assert_eq!(refused(&mut probe, "CreateVpc", json!({ "CidrBlock": cidr })), code, "{cidr}");
    }
    let vpc = vpc(&mut probe, "10.0.0.0/20");
    subnet(&mut probe, &vpc, "10.0.0.0/24");
    for (cidr, code) in [
        ("10.0.0.0/24", "InvalidSubnet.Conflict"),
        ("10.0.0.0/20", "InvalidSubnet.Conflict"),
        ("10.0.16.0/24", "InvalidSubnet.Range"),
        ("10.0.0.0/16", "InvalidSubnet.Range"),
        ("10.0.1.0/29", "InvalidSubnet.Range"),
        ("ten", "InvalidParameterValue"),
    ] {
        let input = json!({ "VpcId": vpc, "CidrBlock": cidr });
        assert_eq!(refused(&mut probe, "CreateSubnet", input), code, "{cidr}");
    }
    for (cidr, code) in [
        ("10.0.8.0/24", "CidrConflict"),
        ("192.168.0.0/24", "InvalidVpc.Range"),
        ("10.1.0.0/29", "InvalidVpc.Range"),
    ] {
        let input = json!({ "VpcId": vpc, "CidrBlock": cidr });
        assert_eq!(refused(&mut probe, "AssociateVpcCidrBlock", input), code, "{cidr}");
    }
}

#[test]
fn a_vpc_is_not_deleted_before_what_is_in_it() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let delete = json!({ "VpcId": id });
    let in_use = |probe: &mut Probe| {
        assert_eq!(refused(probe, "DeleteVpc", json!({ "VpcId": id })), "DependencyViolation");
    };
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    in_use(&mut probe);
    ask(&mut probe, "DeleteSubnet", json!({ "SubnetId": subnet }));
    let gateway = gateway(&mut probe, &id);
    in_use(&mut probe);
    let attachment = json!({ "InternetGatewayId": gateway, "VpcId": id });
    ask(&mut probe, "DetachInternetGateway", attachment);
    ask(&mut probe, "DeleteInternetGateway", json!({ "InternetGatewayId": gateway }));
    let table = table(&mut probe, &id);
    in_use(&mut probe);
    ask(&mut probe, "DeleteRouteTable", json!({ "RouteTableId": table }));
    let acl = ask(&mut probe, "CreateNetworkAcl", json!({ "VpcId": id }));
    in_use(&mut probe);
    let acl = json!({ "NetworkAclId": acl["networkAcl"]["networkAclId"] });
    ask(&mut probe, "DeleteNetworkAcl", acl);
    ask(&mut probe, "DeleteVpc", delete.clone());
    assert_eq!(refused(&mut probe, "DeleteVpc", delete), "InvalidVpcID.NotFound");
    assert!(probe.world.is_pristine());
}

#[test]
fn a_region_has_five_vpcs() {
    let mut probe = Probe::new();
    (0..4).for_each(|_| drop(vpc(&mut probe, "10.0.0.0/16")));
    let one_more = json!({ "CidrBlock": "10.0.0.0/16" });
    assert_eq!(refused(&mut probe, "CreateVpc", one_more), "VpcLimitExceeded");
}

#[test]
fn attributes_are_changed_one_at_a_time() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let read = |probe: &mut Probe, attribute: &str| {
        let input = json!({ "VpcId": id, "Attribute": attribute });
        ask(probe, "DescribeVpcAttribute", input)[attribute]["value"].clone()
    };
    assert_eq!(read(&mut probe, "enableDnsSupport"), true);
    assert_eq!(read(&mut probe, "enableDnsHostnames"), false);
    let on = json!({ "Value": "true" });
    let both = json!({ "VpcId": id, "EnableDnsSupport": on, "EnableDnsHostnames": on });
    assert_eq!(refused(&mut probe, "ModifyVpcAttribute", both), "InvalidParameterCombination");
    ask(&mut probe, "ModifyVpcAttribute", json!({ "VpcId": id, "EnableDnsHostnames": on }));
    assert_eq!(read(&mut probe, "enableDnsHostnames"), true);
}

#[test]
fn ipv6_comes_with_its_routes_and_entries() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let input = json!({ "VpcId": id, "AmazonProvidedIpv6CidrBlock": "true" });
    let made = ask(&mut probe, "AssociateVpcCidrBlock", input);
    let block = text(&made["ipv6CidrBlockAssociation"]["ipv6CidrBlock"]);
    let of_vpc = json!({ "Filter": [{ "Name": "vpc-id", "Value": [id] }] });
    let main = only(&mut probe, "DescribeRouteTables", of_vpc.clone(), "routeTableSet");
    assert_eq!(main["routeSet"][1]["destinationIpv6CidrBlock"], block.as_str());
    let acl = only(&mut probe, "DescribeNetworkAcls", of_vpc, "networkAclSet");
    assert_eq!(acl["entrySet"].as_array().map(Vec::len), Some(8));
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let on = json!({ "SubnetId": subnet, "AssignIpv6AddressOnCreation": { "Value": "true" } });
    let code = refused(&mut probe, "ModifySubnetAttribute", on.clone());
    assert_eq!(code, "InvalidParameterValue");
    let wide = json!({ "SubnetId": subnet, "Ipv6CidrBlock": block });
    let own = json!({ "SubnetId": subnet, "Ipv6CidrBlock": block.replace("/56", "/64") });
    assert_eq!(
        refused(
            &mut probe,
            "AssociateSubnetCidrBlock",
            json!({
                "SubnetId": subnet, "Ipv6CidrBlock": "2001:db8::/64",
            })
        ),
        "InvalidSubnet.Range"
    );
    ask(&mut probe, "AssociateSubnetCidrBlock", own);
    assert_eq!(refused(&mut probe, "AssociateSubnetCidrBlock", wide), "CidrLimitExceeded");
    ask(&mut probe, "ModifySubnetAttribute", on);
    let association = text(&made["ipv6CidrBlockAssociation"]["associationId"]);
    let input = json!({ "AssociationId": association });
    assert_eq!(refused(&mut probe, "DisassociateVpcCidrBlock", input), "InvalidCidr.InUse");
}

#[test]
fn a_subnet_moves_from_acl_to_acl() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let of_subnet = json!({ "Filter": [{ "Name": "association.subnet-id", "Value": [subnet] }] });
    let default = only(&mut probe, "DescribeNetworkAcls", of_subnet.clone(), "networkAclSet");
    let default_id = json!({ "NetworkAclId": default["networkAclId"] });
    assert_eq!(refused(&mut probe, "DeleteNetworkAcl", default_id), "InvalidParameterValue");
    let made = ask(&mut probe, "CreateNetworkAcl", json!({ "VpcId": id }));
    let acl = text(&made["networkAcl"]["networkAclId"]);
    let association = &default["associationSet"][0]["networkAclAssociationId"];
    let input = json!({ "AssociationId": association, "NetworkAclId": acl });
    ask(&mut probe, "ReplaceNetworkAclAssociation", input.clone());
    let code = refused(&mut probe, "ReplaceNetworkAclAssociation", input);
    assert_eq!(code, "InvalidAssociationID.NotFound");
    let now = only(&mut probe, "DescribeNetworkAcls", of_subnet, "networkAclSet");
    assert_eq!(now["networkAclId"], acl.as_str());
    let delete = json!({ "NetworkAclId": acl });
    assert_eq!(refused(&mut probe, "DeleteNetworkAcl", delete), "DependencyViolation");
}

#[test]
fn entries_have_a_number_a_block_and_what_their_protocol_needs() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let made = ask(&mut probe, "CreateNetworkAcl", json!({ "VpcId": id }));
    let entry = |changes: serde_json::Value| {
        let mut entry = json!({
            "NetworkAclId": made["networkAcl"]["networkAclId"],
            "RuleNumber": "100",
            "Protocol": "tcp",
            "RuleAction": "allow",
            "Egress": "false",
            "CidrBlock": "0.0.0.0/0",
            "PortRange": { "From": "80", "To": "80" },
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            entry[name] = value.clone();
        }
        entry
    };
    for (changes, code) in [
        (json!({ "RuleNumber": "0" }), "InvalidParameterValue"),
        (json!({ "RuleNumber": "32767" }), "InvalidParameterValue"),
        (json!({ "Protocol": "carrier-pigeon" }), "InvalidParameterValue"),
        (json!({ "PortRange": null }), "MissingParameter"),
        (json!({ "PortRange": { "From": "90", "To": "80" } }), "InvalidParameterValue"),
        (json!({ "CidrBlock": null }), "MissingParameter"),
        (json!({ "Ipv6CidrBlock": "::/0" }), "InvalidParameterCombination"),
        (json!({ "Protocol": "icmp" }), "MissingParameter"),
    ] {
        let code_given = refused(&mut probe, "CreateNetworkAclEntry", entry(changes.clone()));
        assert_eq!(code_given, code, "{changes}");
    }
    ask(&mut probe, "CreateNetworkAclEntry", entry(json!({})));
    let again = refused(&mut probe, "CreateNetworkAclEntry", entry(json!({})));
    assert_eq!(again, "NetworkAclEntryAlreadyExists");
    ask(&mut probe, "CreateNetworkAclEntry", entry(json!({ "Egress": "true" })));
}

#[test]
fn dhcp_options_stay_while_a_vpc_has_them() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let unknown = json!({ "DhcpConfiguration": [{ "Key": "colour", "Value": ["red"] }] });
    assert_eq!(refused(&mut probe, "CreateDhcpOptions", unknown), "InvalidParameterValue");
    let input = json!({ "DhcpConfiguration": [{ "Key": "domain-name", "Value": ["x.y"] }] });
    let made = ask(&mut probe, "CreateDhcpOptions", input);
    let options = &made["dhcpOptions"]["dhcpOptionsId"];
    let associate = json!({ "DhcpOptionsId": options, "VpcId": id });
    ask(&mut probe, "AssociateDhcpOptions", associate);
    let delete = json!({ "DhcpOptionsId": options });
    assert_eq!(refused(&mut probe, "DeleteDhcpOptions", delete.clone()), "DependencyViolation");
    ask(&mut probe, "AssociateDhcpOptions", json!({ "DhcpOptionsId": "default", "VpcId": id }));
    ask(&mut probe, "DeleteDhcpOptions", delete);
}

#[test]
fn a_region_is_the_same_whenever_it_is_made() {
    use crate::services::ec2::State;
    for region in ["us-east-1", "ap-southeast-1", "ap-northeast-3"] {
        assert_eq!(State::new(region), State::new(region));
    }
    assert_ne!(State::new("us-east-1").vpcs, State::new("us-east-2").vpcs);
}
