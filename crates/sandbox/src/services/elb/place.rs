//! Where a load balancer is wanted: subnets, and the addresses it is to have there.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};
use serde::Deserialize;

use super::constraint::{invalid, misconfigured, one_of};
use crate::refused::Refused;
use crate::services::ec2::subnet::Subnet;
use crate::world::Site;

/// The kinds of IP addresses.
const IP_ADDRESS_TYPES: &[&str] = &["ipv4", "dualstack", "dualstack-without-public-ipv4"];

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

/// What a load balancer is, as far as its addresses depend on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Whether it balances HTTP.
    pub application: bool,
    /// Whether it faces the internet.
    pub public: bool,
    /// `ipv4`, `dualstack`, `dualstack-without-public-ipv4`
    pub ip_address_type: String,
    /// Whether it translates source addresses into a prefix of each subnet.
    pub source_nat: bool,
}

impl Setting {
    /// ELB API, CreateLoadBalancer: only internet-facing application load balancers can do without
    /// public IPv4 addresses, and only network load balancers with both protocols have prefixes.
    pub fn check(&self) -> Result<(), Refused> {
        let sort = self.ip_address_type.as_str();
        one_of("ipAddressType", sort, IP_ADDRESS_TYPES)?;
        if sort == "dualstack-without-public-ipv4" && !(self.application && self.public) {
            return Err(misconfigured(format!(
                "The IP address type '{sort}' is supported only on internet-facing application \
                 load balancers"
            )));
        }
        if self.source_nat && (self.application || !self.is_dual()) {
            return Err(misconfigured(
                "Prefixes for source NAT need a network load balancer with the IP address type \
                 'dualstack'",
            ));
        }
        Ok(())
    }

    /// Whether it has IPv6 addresses.
    pub fn is_dual(&self) -> bool {
        self.ip_address_type != "ipv4"
    }
}

/// Reads the switch of source NAT.
pub fn switch(given: Option<&String>) -> Result<Option<bool>, Refused> {
    let Some(given) = given else { return Ok(None) };
    one_of("enablePrefixForIpv6SourceNat", given, &["on", "off"])?;
    Ok(Some(given == "on"))
}

/// Where a load balancer is to be.
#[derive(Clone, Debug)]
pub struct Place {
    /// The subnet.
    pub subnet: Subnet,
    /// The Elastic IP address.
    pub allocation: Option<String>,
    /// The private address.
    pub private_ip: Option<String>,
    /// The IPv6 address.
    pub ipv6: Option<String>,
    /// The prefix for source NAT.
    pub prefix: Option<String>,
}

/// The places that a call names, one in each zone. ELB API, CreateLoadBalancer: either subnets or
/// mappings; one subnet per zone; all in one VPC; at least two zones for an application load
/// balancer, which has no Elastic IP addresses.
pub fn places(
    site: &Site<'_>,
    setting: &Setting,
    subnets: Vec<String>,
    mappings: Vec<SubnetMapping>,
) -> Result<Vec<Place>, Refused> {
    let mappings = match (subnets.is_empty(), mappings.is_empty()) {
        (false, false) => {
            return Err(invalid("You can specify either subnets or subnet mappings, but not both"));
        }
        (true, true) if setting.application => return Err(too_few_zones()),
        (true, true) => return Err(invalid("You must specify subnets or subnet mappings")),
        (true, false) => mappings,
        (false, true) => subnets
            .into_iter()
            .map(|id| SubnetMapping { subnet_id: Some(id), ..SubnetMapping::default() })
            .collect(),
    };
    let mut places: Vec<Place> = Vec::new();
    for mapping in mappings {
        let place = place(site, setting, mapping)?;
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
    if setting.application && zones.len() < 2 {
        return Err(too_few_zones());
    }
    if zones.len() < places.len() {
        return Err(misconfigured(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        ));
    }
    if setting.is_dual() {
        places.iter().try_for_each(|place| has_ipv6(&place.subnet))?;
    }
    Ok(places)
}

fn too_few_zones() -> Refused {
    invalid("At least two subnets in two different Availability Zones must be specified")
}

/// Refuses a subnet without an IPv6 block.
pub fn has_ipv6(subnet: &Subnet) -> Result<(), Refused> {
    match subnet.ipv6_blocks.is_empty() {
        false => Ok(()),
        true => Err(invalid("You must specify subnets with an associated IPv6 CIDR block.")),
    }
}

fn place(site: &Site<'_>, setting: &Setting, mapping: SubnetMapping) -> Result<Place, Refused> {
    let SubnetMapping { subnet_id, allocation_id: allocation, .. } = mapping;
    let (private_ip, ipv6) = (mapping.private_ipv4_address, mapping.ipv6_address);
    let prefix = mapping.source_nat_ipv6_prefix;
    let id = subnet_id.ok_or_else(|| invalid("A subnet ID must be specified"))?;
    if !id.starts_with("subnet-") {
        return Err(invalid(format!("The subnet ID '{id}' is not valid")));
    }
    let subnet = site.region().ec2.subnets.get(&id).cloned().ok_or_else(|| {
        Refused::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist"))
    })?;
    let addressed = allocation.is_some() || private_ip.is_some() || ipv6.is_some();
    if setting.application && addressed {
        let message = "You cannot specify addresses for an application load balancer's subnets";
        return Err(misconfigured(message));
    }
    // ELB API, SubnetMapping: Elastic IP addresses face the internet, private addresses do not.
    if allocation.is_some() && !setting.public {
        let message = "You cannot specify allocation IDs for an internal load balancer";
        return Err(misconfigured(message));
    }
    if private_ip.is_some() && setting.public {
        let message = "You can specify private IPv4 addresses only for an internal load balancer";
        return Err(misconfigured(message));
    }
    if ipv6.is_some() && !setting.is_dual() {
        let message = "IPv6 addresses need the IP address type 'dualstack'";
        return Err(misconfigured(message));
    }
    if prefix.is_some() && !setting.source_nat {
        return Err(misconfigured("Prefixes for source NAT are not enabled"));
    }
    let outside = |what: &str| misconfigured(format!("'{what}' is not in the subnet '{id}'"));
    if let Some(address) = private_ip.iter().find(|address| !holds(&subnet.cidr, address)) {
        return Err(outside(address));
    }
    let in_ipv6 = |address: &str| subnet.ipv6_blocks.iter().any(|own| holds(&own.cidr, address));
    if let Some(address) = ipv6.iter().find(|address| !in_ipv6(address)) {
        return Err(outside(address));
    }
    let prefix = prefix.filter(|prefix| prefix != "auto_assigned");
    if let Some(prefix) = &prefix {
        let known = prefix.parse::<Ipv6Net>().ok().filter(|net| net.prefix_len() == 80);
        if !known.is_some_and(|net| in_ipv6(&net.network().to_string())) {
            return Err(outside(prefix));
        }
    }
    Ok(Place { subnet, allocation, private_ip, ipv6, prefix })
}

/// Refuses Elastic IP addresses that are not there or not free. ELB API, CreateLoadBalancer:
/// `AllocationIdNotFound` and `ResourceInUse`.
pub fn are_free(site: &Site<'_>, places: &[Place]) -> Result<(), Refused> {
    let ec2 = &site.region().ec2;
    let mut named = BTreeSet::new();
    for id in places.iter().filter_map(|place| place.allocation.as_ref()) {
        let Some(address) = ec2.addresses.get(id) else {
            let message = format!("The allocation IDs '{id}' do not exist");
            return Err(Refused::new("AllocationIdNotFound", message));
        };
        if address.held_by(ec2).is_some() || !named.insert(id) {
            let message = "The allocation IDs are not available for use";
            return Err(Refused::new("ResourceInUse", message));
        }
    }
    Ok(())
}

/// Whether an address is in a block.
pub fn holds(cidr: &str, address: &str) -> bool {
    let block = cidr.parse::<IpNet>().ok();
    block
        .zip(address.parse().ok())
        .is_some_and(|(block, address): (_, IpAddr)| block.contains(&address))
}

/// Whether an address is in one of a subnet's blocks.
pub fn is_of(subnet: &Subnet, address: &str) -> bool {
    let ipv6 = subnet.ipv6_blocks.iter().map(|block| &block.cidr);
    ipv6.chain([&subnet.cidr]).any(|block| holds(block, address))
}
