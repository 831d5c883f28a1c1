//! What can be reached from a subnet: the internet, and the services that endpoints lead to.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::State;
use super::nat_gateway::{NatGateway, NatState};
use super::route::{Destination, Target};
use super::route_table::RouteTable;

/// An address of AWS's own, as far as a route table can tell it from others.
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(52, 94, 0, 1);

/// The route table of a subnet: its own, or the main one of its VPC.
pub fn table_of<'s>(ec2: &'s State, subnet: &str) -> Option<&'s RouteTable> {
    let vpc = &ec2.subnets.get(subnet)?.vpc;
    let own = |table: &&RouteTable| {
        table.associations.iter().any(|with| with.subnet.as_deref() == Some(subnet))
    };
    let main = |table: &&RouteTable| table.vpc == *vpc && table.is_main();
    ec2.route_tables.values().find(own).or_else(|| ec2.route_tables.values().find(main))
}

/// Whether packets from an interface in a subnet, with or without a public address, get to the
/// internet and back. VPC guide, "Enable internet access": through an internet gateway with a
/// public address alone, through a public NAT gateway with any.
pub fn leads_outside(ec2: &State, subnet: &str, is_public: bool) -> bool {
    match outward(ec2, subnet) {
        Some(Target::InternetGateway(id)) => is_public && is_attached(ec2, id, subnet),
        Some(Target::NatGateway(id)) => {
            ec2.nat_gateways.get(id).is_some_and(|nat| translates(ec2, nat))
        }
        _ => false,
    }
}

/// Whether the name of a service (`ecr.api`) leads to an interface endpoint in a subnet's VPC.
/// PrivateLink guide, "Access an AWS service": with private DNS, which needs DNS in the VPC.
pub fn has_interface_endpoint(ec2: &State, subnet: &str, service: &str) -> bool {
    let Some(vpc) = ec2.subnets.get(subnet).and_then(|subnet| ec2.vpcs.get(&subnet.vpc)) else {
        return false;
    };
    let name = format!("com.amazonaws.{}.{service}", ec2.name);
    let mut endpoints = ec2.endpoints.values();
    vpc.dns_support
        && vpc.dns_hostnames
        && endpoints.any(|endpoint| {
            endpoint.vpc == vpc.id
                && endpoint.service == name
                && !endpoint.is_gateway()
                && endpoint.state == "available"
                && endpoint.private_dns
        })
}

/// Whether the route table of a subnet leads to the gateway endpoint of a service (`s3`).
pub fn has_gateway_endpoint(ec2: &State, subnet: &str, service: &str) -> bool {
    let Some(table) = table_of(ec2, subnet) else { return false };
    let name = format!("com.amazonaws.{}.{service}", ec2.name);
    ec2.endpoints.values().any(|endpoint| {
        endpoint.service == name
            && endpoint.is_gateway()
            && endpoint.state == "available"
            && endpoint.route_tables.contains(&table.id)
    })
}

/// Where a subnet's packets for the outside go: the most specific route counts.
fn outward<'s>(ec2: &'s State, subnet: &str) -> Option<&'s Target> {
    let routes = table_of(ec2, subnet)?.routes.iter().filter_map(|route| {
        let Destination::Ipv4(block) = &route.destination else { return None };
        let block: Ipv4Net = block.parse().ok()?;
        block.contains(&OUTSIDE).then_some((block.prefix_len(), &route.target))
    });
    routes.max_by_key(|(length, _)| *length).map(|(_, target)| target)
}

fn is_attached(ec2: &State, gateway: &str, subnet: &str) -> bool {
    let vpc = ec2.subnets.get(subnet).map(|subnet| subnet.vpc.as_str());
    let gateway = ec2.internet_gateways.get(gateway);
    gateway.is_some_and(|gateway| gateway.vpc.is_some() && gateway.vpc.as_deref() == vpc)
}

/// A NAT gateway needs a public address and a way out of its own subnet.
fn translates(ec2: &State, nat: &NatGateway) -> bool {
    let own_way = outward(ec2, &nat.subnet);
    nat.state == NatState::Available
        && nat.public
        && matches!(own_way, Some(Target::InternetGateway(id)) if is_attached(ec2, id, &nat.subnet))
}
