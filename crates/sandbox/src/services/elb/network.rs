//! Where load balancers are in a VPC: subnets, security groups and interfaces.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Event;
use super::constraint::{invalid, misconfigured};
use crate::refused::Refused;
use crate::services::ec2::interface::{self, NewInterface};
use crate::services::ec2::subnet::Subnet;
use crate::world::{Site, Wait};

/// A subnet that is wanted, with what it is to have there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct SubnetMapping {
    subnet_id: Option<String>,
    allocation_id: Option<String>,
    #[serde(rename = "PrivateIPv4Address")]
    private_ipv4_address: Option<String>,
    #[serde(rename = "IPv6Address")]
    ipv6_address: Option<String>,
    source_nat_ipv6_prefix: Option<String>,
}

/// A zone of a load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// The availability zone's name.
    pub name: String,
    /// The subnet's id.
    pub subnet: String,
    /// The Elastic IP address of a network load balancer.
    pub allocation: Option<String>,
    /// The address that a network load balancer was asked to have.
    pub private_ip: Option<String>,
    /// The interface's id.
    pub interface: String,
}

impl Zone {
    /// As it is read back.
    pub fn described(&self, application: bool) -> Value {
        let addresses = match (&self.allocation, &self.private_ip) {
            _ if application => json!([]),
            (None, None) => json!([]),
            (allocation, private_ip) => json!([{
                "AllocationId": allocation,
                "PrivateIPv4Address": private_ip,
            }]),
        };
        json!({
            "ZoneName": self.name,
            "SubnetId": self.subnet,
            "LoadBalancerAddresses": addresses,
        })
    }

    /// Whether it is where a place is wanted, as it is wanted.
    pub fn is(&self, place: &Place) -> bool {
        self.subnet == place.subnet.id
            && self.allocation == place.allocation
            && self.private_ip == place.private_ip
    }
}

/// Where a load balancer is to be.
#[derive(Clone, Debug)]
pub struct Place {
    /// The subnet.
    pub subnet: Subnet,
    allocation: Option<String>,
    private_ip: Option<String>,
}

/// The places that a call names, one in each zone. ELB API, CreateLoadBalancer: either subnets or
/// mappings; one subnet per zone; all in one VPC; at least two zones for an application load
/// balancer, which has no Elastic IP addresses.
pub fn places(
    site: &Site<'_>,
    application: bool,
    subnets: Vec<String>,
    mappings: Vec<SubnetMapping>,
) -> Result<Vec<Place>, Refused> {
    let mappings = match (subnets.is_empty(), mappings.is_empty()) {
        (false, false) => {
            return Err(invalid("You can specify either subnets or subnet mappings, but not both"));
        }
        (true, true) if application => return Err(too_few_zones()),
        (true, true) => return Err(invalid("You must specify subnets or subnet mappings")),
        (true, false) => mappings,
        (false, true) => subnets
            .into_iter()
            .map(|id| SubnetMapping { subnet_id: Some(id), ..SubnetMapping::default() })
            .collect(),
    };
    let mut places: Vec<Place> = Vec::new();
    for mapping in mappings {
        let place = place(site, application, mapping)?;
        if places.iter().any(|other| other.subnet.id == place.subnet.id) {
            let message = format!("The subnet '{}' is specified more than once", place.subnet.id);
            return Err(invalid(message));
        }
        places.push(place);
    }
    let vpcs: BTreeSet<&str> = places.iter().map(|place| place.subnet.vpc.as_str()).collect();
    if vpcs.len() > 1 {
        let vpcs = vpcs.into_iter().collect::<Vec<_>>().join(", ");
        return Err(misconfigured(format!("All subnets must belong to the same VPC: '{vpcs}'")));
    }
    let zones: BTreeSet<&str> = places.iter().map(|place| place.subnet.zone.as_str()).collect();
    if application && zones.len() < 2 {
        return Err(too_few_zones());
    }
    if zones.len() < places.len() {
        return Err(misconfigured(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        ));
    }
    Ok(places)
}

fn too_few_zones() -> Refused {
    invalid("At least two subnets in two different Availability Zones must be specified")
}

fn place(site: &Site<'_>, application: bool, mapping: SubnetMapping) -> Result<Place, Refused> {
    let SubnetMapping { subnet_id, allocation_id: allocation, .. } = mapping;
    let private_ip = mapping.private_ipv4_address;
    let id = subnet_id.ok_or_else(|| invalid("A subnet ID must be specified"))?;
    let subnet = site.region().ec2.subnets.get(&id).cloned().ok_or_else(|| {
        Refused::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist"))
    })?;
    if application && (allocation.is_some() || private_ip.is_some()) {
        let message = "You cannot specify addresses for an application load balancer's subnets";
        return Err(misconfigured(message));
    }
    if mapping.ipv6_address.is_some() || mapping.source_nat_ipv6_prefix.is_some() {
        return Err(without_ipv6());
    }
    if private_ip.as_ref().is_some_and(|address| !holds(&subnet.cidr, address)) {
        let address = private_ip.unwrap_or_default();
        let message = format!("The address '{address}' is not in the subnet '{id}'");
        return Err(misconfigured(message));
    }
    Ok(Place { subnet, allocation, private_ip })
}

/// Whether an address is in a block.
pub fn holds(cidr: &str, address: &str) -> bool {
    let block = cidr.parse::<ipnet::IpNet>().ok();
    block
        .zip(address.parse().ok())
        .is_some_and(|(block, address): (_, std::net::IpAddr)| block.contains(&address))
}

/// What says that the sandbox's subnets have no IPv6 blocks.
pub fn without_ipv6() -> Refused {
    misconfigured("You must specify subnets with an associated IPv6 CIDR block")
}

/// Refuses an internet-facing load balancer where the internet cannot come in. ELB API,
/// CreateLoadBalancer: `InvalidSubnet`, "VPC … has no internet gateway".
pub fn reachable(site: &Site<'_>, vpc: &str) -> Result<(), Refused> {
    if has_internet_gateway(site, vpc) {
        return Ok(());
    }
    let message = format!("VPC {vpc} has no internet gateway");
    Err(Refused::new("InvalidSubnet", message))
}

/// Whether an internet gateway is attached to a VPC.
fn has_internet_gateway(site: &Site<'_>, vpc: &str) -> bool {
    let gateways = &site.region().ec2.internet_gateways;
    gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc))
}

/// The security groups of a load balancer. ELB API, CreateLoadBalancer: those of an application
/// load balancer for which none are named are the VPC's default group; all are in its VPC.
pub fn groups(
    site: &Site<'_>,
    vpc: &str,
    application: bool,
    named: Vec<String>,
) -> Result<Vec<String>, Refused> {
    let known = &site.region().ec2.groups;
    if named.is_empty() && application {
        let default = known.values().find(|group| group.vpc == vpc && group.name == "default");
        return Ok(default.map(|group| group.id.clone()).into_iter().collect());
    }
    let mut groups: Vec<String> = Vec::new();
    for id in named {
        let Some(group) = known.get(&id) else {
            let message = format!("The security group '{id}' does not exist");
            return Err(Refused::new("InvalidSecurityGroup", message));
        };
        if group.vpc != vpc {
            return Err(misconfigured("One or more security groups are invalid"));
        }
        if !groups.contains(&id) {
            groups.push(id);
        }
    }
    Ok(groups)
}

/// What the interfaces of a load balancer have in common.
#[derive(Clone, Debug)]
pub struct Interfaces<'a> {
    /// `app/NAME/ID`
    pub of: &'a str,
    /// The security groups' ids.
    pub groups: &'a [String],
    /// Whether they have public addresses.
    pub public: bool,
}

/// Moves into places: an interface in each, all or none. ELB guide: the interfaces are described
/// as `ELB app/NAME/ID` and belong to `amazon-elb`.
pub fn occupy(
    site: &mut Site<'_>,
    interfaces: &Interfaces<'_>,
    places: Vec<Place>,
) -> Result<Vec<Zone>, Refused> {
    let network = interfaces.of.starts_with("net/");
    let description = format!("ELB {}", interfaces.of);
    let mut zones: Vec<Zone> = Vec::new();
    for Place { subnet, allocation, private_ip } in places {
        let new = NewInterface {
            subnet: &subnet.id,
            groups: interfaces.groups,
            description: &description,
            sort: if network { "network_load_balancer" } else { "interface" },
            requester: "amazon-elb",
            public: interfaces.public,
        };
        let Ok(attached) = interface::attach(site, &new) else {
            zones.iter().for_each(|zone| interface::release(site, &zone.interface));
            let message = format!(
                "Not enough IP space available in {}. ELB requires at least 8 free IP addresses \
                 in each subnet.",
                subnet.id
            );
            return Err(Refused::new("InvalidSubnet", message));
        };
        let (name, subnet) = (subnet.zone, subnet.id);
        zones.push(Zone { name, subnet, allocation, private_ip, interface: attached.id });
    }
    Ok(zones)
}

/// Moves out of zones: the interfaces stay for a while.
pub fn vacate(site: &mut Site<'_>, zones: Vec<Zone>) {
    let interfaces: Vec<String> = zones.into_iter().map(|zone| zone.interface).collect();
    if !interfaces.is_empty() {
        site.later(Wait::LoadBalancerInterfacesGone, Event::InterfacesGone { interfaces });
    }
}

/// Frees interfaces.
pub fn free(site: &mut Site<'_>, interfaces: &[String]) {
    interfaces.iter().for_each(|id| interface::release(site, id));
}
