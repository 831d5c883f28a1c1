//! Route tables, routes and associations.

use serde_json::json;

use super::{ask, gateway, only, refused, subnet, table, text, vpc};
use crate::probe::Probe;

#[test]
fn routes_lead_to_what_is_in_the_vpc() {
    let mut probe = Probe::new();
    let (id, other) = (vpc(&mut probe, "10.0.0.0/16"), vpc(&mut probe, "10.1.0.0/16"));
    let (own, strange) = (gateway(&mut probe, &id), gateway(&mut probe, &other));
    let table = table(&mut probe, &id);
    let route = |destination: &str, target: &str, id: &str| json!({ "RouteTableId": table, "DestinationCidrBlock": destination, target: id });
    for (input, code) in [
        (route("0.0.0.0/0", "GatewayId", &strange), "InvalidParameterValue"),
        (route("0.0.0.0/0", "GatewayId", "igw-0"), "InvalidGatewayID.NotFound"),
        (route("0.0.0.0/0", "NatGatewayId", "nat-0"), "InvalidNatGatewayID.NotFound"),
        (route("0.0.0.0/0", "NetworkInterfaceId", "eni-0"), "InvalidNetworkInterfaceID.NotFound"),
        (route("0.0.0.0/0", "InstanceId", "i-0"), "InvalidInstanceID.NotFound"),
        (route("0.0.0.0/33", "GatewayId", &own), "InvalidParameterValue"),
        (route("10.0.0.0/24", "GatewayId", &own), "InvalidParameterValue"),
        (route("10.0.0.0/16", "GatewayId", &own), "RouteAlreadyExists"),
        (json!({ "RouteTableId": table, "GatewayId": own }), "MissingParameter"),
        (json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0" }), "MissingParameter"),
        (
            json!({ "RouteTableId": "rtb-0", "DestinationCidrBlock": "0.0.0.0/0" }),
            "InvalidRouteTableID.NotFound",
        ),
    ] {
        assert_eq!(refused(&mut probe, "CreateRoute", input.clone()), code, "{input}");
    }
    ask(&mut probe, "CreateRoute", route("0.0.0.0/0", "GatewayId", &own));
    let again = route("0.0.0.0/0", "GatewayId", &own);
    assert_eq!(refused(&mut probe, "CreateRoute", again), "RouteAlreadyExists");
    let absent = route("8.8.8.0/24", "GatewayId", &own);
    assert_eq!(refused(&mut probe, "ReplaceRoute", absent), "InvalidParameterValue");
    // Without its gateway the route leads nowhere.
    let detach = json!({ "InternetGatewayId": own, "VpcId": id });
    ask(&mut probe, "DetachInternetGateway", detach);
    let found = json!({ "RouteTableId": [table] });
    let found = only(&mut probe, "DescribeRouteTables", found, "routeTableSet");
    assert_eq!(found["routeSet"][1]["state"], "blackhole");
    let delete = |cidr: &str| json!({ "RouteTableId": table, "DestinationCidrBlock": cidr });
    assert_eq!(refused(&mut probe, "DeleteRoute", delete("10.0.0.0/16")), "InvalidParameterValue");
    ask(&mut probe, "DeleteRoute", delete("0.0.0.0/0"));
    assert_eq!(refused(&mut probe, "DeleteRoute", delete("0.0.0.0/0")), "InvalidRoute.NotFound");
}

#[test]
fn a_subnet_has_one_table() {
    let mut probe = Probe::new();
    let (id, other) = (vpc(&mut probe, "10.0.0.0/16"), vpc(&mut probe, "10.0.0.0/16"));
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let (one, two) = (table(&mut probe, &id), table(&mut probe, &id));
    let strange = table(&mut probe, &other);
    let with = |table: &str| json!({ "RouteTableId": table, "SubnetId": subnet });
    let code = refused(&mut probe, "AssociateRouteTable", with(&strange));
    assert_eq!(code, "InvalidParameterValue");
    let association = ask(&mut probe, "AssociateRouteTable", with(&one));
    let association = text(&association["associationId"]);
    let code = refused(&mut probe, "AssociateRouteTable", with(&two));
    assert_eq!(code, "Resource.AlreadyAssociated");
    let delete = json!({ "RouteTableId": one });
    assert_eq!(refused(&mut probe, "DeleteRouteTable", delete.clone()), "DependencyViolation");
    let replace = json!({ "AssociationId": association, "RouteTableId": two });
    let moved = ask(&mut probe, "ReplaceRouteTableAssociation", replace);
    ask(&mut probe, "DeleteRouteTable", delete);
    let old = json!({ "AssociationId": association });
    let code = refused(&mut probe, "DisassociateRouteTable", old);
    assert_eq!(code, "InvalidAssociationID.NotFound");
    let new = json!({ "AssociationId": moved["newAssociationId"] });
    ask(&mut probe, "DisassociateRouteTable", new);
    ask(&mut probe, "DeleteRouteTable", json!({ "RouteTableId": two }));
}

#[test]
fn another_table_can_become_the_main_one() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let new = table(&mut probe, &id);
    let filter = json!({ "Filter": [
        { "Name": "association.main", "Value": ["true"] },
        { "Name": "vpc-id", "Value": [id] },
    ] });
    let main = only(&mut probe, "DescribeRouteTables", filter.clone(), "routeTableSet");
    let association = &main["associationSet"][0]["routeTableAssociationId"];
    let disassociate = json!({ "AssociationId": association });
    let code = refused(&mut probe, "DisassociateRouteTable", disassociate);
    assert_eq!(code, "InvalidParameterValue");
    let old = json!({ "RouteTableId": main["routeTableId"] });
    assert_eq!(refused(&mut probe, "DeleteRouteTable", old.clone()), "DependencyViolation");
    let replace = json!({ "AssociationId": association, "RouteTableId": new });
    ask(&mut probe, "ReplaceRouteTableAssociation", replace);
    let main = only(&mut probe, "DescribeRouteTables", filter, "routeTableSet");
    assert_eq!(main["routeTableId"], new.as_str());
    ask(&mut probe, "DeleteRouteTable", old);
    ask(&mut probe, "DeleteVpc", json!({ "VpcId": id }));
    assert!(probe.world.is_pristine());
}

#[test]
fn a_token_makes_one_table() {
    let mut probe = Probe::new();
    let (id, other) = (vpc(&mut probe, "10.0.0.0/16"), vpc(&mut probe, "10.0.0.0/16"));
    let input = |vpc: &str| json!({ "VpcId": vpc, "ClientToken": "one" });
    let first = ask(&mut probe, "CreateRouteTable", input(&id));
    assert_eq!(ask(&mut probe, "CreateRouteTable", input(&id)), first);
    let code = refused(&mut probe, "CreateRouteTable", input(&other));
    assert_eq!(code, "IdempotentParameterMismatch");
}
