//! VPC endpoints and prefix lists.

use serde_json::{Value, json};

use super::{ask, only, refused, subnet, table, text, vpc};
use crate::probe::Probe;
use crate::world::Span;

fn endpoint(probe: &mut Probe, input: Value) -> String {
    text(&ask(probe, "CreateVpcEndpoint", input)["vpcEndpoint"]["vpcEndpointId"])
}

#[test]
fn a_gateway_endpoint_puts_routes_into_its_tables() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let table = table(&mut probe, &id);
    let input = json!({
        "VpcId": id, "ServiceName": "com.amazonaws.us-east-1.s3", "RouteTableId": [table],
    });
    let made = endpoint(&mut probe, input.clone());
    assert_eq!(refused(&mut probe, "CreateVpcEndpoint", input), "RouteAlreadyExists");
    let found = json!({ "RouteTableId": [table] });
    let found = only(&mut probe, "DescribeRouteTables", found, "routeTableSet");
    assert_eq!(found["routeSet"][1]["gatewayId"], made.as_str());
    assert_eq!(found["routeSet"][1]["destinationPrefixListId"], "pl-63a5400a");
    assert_eq!(refused(&mut probe, "DeleteVpc", json!({ "VpcId": id })), "DependencyViolation");
    ask(&mut probe, "DeleteVpcEndpoints", json!({ "VpcEndpointId": [made] }));
    ask(&mut probe, "DeleteRouteTable", json!({ "RouteTableId": table }));
    ask(&mut probe, "DeleteVpc", json!({ "VpcId": id }));
    // The tagging API remembers for hours what is gone.
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn an_interface_endpoint_holds_its_subnets_until_it_is_gone() {
    let mut probe = Probe::with_delays(1);
    let id = vpc(&mut probe, "10.0.0.0/16");
    let one = subnet(&mut probe, &id, "10.0.0.0/24");
    let logs = "com.amazonaws.us-east-1.logs";
    let input = |private: bool| {
        json!({
            "VpcId": id,
            "VpcEndpointType": "Interface",
            "ServiceName": logs,
            "SubnetId": [one],
            "PrivateDnsEnabled": private.to_string(),
        })
    };
    // Private DNS needs both attributes of the VPC.
    assert_eq!(refused(&mut probe, "CreateVpcEndpoint", input(true)), "InvalidParameter");
    let on = json!({ "VpcId": id, "EnableDnsHostnames": { "Value": "true" } });
    ask(&mut probe, "ModifyVpcAttribute", on);
    let made = endpoint(&mut probe, input(true));
    assert_eq!(refused(&mut probe, "CreateVpcEndpoint", input(true)), "InvalidParameter");
    let shown = |probe: &mut Probe| {
        let input = json!({ "VpcEndpointId": [made] });
        only(probe, "DescribeVpcEndpoints", input, "vpcEndpointSet")
    };
    assert_eq!(shown(&mut probe)["state"], "pending");
    probe.pass(Span::seconds(91));
    assert_eq!(shown(&mut probe)["state"], "available");
    assert_eq!(shown(&mut probe)["dnsEntrySet"][2]["dnsName"], "logs.us-east-1.amazonaws.com");
    let delete = json!({ "VpcEndpointId": [made, "vpce-0"] });
    let failed = ask(&mut probe, "DeleteVpcEndpoints", delete);
    assert_eq!(failed["unsuccessful"][0]["resourceId"], "vpce-0");
    assert_eq!(shown(&mut probe)["state"], "deleting");
    let delete = json!({ "SubnetId": one });
    assert_eq!(refused(&mut probe, "DeleteSubnet", delete.clone()), "DependencyViolation");
    probe.pass(Span::seconds(61));
    ask(&mut probe, "DeleteSubnet", delete);
    ask(&mut probe, "DeleteVpc", json!({ "VpcId": id }));
    // The tagging API remembers for hours what is gone.
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn endpoints_take_what_is_for_their_sort() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let one = subnet(&mut probe, &id, "10.0.0.0/24");
    let zone = only(&mut probe, "DescribeSubnets", json!({ "SubnetId": [one] }), "subnetSet");
    let two = ask(
        &mut probe,
        "CreateSubnet",
        json!({
            "VpcId": id, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": zone["availabilityZone"],
        }),
    );
    let two = text(&two["subnet"]["subnetId"]);
    let table = table(&mut probe, &id);
    let name = |short: &str| format!("com.amazonaws.us-east-1.{short}");
    let (logs, s3) = (name("logs"), name("s3"));
    let interface = json!({ "VpcId": id, "VpcEndpointType": "Interface", "ServiceName": logs });
    let gateway = json!({ "VpcId": id, "ServiceName": s3 });
    let with = |base: &Value, name: &str, value: Value| {
        let mut input = base.clone();
        input[name] = value;
        input
    };
    for (input, code) in [
        (with(&gateway, "ServiceName", json!(name("nothing"))), "InvalidServiceName"),
        (with(&gateway, "ServiceName", json!(logs)), "InvalidParameter"),
        (with(&gateway, "SubnetId", json!([one])), "InvalidParameter"),
        (with(&gateway, "RouteTableId", json!(["rtb-0"])), "InvalidRouteTableId.NotFound"),
        (with(&gateway, "PolicyDocument", json!("all")), "InvalidPolicyDocument"),
        (with(&interface, "RouteTableId", json!([table])), "InvalidParameter"),
        (with(&interface, "SubnetId", json!(["subnet-0"])), "InvalidSubnetId.NotFound"),
        (with(&interface, "SubnetId", json!([one, two])), "DuplicateSubnetsInSameZone"),
        (with(&interface, "SecurityGroupId", json!(["sg-0"])), "InvalidSecurityGroupId.NotFound"),
        (with(&interface, "VpcId", json!("vpc-0")), "InvalidVpcID.NotFound"),
    ] {
        assert_eq!(refused(&mut probe, "CreateVpcEndpoint", input.clone()), code, "{input}");
    }
    let made = endpoint(&mut probe, with(&interface, "SubnetId", json!([one])));
    let add = json!({ "VpcEndpointId": made, "AddSubnetId": [two] });
    assert_eq!(refused(&mut probe, "ModifyVpcEndpoint", add), "DuplicateSubnetsInSameZone");
    let swap = json!({ "VpcEndpointId": made, "AddSubnetId": [two], "RemoveSubnetId": [one] });
    ask(&mut probe, "ModifyVpcEndpoint", swap);
    ask(&mut probe, "DeleteSubnet", json!({ "SubnetId": one }));
}

#[test]
fn a_prefix_list_has_versions() {
    let mut probe = Probe::new();
    let made = ask(
        &mut probe,
        "CreateManagedPrefixList",
        json!({
            "PrefixListName": "offices",
            "MaxEntries": "2",
            "AddressFamily": "IPv4",
            "Entry": [{ "Cidr": "10.0.0.0/8" }],
        }),
    );
    let id = text(&made["prefixList"]["prefixListId"]);
    assert_eq!(made["prefixList"]["state"], "create-in-progress");
    let add = |version: &str, cidrs: &[&str]| {
        let entries: Vec<Value> = cidrs.iter().map(|cidr| json!({ "Cidr": cidr })).collect();
        json!({ "PrefixListId": id, "CurrentVersion": version, "AddEntry": entries })
    };
    let modify = "ModifyManagedPrefixList";
    assert_eq!(refused(&mut probe, modify, add("2", &[])), "PrefixListVersionMismatch");
    let many = add("1", &["11.0.0.0/8", "12.0.0.0/8"]);
    assert_eq!(refused(&mut probe, modify, many), "PrefixListMaxEntriesExceeded");
    assert_eq!(ask(&mut probe, modify, add("1", &["11.0.0.0/8"]))["prefixList"]["version"], 2);
    let entries = |version: &str| json!({ "PrefixListId": id, "TargetVersion": version });
    let old = ask(&mut probe, "GetManagedPrefixListEntries", entries("1"));
    assert_eq!(old["entrySet"].as_array().map(Vec::len), Some(1));
    let new = ask(&mut probe, "GetManagedPrefixListEntries", entries("2"));
    assert_eq!(new["entrySet"].as_array().map(Vec::len), Some(2));
    // It stays while a route leads to it.
    let default = only(&mut probe, "DescribeRouteTables", json!({}), "routeTableSet");
    let route = |list: &str| json!({ "RouteTableId": default["routeTableId"], "DestinationPrefixListId": list });
    let mut with_target = route(&id);
    with_target["GatewayId"] = default["routeSet"][1]["gatewayId"].clone();
    ask(&mut probe, "CreateRoute", with_target);
    let of_list = json!({ "PrefixListId": id });
    let tables = "prefixListAssociationSet";
    let table = only(&mut probe, "GetManagedPrefixListAssociations", of_list.clone(), tables);
    assert_eq!(table["resourceId"], default["routeTableId"]);
    let code = refused(&mut probe, "DeleteManagedPrefixList", of_list);
    assert_eq!(code, "DependencyViolation");
    ask(&mut probe, "DeleteRoute", route(&id));
    // And while a rule refers to it.
    let group = json!({ "GroupName": "web", "GroupDescription": "d" });
    let group = text(&ask(&mut probe, "CreateSecurityGroup", group)["groupId"]);
    let peers = [json!({ "PrefixListId": id })];
    let rule = json!({
        "GroupId": group,
        "IpPermissions": [{ "IpProtocol": "-1", "PrefixListIds": peers }],
    });
    ask(&mut probe, "AuthorizeSecurityGroupIngress", rule);
    let delete = json!({ "PrefixListId": id });
    let code = refused(&mut probe, "DeleteManagedPrefixList", delete.clone());
    assert_eq!(code, "DependencyViolation");
    ask(&mut probe, "DeleteSecurityGroup", json!({ "GroupId": group }));
    ask(&mut probe, "DeleteManagedPrefixList", delete);
    let gone = json!({ "PrefixListId": [id] });
    let code = refused(&mut probe, "DescribeManagedPrefixLists", gone);
    assert_eq!(code, "InvalidPrefixListID.NotFound");
    // The tagging API remembers for hours what is gone.
    probe.world.rest();
    assert!(probe.world.is_pristine());
}
