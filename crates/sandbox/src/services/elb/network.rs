//! Where load balancers are in a VPC: zones, security groups and interfaces.

use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Event;
use super::constraint::{invalid, misconfigured};
use super::place::Place;
use crate::refused::Refused;
use crate::services::ec2::address::AddressAssociation;
use crate::services::ec2::address_association;
use crate::services::ec2::interface::{self, NewInterface};
use crate::world::{Site, Wait};

/// A zone of a load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// The availability zone's name.
    pub name: String,
    /// The subnet's id.
    pub subnet: String,
    /// The Elastic IP address of a network load balancer.
    pub allocation: Option<String>,
    /// That address.
    pub public_ip: Option<String>,
    /// The address that a network load balancer was asked to have.
    pub private_ip: Option<String>,
    /// The IPv6 address that it was asked to have.
    pub ipv6: Option<String>,
    /// Its prefix for source NAT.
    pub prefix: Option<String>,
    /// The interface's id.
    pub interface: String,
}

impl Zone {
    /// As it is read back.
    pub fn described(&self, application: bool) -> Value {
        let any = self.allocation.is_some() || self.private_ip.is_some() || self.ipv6.is_some();
        let address = json!({
            "IpAddress": self.public_ip,
            "AllocationId": self.allocation,
            "PrivateIPv4Address": self.private_ip,
            "IPv6Address": self.ipv6,
        });
        let addresses = if any && !application { json!([address]) } else { json!([]) };
        json!({
            "ZoneName": self.name,
            "SubnetId": self.subnet,
            "LoadBalancerAddresses": addresses,
            "SourceNatIpv6Prefixes": self.prefix.as_ref().map(|prefix| json!([prefix])),
        })
    }

    /// Whether it is where a place is wanted, as it is wanted.
    pub fn is(&self, place: &Place) -> bool {
        self.subnet == place.subnet.id
            && self.allocation == place.allocation
            && self.private_ip == place.private_ip
            && self.ipv6 == place.ipv6
            && (place.prefix.is_none() || self.prefix == place.prefix)
    }
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
        if !id.starts_with("sg-") {
            return Err(invalid(format!("Security group '{id}' is not valid")));
        }
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
    // VPC quotas, "Security groups per network interface".
    if groups.len() > 5 {
        return Err(misconfigured(
            "The maximum number of security groups per load balancer has been reached",
        ));
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
    for place in places {
        let Place { subnet, allocation, private_ip, ipv6, prefix } = place;
        let new = NewInterface {
            subnet: &subnet.id,
            groups: interfaces.groups,
            description: &description,
            sort: if network { "network_load_balancer" } else { "interface" },
            requester: "amazon-elb",
            public: interfaces.public && allocation.is_none(),
        };
        // ALB guide, "Subnets for your load balancer": at least eight free addresses.
        let room = network || subnet.available(&site.region().ec2) >= 8;
        let attached = match room {
            true => interface::attach_at(site, &new, private_ip.as_deref()).ok(),
            false => None,
        };
        let Some(attached) = attached else {
            zones.iter().for_each(|zone| leave(site, zone));
            let message = match private_ip {
                Some(address) => format!("The address {address} of {} is in use", subnet.id),
                None => format!(
                    "Not enough IP space available in {}. ELB requires at least 8 free IP \
                     addresses in each subnet.",
                    subnet.id
                ),
            };
            return Err(Refused::new("InvalidSubnet", message));
        };
        let public_ip = allocation.as_ref().and_then(|allocation| {
            let interface = attached.id.clone();
            let private_ip = attached.private_ip.clone();
            let id = site.new_id("eipassoc");
            let ec2 = &mut site.region_mut().ec2;
            let association = AddressAssociation { id, interface, private_ip };
            address_association::put(ec2, allocation, association);
            ec2.addresses.get(allocation).map(|address| address.public_ip.clone())
        });
        let (name, subnet) = (subnet.zone, subnet.id);
        let interface = attached.id;
        let zone =
            Zone { name, subnet, allocation, public_ip, private_ip, ipv6, prefix, interface };
        zones.push(zone);
    }
    Ok(zones)
}

/// Undoes what was done in a zone.
fn leave(site: &mut Site<'_>, zone: &Zone) {
    let ec2 = &mut site.region_mut().ec2;
    zone.allocation.iter().for_each(|allocation| address_association::take(ec2, allocation));
    interface::release(site, &zone.interface);
}

/// Gives each zone a prefix for source NAT, or takes them away. NLB guide, "Source NAT": a prefix of
/// 80 bits from the subnet's block.
pub fn prefixes(site: &mut Site<'_>, zones: &mut [Zone], wanted: bool) {
    for zone in zones {
        if !wanted {
            zone.prefix = None;
        } else if zone.prefix.is_none() {
            let low = site.world.chance.below(1 << 16);
            let subnet = site.region().ec2.subnets.get(&zone.subnet);
            let block = subnet.and_then(|subnet| subnet.ipv6_blocks.first());
            let block = block.and_then(|block| block.cidr.parse::<Ipv6Net>().ok());
            zone.prefix = block.map(|block| {
                let first = u128::from(block.network()) | (u128::from(low) << 48);
                format!("{}/80", std::net::Ipv6Addr::from(first))
            });
        }
    }
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
    for id in interfaces {
        let ec2 = &mut site.region_mut().ec2;
        let held = |with: &AddressAssociation| with.interface == *id;
        let address = ec2.addresses.values().find(|one| one.association.as_ref().is_some_and(held));
        if let Some(address) = address.map(|address| address.id.clone()) {
            address_association::take(ec2, &address);
        }
        interface::release(site, id);
    }
}
