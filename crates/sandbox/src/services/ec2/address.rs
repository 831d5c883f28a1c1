//! Elastic IP addresses: allocated, listed and released.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::filter::Filter;
use super::listing::{self, Asked, Described, Kind, found};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::vpc_block::unsupported;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// An Elastic IP address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// `eipalloc-…`
    pub id: String,
    /// The address.
    pub public_ip: String,
    /// What it is associated with.
    pub association: Option<AddressAssociation>,
    /// Its tags.
    pub tags: Tags,
}

/// What an address is associated with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddressAssociation {
    /// `eipassoc-…`
    pub id: String,
    /// The network interface.
    pub interface: String,
    /// The interface's own address.
    pub private_ip: String,
}

impl Address {
    /// What it is associated with; an interface that is deleted lets go of it.
    pub fn held_by(&self, ec2: &State) -> Option<&AddressAssociation> {
        let there = |with: &&AddressAssociation| ec2.interfaces.contains_key(&with.interface);
        self.association.as_ref().filter(there)
    }
}

impl Described for Address {
    const KIND: Kind = Kind {
        set: "addressesSet",
        noun: "allocation",
        absent: "InvalidAllocationID.NotFound",
        pages: (1, 1000),
        filters: &[
            "allocation-id",
            "association-id",
            "domain",
            "instance-id",
            "network-border-group",
            "network-interface-id",
            "network-interface-owner-id",
            "private-ip-address",
            "public-ip",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, Address> {
        &ec2.addresses
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, Address> {
        &mut ec2.addresses
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, ec2: &State, filter: &str) -> Vec<String> {
        let association = self.held_by(ec2).into_iter();
        match filter {
            "allocation-id" => vec![self.id.clone()],
            "association-id" => association.map(|with| with.id.clone()).collect(),
            "domain" => vec!["vpc".to_owned()],
            "network-border-group" => vec![ec2.name.clone()],
            "network-interface-id" => association.map(|with| with.interface.clone()).collect(),
            "network-interface-owner-id" => association.map(|_| ACCOUNT.to_owned()).collect(),
            "private-ip-address" => association.map(|with| with.private_ip.clone()).collect(),
            "public-ip" => vec![self.public_ip.clone()],
            _ => Vec::new(),
        }
    }

    fn view(&self, ec2: &State) -> Value {
        let with = self.held_by(ec2);
        json!({
            "allocationId": self.id,
            "publicIp": self.public_ip,
            "publicIpv4Pool": "amazon",
            "networkBorderGroup": ec2.name,
            "domain": "vpc",
            "associationId": with.map(|with| &with.id),
            "networkInterfaceId": with.map(|with| &with.interface),
            "networkInterfaceOwnerId": with.map(|_| ACCOUNT),
            "privateIpAddress": with.map(|with| &with.private_ip),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `AllocateAddress`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct AllocateAddress {
    domain: Option<Domain>,
    address: Option<String>,
    public_ipv4_pool: Option<String>,
    network_border_group: Option<String>,
    customer_owned_ipv4_pool: Option<String>,
    tag_specification: Vec<TagSpecification>,
    ipam_pool_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Domain {
    Vpc,
    Standard,
}

/// `AllocateAddress`: five in a region.
pub fn allocate(site: &mut Site<'_>, input: AllocateAddress) -> Answer {
    let tags = tags_for(&input.tag_specification, "elastic-ip")?;
    unsupported(input.address.is_some(), "Address")?;
    unsupported(input.customer_owned_ipv4_pool.is_some(), "CustomerOwnedIpv4Pool")?;
    unsupported(input.ipam_pool_id.is_some(), "IpamPoolId")?;
    if matches!(input.domain, Some(Domain::Standard)) {
        let message = "The domain standard is not available any more.";
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if let Some(pool) = input.public_ipv4_pool.filter(|pool| pool != "amazon") {
        let message = format!("The pool ID '{pool}' does not exist");
        return Err(Refused::new("InvalidPublicIpv4PoolID.NotFound", message));
    }
    if let Some(group) = input.network_border_group.filter(|group| *group != site.name) {
        let message = format!("Value ({group}) for parameter networkBorderGroup is invalid.");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if site.region().ec2.addresses.len() >= 5 {
        let message = "The maximum number of addresses has been reached.";
        return Err(Refused::new("AddressLimitExceeded", message));
    }
    let id = site.new_id("eipalloc");
    let public_ip = free_public_ip(site);
    let address = Address { id, public_ip, association: None, tags };
    let answer = json!({
        "allocationId": address.id,
        "publicIp": address.public_ip,
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": site.name,
        "domain": "vpc",
    });
    site.region_mut().ec2.addresses.insert(address.id.clone(), address);
    Ok(answer)
}

/// An address that nobody else has, of the range for benchmarks (RFC 2544), which is nobody's.
fn free_public_ip(site: &mut Site<'_>) -> String {
    loop {
        let chance = &mut site.world.chance;
        let (a, b, c) = (18 + chance.below(2), chance.below(256), 1 + chance.below(254));
        let public_ip = format!("198.{a}.{b}.{c}");
        let ec2 = &site.region().ec2;
        let taken = ec2.addresses.values().any(|address| address.public_ip == public_ip)
            || ec2.interfaces.values().any(|i| i.public_ip.as_ref() == Some(&public_ip));
        if !taken {
            return public_ip;
        }
    }
}

/// The refusal of an address that the account does not have.
pub fn no_address(public_ip: &str) -> Refused {
    Refused::new("InvalidAddress.NotFound", format!("Address '{public_ip}' not found."))
}

/// The input of `ReleaseAddress`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct ReleaseAddress {
    allocation_id: Option<String>,
    public_ip: Option<String>,
    network_border_group: Option<String>,
}

/// `ReleaseAddress`: refused while it is associated.
pub fn release(site: &mut Site<'_>, input: ReleaseAddress) -> Answer {
    let ec2 = &mut site.region_mut().ec2;
    let address = match (&input.allocation_id, &input.public_ip) {
        (Some(id), None) => found::<Address>(ec2, id)?,
        (None, Some(ip)) => {
            if !ec2.addresses.values().any(|address| address.public_ip == *ip) {
                return Err(no_address(ip));
            }
            let message =
                "You must specify an allocation id when releasing a VPC elastic IP address";
            return Err(Refused::new("InvalidParameterValue", message));
        }
        (Some(_), Some(_)) => {
            let message = "You may specify public IP or allocation id, but not both in the same \
                           call";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
        (None, None) => {
            let message = "Either 'publicIp' or 'allocationId' must be specified.";
            return Err(Refused::new("MissingParameter", message));
        }
    };
    if let Some(group) = input.network_border_group.filter(|group| *group != ec2.name) {
        let message = format!("Address {} is not in {group}.", address.public_ip);
        return Err(Refused::new("InvalidAddress.NotFound", message));
    }
    if address.held_by(ec2).is_some() {
        let message = format!("Address {} is in use.", address.public_ip);
        return Err(Refused::new("InvalidIPAddress.InUse", message));
    }
    let id = address.id.clone();
    ec2.addresses.remove(&id);
    Ok(json!({ "return": true }))
}

/// The input of `DescribeAddresses`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DescribeAddresses {
    public_ip: Vec<String>,
    allocation_id: Vec<String>,
    filter: Vec<Filter>,
}

/// `DescribeAddresses`, which has no pages.
pub fn describe(site: &mut Site<'_>, input: DescribeAddresses) -> Answer {
    let mut ids = input.allocation_id;
    for ip in &input.public_ip {
        let mut addresses = site.region().ec2.addresses.values();
        let address = addresses.find(|address| address.public_ip == *ip);
        ids.push(address.ok_or_else(|| no_address(ip))?.id.clone());
    }
    let asked = Asked { ids: &ids, filters: &input.filter, max_results: None, next_token: None };
    listing::describe::<Address>(site, asked)
}

/// The input of `DescribeAddressesAttribute`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct DescribeAddressesAttribute {
    allocation_id: Vec<String>,
    attribute: Option<String>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `DescribeAddressesAttribute`: no address has a domain name of its own.
pub fn describe_attribute(site: &mut Site<'_>, input: DescribeAddressesAttribute) -> Answer {
    if let Some(attribute) = input.attribute.filter(|attribute| attribute != "domain-name") {
        let message = format!("Value ({attribute}) for parameter attribute is invalid.");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    for id in &input.allocation_id {
        found::<Address>(&site.region().ec2, id)?;
    }
    let asked = Asked {
        ids: &input.allocation_id,
        filters: &[],
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    listing::paged("addressSet", Vec::new(), &asked, (1, 1000))
}
