//! What holds VPCs and their parts.

use serde_json::json;

use super::{Case, Network, gateway, group, load_balancer, network, subnet, text, vpc};
use crate::probe::Probe;

const DELETE_VPC: &str = "EC2 API, DeleteVpc: detach or delete all gateways and resources first";
const DELETE_SUBNET: &str = "EC2 API, DeleteSubnet: terminate all instances in it first";
const DELETE_GROUP: &str =
    "EC2 API, DeleteSecurityGroup: DependencyViolation while an interface or another group uses it";
const DETACH: &str = "EC2 API, DetachInternetGateway: the VPC must not contain Elastic IP or public addresses in use";
const LIVES_ON: &str = "ELB guide, load balancer subnets: interfaces that the load balancer holds";

pub(super) fn cases() -> Vec<Case> {
    let in_use = "DependencyViolation";
    vec![
        Case {
            pair: ("a VPC", "its subnet"),
            source: DELETE_VPC,
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                subnet(probe, &vpc, 0, "a");
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a VPC", "its internet gateway"),
            source: DELETE_VPC,
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                gateway(probe, &vpc);
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a VPC", "a security group of its own"),
            source: DELETE_VPC,
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                group(probe, &vpc, "web");
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a VPC", "a route table of its own"),
            source: DELETE_VPC,
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                probe.ask("ec2", "CreateRouteTable", json!({ "VpcId": vpc }));
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a VPC", "a network ACL of its own"),
            source: DELETE_VPC,
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                probe.ask("ec2", "CreateNetworkAcl", json!({ "VpcId": vpc }));
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a VPC", "its egress-only gateway"),
            source: DELETE_VPC,
            code: in_use,
            make: |probe| {
                let input =
                    json!({ "CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": "true" });
                let vpc = text(&probe.ask("ec2", "CreateVpc", input), "/vpc/vpcId");
                let input = json!({ "VpcId": vpc });
                probe.ask("ec2", "CreateEgressOnlyInternetGateway", input);
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a VPC", "a gateway endpoint"),
            source: "PrivateLink guide: delete the endpoints of a VPC before the VPC",
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                let service = "com.amazonaws.us-east-1.s3";
                let input = json!({ "VpcId": vpc, "ServiceName": service });
                probe.ask("ec2", "CreateVpcEndpoint", input);
                ("ec2", "DeleteVpc", json!({ "VpcId": vpc }))
            },
        },
        Case {
            pair: ("a subnet", "a network interface"),
            source: DELETE_SUBNET,
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                let subnet = subnet(probe, &vpc, 0, "a");
                probe.ask("ec2", "CreateNetworkInterface", json!({ "SubnetId": subnet }));
                ("ec2", "DeleteSubnet", json!({ "SubnetId": subnet }))
            },
        },
        Case {
            pair: ("a subnet", "a NAT gateway"),
            source: DELETE_SUBNET,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                nat(probe, &network);
                ("ec2", "DeleteSubnet", json!({ "SubnetId": network.subnets[0] }))
            },
        },
        Case {
            pair: ("a subnet", "an interface endpoint"),
            source: DELETE_SUBNET,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                endpoint(probe, &network);
                ("ec2", "DeleteSubnet", json!({ "SubnetId": network.subnets[0] }))
            },
        },
        Case {
            pair: ("a subnet", "a load balancer"),
            source: LIVES_ON,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                load_balancer(probe, &network);
                ("ec2", "DeleteSubnet", json!({ "SubnetId": network.subnets[0] }))
            },
        },
        Case {
            pair: ("a security group", "a network interface"),
            source: DELETE_GROUP,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                let input = json!({
                    "SubnetId": network.subnets[0], "SecurityGroupId": [network.group],
                });
                probe.ask("ec2", "CreateNetworkInterface", input);
                ("ec2", "DeleteSecurityGroup", json!({ "GroupId": network.group }))
            },
        },
        Case {
            pair: ("a security group", "another group's ingress rule"),
            source: DELETE_GROUP,
            code: in_use,
            make: |probe| referred(probe, "AuthorizeSecurityGroupIngress"),
        },
        Case {
            pair: ("a security group", "another group's egress rule"),
            source: DELETE_GROUP,
            code: in_use,
            make: |probe| referred(probe, "AuthorizeSecurityGroupEgress"),
        },
        Case {
            pair: ("a security group", "a load balancer"),
            source: LIVES_ON,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                load_balancer(probe, &network);
                ("ec2", "DeleteSecurityGroup", json!({ "GroupId": network.group }))
            },
        },
        Case {
            pair: ("a security group", "an interface endpoint"),
            source: DELETE_GROUP,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                endpoint(probe, &network);
                ("ec2", "DeleteSecurityGroup", json!({ "GroupId": network.group }))
            },
        },
        Case {
            pair: ("a default security group", "its VPC"),
            source: "EC2 guide, default security groups: you can't delete one",
            code: "CannotDelete",
            make: |probe| {
                let vpc = vpc(probe);
                let filter = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });
                let groups = probe.ask("ec2", "DescribeSecurityGroups", filter);
                let group = text(&groups, "/securityGroupInfo/0/groupId");
                ("ec2", "DeleteSecurityGroup", json!({ "GroupId": group }))
            },
        },
        Case {
            pair: ("a route table", "a subnet"),
            source: "EC2 API, DeleteRouteTable: it must not be associated with any subnets",
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                let subnet = subnet(probe, &vpc, 0, "a");
                let made = probe.ask("ec2", "CreateRouteTable", json!({ "VpcId": vpc }));
                let table = text(&made, "/routeTable/routeTableId");
                let input = json!({ "RouteTableId": table, "SubnetId": subnet });
                probe.ask("ec2", "AssociateRouteTable", input);
                ("ec2", "DeleteRouteTable", json!({ "RouteTableId": table }))
            },
        },
        Case {
            pair: ("a main route table", "its VPC"),
            source: "EC2 API, DeleteRouteTable: you can't delete the main route table",
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                let filter = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });
                let tables = probe.ask("ec2", "DescribeRouteTables", filter);
                let table = text(&tables, "/routeTableSet/0/routeTableId");
                ("ec2", "DeleteRouteTable", json!({ "RouteTableId": table }))
            },
        },
        Case {
            pair: ("a network ACL", "a subnet"),
            source: "EC2 API, DeleteNetworkAcl: you can't delete one associated with subnets",
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                let subnet = subnet(probe, &vpc, 0, "a");
                let made = probe.ask("ec2", "CreateNetworkAcl", json!({ "VpcId": vpc }));
                let acl = text(&made, "/networkAcl/networkAclId");
                let filter =
                    json!({ "Filter": [{ "Name": "association.subnet-id", "Value": [subnet] }] });
                let acls = probe.ask("ec2", "DescribeNetworkAcls", filter);
                let association =
                    text(&acls, "/networkAclSet/0/associationSet/0/networkAclAssociationId");
                let input = json!({ "AssociationId": association, "NetworkAclId": acl });
                probe.ask("ec2", "ReplaceNetworkAclAssociation", input);
                ("ec2", "DeleteNetworkAcl", json!({ "NetworkAclId": acl }))
            },
        },
        Case {
            pair: ("a default network ACL", "its VPC"),
            source: "EC2 API, DeleteNetworkAcl: you can't delete the default one",
            code: "InvalidParameterValue",
            make: |probe| {
                let vpc = vpc(probe);
                let filter = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });
                let acls = probe.ask("ec2", "DescribeNetworkAcls", filter);
                let acl = text(&acls, "/networkAclSet/0/networkAclId");
                ("ec2", "DeleteNetworkAcl", json!({ "NetworkAclId": acl }))
            },
        },
        Case {
            pair: ("an internet gateway", "the VPC that it is attached to"),
            source: "EC2 API, DeleteInternetGateway: you must detach it first",
            code: in_use,
            make: |probe| {
                let vpc = vpc(probe);
                let gateway = gateway(probe, &vpc);
                ("ec2", "DeleteInternetGateway", json!({ "InternetGatewayId": gateway }))
            },
        },
        Case {
            pair: ("an internet gateway's attachment", "a NAT gateway"),
            source: DETACH,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                nat(probe, &network);
                detach(&network)
            },
        },
        Case {
            pair: ("an internet gateway's attachment", "a load balancer"),
            source: DETACH,
            code: in_use,
            make: |probe| {
                let network = network(probe);
                load_balancer(probe, &network);
                detach(&network)
            },
        },
        Case {
            pair: ("an Elastic IP", "a NAT gateway"),
            source: "EC2 API, ReleaseAddress: disassociate it first (InvalidIPAddress.InUse)",
            code: "InvalidIPAddress.InUse",
            make: |probe| {
                let network = network(probe);
                let address = nat(probe, &network);
                ("ec2", "ReleaseAddress", json!({ "AllocationId": address }))
            },
        },
        Case {
            pair: ("a load balancer's interface", "the load balancer"),
            source: "EC2 guide, requester-managed interfaces: you can't delete them",
            code: "InvalidParameterValue",
            make: |probe| {
                let network = network(probe);
                load_balancer(probe, &network);
                let filter =
                    json!({ "Filter": [{ "Name": "subnet-id", "Value": [network.subnets[0]] }] });
                let found = probe.ask("ec2", "DescribeNetworkInterfaces", filter);
                let interface = text(&found, "/networkInterfaceSet/0/networkInterfaceId");
                let input = json!({ "NetworkInterfaceId": interface });
                ("ec2", "DeleteNetworkInterface", input)
            },
        },
        Case {
            pair: ("a VPC's second block", "a subnet in it"),
            source: "EC2 API, DisassociateVpcCidrBlock: detach or delete what is in it first",
            code: "InvalidCidr.InUse",
            make: |probe| {
                let vpc = vpc(probe);
                let input = json!({ "VpcId": vpc, "CidrBlock": "10.1.0.0/16" });
                let made = probe.ask("ec2", "AssociateVpcCidrBlock", input);
                let association = text(&made, "/cidrBlockAssociation/associationId");
                let input = json!({ "VpcId": vpc, "CidrBlock": "10.1.0.0/24" });
                probe.ask("ec2", "CreateSubnet", input);
                let input = json!({ "AssociationId": association });
                ("ec2", "DisassociateVpcCidrBlock", input)
            },
        },
    ]
}

/// A NAT gateway in the first subnet; the allocation of its address.
fn nat(probe: &mut Probe, network: &Network) -> String {
    let made = probe.ask("ec2", "AllocateAddress", json!({ "Domain": "vpc" }));
    let allocation = text(&made, "/allocationId");
    let input = json!({ "SubnetId": network.subnets[0], "AllocationId": allocation });
    probe.ask("ec2", "CreateNatGateway", input);
    allocation
}

fn endpoint(probe: &mut Probe, network: &Network) {
    let input = json!({
        "VpcId": network.vpc,
        "ServiceName": "com.amazonaws.us-east-1.logs",
        "VpcEndpointType": "Interface",
        "SubnetId": [network.subnets[0]],
        "SecurityGroupId": [network.group],
    });
    probe.ask("ec2", "CreateVpcEndpoint", input);
}

fn referred(probe: &mut Probe, authorize: &str) -> super::Call {
    let vpc = vpc(probe);
    let (held, holder) = (group(probe, &vpc, "held"), group(probe, &vpc, "holder"));
    let rule = json!({
        "IpProtocol": "tcp", "FromPort": "80", "ToPort": "80", "Groups": [{ "GroupId": held }],
    });
    probe.ask("ec2", authorize, json!({ "GroupId": holder, "IpPermissions": [rule] }));
    ("ec2", "DeleteSecurityGroup", json!({ "GroupId": held }))
}

fn detach(network: &Network) -> super::Call {
    let input = json!({ "InternetGatewayId": network.gateway, "VpcId": network.vpc });
    ("ec2", "DetachInternetGateway", input)
}
