//! The default VPC of a region and its default subnets. VPC guide, "Default VPC components".

use serde::Deserialize;
use serde_json::json;

use super::State;
use super::internet_gateway::InternetGateway;
use super::listing::Described;
use super::network_acl;
use super::route_table::{Destination, Route, Target};
use super::subnet::Subnet;
use super::vpc::{self, Vpc};
use super::zone;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Chance, Site};

/// Puts a default VPC into a region: an internet gateway, the route to it, and a subnet of 4,096
/// addresses in each zone. Gives its id.
pub fn lay(ec2: &mut State, new_id: &mut dyn FnMut(&str) -> String) -> String {
    let id = new_id("vpc");
    let cidr = "172.31.0.0/16".to_owned();
    let mut vpc = Vpc::new(id.clone(), new_id("vpc-cidr-assoc"), cidr, ec2.default_dhcp_options());
    vpc.default = true;
    vpc.dns_hostnames = true;
    vpc::lay(ec2, new_id, vpc);
    let gateway = InternetGateway { id: new_id("igw"), vpc: Some(id.clone()), tags: Tags::new() };
    let route = Route {
        destination: Destination::Ipv4("0.0.0.0/0".to_owned()),
        target: Target::InternetGateway(gateway.id.clone()),
    };
    ec2.internet_gateways.insert(gateway.id.clone(), gateway);
    let table = ec2.route_tables.values_mut().find(|table| table.vpc == id);
    table.into_iter().for_each(|table| table.routes.push(route.clone()));
    for (at, zone) in zone::zones(&ec2.name.clone()).into_iter().enumerate() {
        let subnet = default_subnet(new_id("subnet"), &id, &zone.name, at * 16);
        network_acl::cover(ec2, &subnet, new_id("aclassoc"));
        ec2.subnets.insert(subnet.id.clone(), subnet);
    }
    id
}

fn default_subnet(id: String, vpc: &str, zone: &str, third: usize) -> Subnet {
    let mut subnet = Subnet::new(id, vpc, zone, format!("172.31.{third}.0/20"));
    subnet.default = true;
    subnet.public_ip = true;
    subnet
}

/// The input of `CreateDefaultVpc`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateDefaultVpc {}

/// `CreateDefaultVpc`.
pub fn create(site: &mut Site<'_>, _: CreateDefaultVpc) -> Answer {
    if site.region().ec2.vpcs.values().any(|vpc| vpc.default) {
        let message = "A Default VPC already exists for this account in this region.";
        return Err(Refused::new("DefaultVpcAlreadyExists", message));
    }
    vpc::within_limit(&site.region().ec2)?;
    let mut new_id = super::id_source(Chance::of(site.world.chance.draw()));
    let ec2 = &mut site.region_mut().ec2;
    let id = lay(ec2, &mut new_id);
    Ok(json!({ "vpc": ec2.vpcs.get(&id).map(|vpc| vpc.view(ec2)) }))
}

/// The input of `CreateDefaultSubnet`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct CreateDefaultSubnet {
    availability_zone: Option<String>,
    availability_zone_id: Option<String>,
    ipv6_native: bool,
}

/// `CreateDefaultSubnet`.
pub fn create_subnet(site: &mut Site<'_>, input: CreateDefaultSubnet) -> Answer {
    super::vpc_block::unsupported(input.ipv6_native, "Ipv6Native")?;
    let zones = zone::zones(&site.name);
    let zone = match (&input.availability_zone, &input.availability_zone_id) {
        (Some(name), _) => zones.iter().find(|zone| zone.name == *name),
        (None, Some(id)) => zones.iter().find(|zone| zone.id == *id),
        (None, None) => {
            let message = "The request must contain the parameter availabilityZone";
            return Err(Refused::new("MissingParameter", message));
        }
    };
    let Some(zone) = zone else {
        let given = input.availability_zone.or(input.availability_zone_id).unwrap_or_default();
        let message = format!("Value ({given}) for parameter availabilityZone is invalid.");
        return Err(Refused::new("InvalidParameterValue", message));
    };
    let ec2 = &site.region().ec2;
    let Some(vpc) = ec2.vpcs.values().find(|vpc| vpc.default).map(|vpc| vpc.id.clone()) else {
        let message = "There is no default VPC in this region.";
        return Err(Refused::new("DefaultVpcDoesNotExist", message));
    };
    let same_zone = |subnet: &&Subnet| subnet.default && subnet.zone == zone.name;
    if let Some(subnet) = ec2.subnets.values().find(same_zone) {
        let message = format!("'{}' is already the default subnet in {}.", subnet.id, zone.name);
        return Err(Refused::new("DefaultSubnetAlreadyExistsInAvailabilityZone", message));
    }
    let free = (0..16).map(|at| at * 16).find(|third| {
        let cidr = format!("172.31.{third}.0/20");
        super::subnet::free_in(ec2, &vpc, &cidr)
    });
    let Some(third) = free else {
        let message = "There is not enough CIDR space in the default VPC for a default subnet.";
        return Err(Refused::new("InsufficientCidrBlocks", message));
    };
    let subnet = default_subnet(site.new_id("subnet"), &vpc, &zone.name, third);
    let association = site.new_id("aclassoc");
    let ec2 = &mut site.region_mut().ec2;
    network_acl::cover(ec2, &subnet, association);
    let view = subnet.view(ec2);
    ec2.subnets.insert(subnet.id.clone(), subnet);
    Ok(json!({ "subnet": view }))
}
