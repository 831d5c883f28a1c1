//! Internet and NAT gateways and Elastic IPs.

use serde_json::{Value, json};

use super::{address, ask, gateway, only, refused, subnet, table, vpc};
use crate::probe::Probe;
use crate::services::ec2::interface::{self, NewInterface};
use crate::world::Span;

fn nat(probe: &mut Probe, subnet: &str, allocation: &str) -> String {
    let input = json!({ "SubnetId": subnet, "AllocationId": allocation });
    let made = ask(probe, "CreateNatGateway", input);
    assert_eq!(made["natGateway"]["state"], "pending");
    super::text(&made["natGateway"]["natGatewayId"])
}

fn shown(probe: &mut Probe, id: &str) -> Value {
    only(probe, "DescribeNatGateways", json!({ "NatGatewayId": [id] }), "natGatewaySet")
}

#[test]
fn a_nat_gateway_holds_its_address_until_it_is_deleted() {
    let mut probe = Probe::with_delays(1);
    let id = vpc(&mut probe, "10.0.0.0/16");
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let gateway = gateway(&mut probe, &id);
    let allocation = address(&mut probe);
    let nat = nat(&mut probe, &subnet, &allocation);
    probe.pass(Span::seconds(60));
    assert_eq!(shown(&mut probe, &nat)["state"], "pending");
    probe.pass(Span::seconds(61));
    assert_eq!(shown(&mut probe, &nat)["state"], "available");
    let table = table(&mut probe, &id);
    ask(
        &mut probe,
        "CreateRoute",
        json!({
            "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat,
        }),
    );
    let release = json!({ "AllocationId": allocation });
    let detach = json!({ "InternetGatewayId": gateway, "VpcId": id });
    let delete_subnet = json!({ "SubnetId": subnet });
    let held = |probe: &mut Probe| {
        assert_eq!(refused(probe, "ReleaseAddress", release.clone()), "InvalidIPAddress.InUse");
        let code = refused(probe, "DetachInternetGateway", detach.clone());
        assert_eq!(code, "DependencyViolation");
        assert_eq!(refused(probe, "DeleteSubnet", delete_subnet.clone()), "DependencyViolation");
    };
    held(&mut probe);
    let found = only(&mut probe, "DescribeAddresses", json!({}), "addressesSet");
    let disassociate = json!({ "AssociationId": found["associationId"] });
    assert_eq!(refused(&mut probe, "DisassociateAddress", disassociate), "AuthFailure");
    ask(&mut probe, "DeleteNatGateway", json!({ "NatGatewayId": nat }));
    held(&mut probe);
    let found = json!({ "RouteTableId": [table] });
    let found = only(&mut probe, "DescribeRouteTables", found, "routeTableSet");
    assert_eq!(found["routeSet"][1]["state"], "blackhole");
    probe.pass(Span::seconds(61));
    assert_eq!(shown(&mut probe, &nat)["state"], "deleted");
    ask(&mut probe, "ReleaseAddress", release);
    ask(&mut probe, "DetachInternetGateway", detach);
    ask(&mut probe, "DeleteSubnet", delete_subnet);
    probe.pass(Span::minutes(61));
    let forgotten = json!({ "NatGatewayId": [nat] });
    assert_eq!(refused(&mut probe, "DescribeNatGateways", forgotten), "NatGatewayNotFound");
    ask(&mut probe, "DeleteInternetGateway", json!({ "InternetGatewayId": gateway }));
    ask(&mut probe, "DeleteRouteTable", json!({ "RouteTableId": table }));
    ask(&mut probe, "DeleteVpc", json!({ "VpcId": id }));
    // The tagging API remembers for hours what is gone.
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn a_public_nat_gateway_fails_without_an_internet_gateway() {
    let mut probe = Probe::with_delays(1);
    let id = vpc(&mut probe, "10.0.0.0/16");
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let allocation = address(&mut probe);
    let failed = nat(&mut probe, &subnet, &allocation);
    probe.pass(Span::seconds(121));
    let failed = shown(&mut probe, &failed);
    assert_eq!(
        (&failed["state"], &failed["failureCode"]),
        (&json!("failed"), &json!("Gateway.NotAttached"))
    );
    // It holds nothing.
    ask(&mut probe, "ReleaseAddress", json!({ "AllocationId": allocation }));
    ask(&mut probe, "DeleteSubnet", json!({ "SubnetId": subnet }));
    probe.pass(Span::minutes(61));
    ask(&mut probe, "DeleteVpc", json!({ "VpcId": id }));
    // The tagging API remembers for hours what is gone.
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn a_nat_gateway_that_is_deleted_while_pending_never_becomes_available() {
    let mut probe = Probe::with_delays(1);
    let id = vpc(&mut probe, "10.0.0.0/16");
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let input = json!({ "SubnetId": subnet, "ConnectivityType": "private" });
    let made = ask(&mut probe, "CreateNatGateway", input);
    let nat = super::text(&made["natGateway"]["natGatewayId"]);
    ask(&mut probe, "DeleteNatGateway", json!({ "NatGatewayId": nat }));
    probe.pass(Span::seconds(61));
    assert_eq!(shown(&mut probe, &nat)["state"], "deleted");
    probe.pass(Span::seconds(120));
    assert_eq!(shown(&mut probe, &nat)["state"], "deleted");
}

#[test]
fn nat_gateways_are_refused_at_once_where_the_request_is_wrong() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let allocation = address(&mut probe);
    for (input, code) in [
        (json!({ "SubnetId": subnet }), "MissingParameter"),
        (json!({ "AllocationId": allocation }), "MissingParameter"),
        (
            json!({ "SubnetId": subnet, "AllocationId": "eipalloc-0" }),
            "InvalidAllocationID.NotFound",
        ),
        (json!({ "SubnetId": "subnet-0", "AllocationId": allocation }), "InvalidSubnetID.NotFound"),
        (
            json!({
                "SubnetId": subnet, "AllocationId": allocation, "ConnectivityType": "private",
            }),
            "InvalidParameterCombination",
        ),
        (
            json!({
                "SubnetId": subnet,
                "ConnectivityType": "private",
                "PrivateIpAddress": "10.0.1.4",
            }),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(refused(&mut probe, "CreateNatGateway", input.clone()), code, "{input}");
    }
}

#[test]
fn a_region_has_five_addresses() {
    let mut probe = Probe::new();
    let all: Vec<String> = (0..5).map(|_| address(&mut probe)).collect();
    assert_eq!(refused(&mut probe, "AllocateAddress", json!({})), "AddressLimitExceeded");
    for id in all {
        ask(&mut probe, "ReleaseAddress", json!({ "AllocationId": id }));
        let again = json!({ "AllocationId": id });
        let code = refused(&mut probe, "ReleaseAddress", again);
        assert_eq!(code, "InvalidAllocationID.NotFound");
    }
    // The tagging API remembers for hours what is gone.
    probe.world.rest();
    assert!(probe.world.is_pristine());
}

#[test]
fn a_vpc_has_one_internet_gateway() {
    let mut probe = Probe::new();
    let (id, other) = (vpc(&mut probe, "10.0.0.0/16"), vpc(&mut probe, "10.0.0.0/16"));
    let first = gateway(&mut probe, &id);
    let second = gateway(&mut probe, &other);
    let attach = |gateway: &str, vpc: &str| json!({ "InternetGatewayId": gateway, "VpcId": vpc });
    let code = refused(&mut probe, "AttachInternetGateway", attach(&first, &other));
    assert_eq!(code, "Resource.AlreadyAssociated");
    ask(&mut probe, "DetachInternetGateway", attach(&second, &other));
    let code = refused(&mut probe, "DetachInternetGateway", attach(&second, &other));
    assert_eq!(code, "Gateway.NotAttached");
    let code = refused(&mut probe, "AttachInternetGateway", attach(&second, &id));
    assert_eq!(code, "InvalidParameterValue");
    let delete = json!({ "InternetGatewayId": first });
    assert_eq!(refused(&mut probe, "DeleteInternetGateway", delete), "DependencyViolation");
}

/// An interface as the account itself makes them.
fn interface(probe: &mut Probe, subnet: &str) -> String {
    let mut site = probe.world.site("us-east-1");
    let new = NewInterface {
        subnet,
        groups: &[],
        description: "",
        sort: "interface",
        requester: "",
        public: false,
    };
    let id = interface::attach(&mut site, &new).expect("an interface").id;
    let interface = site.region_mut().ec2.interfaces.get_mut(&id).expect("an interface");
    interface.requester = None;
    id
}

#[test]
fn an_address_moves_from_interface_to_interface() {
    let mut probe = Probe::new();
    let id = vpc(&mut probe, "10.0.0.0/16");
    let subnet = subnet(&mut probe, &id, "10.0.0.0/24");
    let (one, two) = (interface(&mut probe, &subnet), interface(&mut probe, &subnet));
    let allocation = address(&mut probe);
    let with = |interface: &str, moves: bool| {
        json!({
            "AllocationId": allocation,
            "NetworkInterfaceId": interface,
            "AllowReassociation": moves.to_string(),
        })
    };
    assert_eq!(refused(&mut probe, "AssociateAddress", with(&one, true)), "Gateway.NotAttached");
    let gateway = gateway(&mut probe, &id);
    let first = ask(&mut probe, "AssociateAddress", with(&one, true));
    let code = refused(&mut probe, "AssociateAddress", with(&two, false));
    assert_eq!(code, "Resource.AlreadyAssociated");
    let second = ask(&mut probe, "AssociateAddress", with(&two, true));
    let old = json!({ "AssociationId": first["associationId"] });
    let code = refused(&mut probe, "DisassociateAddress", old);
    assert_eq!(code, "InvalidAssociationID.NotFound");
    let detach = json!({ "InternetGatewayId": gateway, "VpcId": id });
    let code = refused(&mut probe, "DetachInternetGateway", detach.clone());
    assert_eq!(code, "DependencyViolation");
    let new = json!({ "AssociationId": second["associationId"] });
    ask(&mut probe, "DisassociateAddress", new);
    ask(&mut probe, "DetachInternetGateway", detach);
    ask(&mut probe, "ReleaseAddress", json!({ "AllocationId": allocation }));
}
