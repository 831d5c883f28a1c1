//! NAT gateways. VPC guide, "NAT gateway basics": pending, then available or failed; deleting, then
//! deleted and for about an hour still shown.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::address::{Address, AddressAssociation};
use super::address_association;
use super::interface::{self, NewInterface};
use super::internet_gateway;
use super::listing::{self, Described, Kind, describe_input, found};
use super::subnet::Subnet;
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::vpc_block::unsupported;
use super::{Event, State};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{Site, Time, Wait};

/// A NAT gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NatGateway {
    /// `nat-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Its subnet's id.
    pub subnet: String,
    /// Whether it has a public address.
    pub public: bool,
    /// What it is doing.
    pub state: NatState,
    /// The id of its Elastic IP.
    pub allocation: Option<String>,
    /// The association of its Elastic IP, its interface, and their addresses.
    pub interface: Option<NatInterface>,
    /// Why it has failed: code and message.
    pub failure: Option<(String, String)>,
    /// When it was made.
    pub created: Time,
    /// When it was deleted.
    pub deleted: Option<Time>,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

/// The interface of a NAT gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NatInterface {
    /// `eni-…`
    pub id: String,
    /// Its own address.
    pub private_ip: String,
    /// The Elastic IP.
    pub public_ip: Option<String>,
    /// `eipassoc-…`
    pub association: Option<String>,
}

/// What a NAT gateway is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NatState {
    /// It is being made.
    Pending,
    /// It could not be made.
    Failed,
    /// It works.
    Available,
    /// It is being deleted.
    Deleting,
    /// It is no more.
    Deleted,
}

impl NatState {
    fn text(self) -> &'static str {
        match self {
            NatState::Pending => "pending",
            NatState::Failed => "failed",
            NatState::Available => "available",
            NatState::Deleting => "deleting",
            NatState::Deleted => "deleted",
        }
    }
}

impl NatGateway {
    /// Whether routes can lead through it.
    pub fn is_there(&self) -> bool {
        matches!(self.state, NatState::Pending | NatState::Available)
    }

    fn addresses(&self) -> Value {
        let settled = self.state != NatState::Pending;
        let own = self.interface.as_ref().filter(|_| settled);
        let status = match self.state {
            NatState::Pending => "associating",
            NatState::Failed => "failed",
            NatState::Available => "succeeded",
            NatState::Deleting | NatState::Deleted => "disassociating",
        };
        json!([{
            "allocationId": self.allocation,
            "associationId": own.and_then(|own| own.association.as_ref()),
            "networkInterfaceId": own.map(|own| &own.id),
            "privateIp": own.map(|own| &own.private_ip),
            "publicIp": own.and_then(|own| own.public_ip.as_ref()),
            "isPrimary": true,
            "status": status,
        }])
    }
}

impl Described for NatGateway {
    const KIND: Kind = Kind {
        set: "natGatewaySet",
        noun: "natGateway",
        absent: "NatGatewayNotFound",
        pages: (5, 1000),
        filters: &["nat-gateway-id", "state", "subnet-id", "vpc-id"],
    };

    fn all(ec2: &State) -> &BTreeMap<String, NatGateway> {
        &ec2.nat_gateways
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, NatGateway> {
        &mut ec2.nat_gateways
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, filter: &str) -> Vec<String> {
        match filter {
            "nat-gateway-id" => vec![self.id.clone()],
            "state" => vec![self.state.text().to_owned()],
            "subnet-id" => vec![self.subnet.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            _ => Vec::new(),
        }
    }

    fn view(&self, _: &State) -> Value {
        let failure = self.failure.as_ref().filter(|_| self.state != NatState::Pending);
        json!({
            "natGatewayId": self.id,
            "vpcId": self.vpc,
            "subnetId": self.subnet,
            "state": self.state.text(),
            "connectivityType": if self.public { "public" } else { "private" },
            "availabilityMode": "zonal",
            "natGatewayAddressSet": self.addresses(),
            "createTime": self.created.iso(),
            "deleteTime": self.deleted.map(Time::iso),
            "failureCode": failure.map(|(code, _)| code),
            "failureMessage": failure.map(|(_, message)| message),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// The input of `CreateNatGateway`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct CreateNatGateway {
    subnet_id: Option<String>,
    allocation_id: Option<String>,
    client_token: Option<String>,
    connectivity_type: Option<Connectivity>,
    private_ip_address: Option<String>,
    tag_specification: Vec<TagSpecification>,
    availability_mode: Option<String>,
    vpc_id: Option<String>,
    availability_zone_address: Vec<Value>,
    secondary_allocation_id: Vec<String>,
    secondary_private_ip_address: Vec<String>,
    secondary_private_ip_address_count: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Connectivity {
    Public,
    Private,
}

/// `CreateNatGateway`.
pub fn create(site: &mut Site<'_>, input: CreateNatGateway) -> Answer {
    let tags = tags_for(&input.tag_specification, "natgateway")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let of = |nat: &NatGateway, ec2: &State| {
        let token = Token::text(nat.token.as_ref());
        json!({ "clientToken": token, "natGateway": nat.view(ec2) })
    };
    let ec2 = &site.region().ec2;
    if let Some(made) =
        token::earlier::<NatGateway>(ec2, token.as_ref(), |made| made.token.as_ref())?
    {
        return Ok(of(made, ec2));
    }
    let public = input.connectivity_type != Some(Connectivity::Private);
    let subnet = checked_subnet(ec2, &input, public)?;
    let (vpc, subnet) = (subnet.vpc.clone(), subnet.id.clone());
    let allocation = match &input.allocation_id {
        Some(id) => Some(found::<Address>(ec2, id)?.clone()),
        None => None,
    };
    let failure = failure(ec2, &vpc, &subnet, allocation.as_ref());
    let mut nat = NatGateway {
        id: site.new_id("nat"),
        vpc,
        subnet,
        public,
        state: NatState::Pending,
        allocation: input.allocation_id.clone(),
        interface: None,
        failure,
        created: site.now(),
        deleted: None,
        tags,
        token,
    };
    if nat.failure.is_none() {
        nat.interface = Some(attach(site, &nat, allocation, input.private_ip_address)?);
    }
    site.later(Wait::NatGatewayAvailable, Event::NatGatewaySettled { id: nat.id.clone() });
    let ec2 = &mut site.region_mut().ec2;
    let answer = of(&nat, ec2);
    ec2.nat_gateways.insert(nat.id.clone(), nat);
    Ok(answer)
}

fn checked_subnet<'a>(
    ec2: &'a State,
    input: &CreateNatGateway,
    public: bool,
) -> Result<&'a Subnet, Refused> {
    let regional = input.availability_mode.as_deref().is_some_and(|mode| mode != "zonal");
    unsupported(regional || input.vpc_id.is_some(), "AvailabilityMode=regional")?;
    unsupported(!input.availability_zone_address.is_empty(), "AvailabilityZoneAddress")?;
    unsupported(!input.secondary_allocation_id.is_empty(), "SecondaryAllocationId")?;
    unsupported(!input.secondary_private_ip_address.is_empty(), "SecondaryPrivateIpAddress")?;
    unsupported(
        input.secondary_private_ip_address_count.is_some_and(|count| count > 0),
        "SecondaryPrivateIpAddressCount",
    )?;
    let Some(id) = &input.subnet_id else {
        let message = "The request must contain the parameter SubnetId";
        return Err(Refused::new("MissingParameter", message));
    };
    // terraform-provider-aws#2443 for what is no id at all.
    let subnet = ec2.subnets.get(id).ok_or_else(|| match id.starts_with("subnet-") {
        true => {
            Refused::new("InvalidSubnetID.NotFound", format!("The subnet ID '{id}' does not exist"))
        }
        false => Refused::new("InvalidSubnet", format!("Subnet {id} was not found")),
    })?;
    match (public, &input.allocation_id) {
        (true, None) => {
            let message = "The request must include the AllocationId parameter. Add the required \
                           parameter and retry the request.";
            return Err(Refused::new("MissingParameter", message));
        }
        (false, Some(_)) => {
            let message = "The parameter AllocationId cannot be used with private connectivity";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
        _ => {}
    }
    if let Some(ip) = &input.private_ip_address {
        let within = ip.parse::<Ipv4Addr>().ok().zip(subnet.cidr.parse::<Ipv4Net>().ok());
        if !within.is_some_and(|(ip, block)| block.contains(&ip)) {
            let message = format!("Address {ip} does not fall within the subnet's address range");
            return Err(Refused::new("InvalidParameterValue", message));
        }
        let mut interfaces = ec2.interfaces.values();
        if interfaces.any(|other| other.subnet == subnet.id && other.private_ip == *ip) {
            let message = format!("Address {ip} is in use.");
            return Err(Refused::new("InvalidIPAddress.InUse", message));
        }
    }
    // VPC quotas: five in a zone.
    let same_zone = |nat: &&NatGateway| {
        let zone = ec2.subnets.get(&nat.subnet).map(|subnet| &subnet.zone);
        !matches!(nat.state, NatState::Failed | NatState::Deleted) && zone == Some(&subnet.zone)
    };
    if ec2.nat_gateways.values().filter(same_zone).count() >= 5 {
        let message = "The maximum number of NAT gateways has been reached.";
        return Err(Refused::new("NatGatewayLimitExceeded", message));
    }
    Ok(subnet)
}

/// Why a gateway is going to fail. VPC guide, "Troubleshoot NAT gateways".
fn failure(
    ec2: &State,
    vpc: &str,
    subnet: &str,
    allocation: Option<&Address>,
) -> Option<(String, String)> {
    let (code, message) = if ec2.subnets.get(subnet).is_some_and(|s| s.available(ec2) == 0) {
        let message = "Subnet has insufficient free addresses to create this NAT gateway";
        ("InsufficientFreeAddressesInSubnet", message.to_owned())
    } else if let Some(taken) = allocation.filter(|address| address.held_by(ec2).is_some()) {
        let message = format!("Elastic IP address [{}] is already associated", taken.id);
        ("Resource.AlreadyAssociated", message)
    } else if allocation.is_some() && !internet_gateway::has_one(ec2, vpc) {
        ("Gateway.NotAttached", format!("Network {vpc} has no Internet gateway attached"))
    } else {
        return None;
    };
    Some((code.to_owned(), message))
}

fn attach(
    site: &mut Site<'_>,
    nat: &NatGateway,
    address: Option<Address>,
    private_ip: Option<String>,
) -> Result<NatInterface, Refused> {
    let description = format!("Interface for NAT Gateway {}", nat.id);
    let new = NewInterface {
        subnet: &nat.subnet,
        groups: &[],
        description: &description,
        sort: "nat_gateway",
        requester: "amazon-aws",
        public: false,
    };
    let own = interface::attach_at(site, &new, private_ip.as_deref())?;
    let mut held = NatInterface {
        id: own.id.clone(),
        private_ip: own.private_ip.clone(),
        public_ip: None,
        association: None,
    };
    if let Some(address) = address {
        let id = site.new_id("eipassoc");
        held.public_ip = Some(address.public_ip);
        held.association = Some(id.clone());
        let association = AddressAssociation { id, interface: own.id, private_ip: own.private_ip };
        address_association::put(&mut site.region_mut().ec2, &address.id, association);
    }
    Ok(held)
}

/// A new gateway is ready or has failed, unless it is being deleted by now.
pub fn settle(site: &mut Site<'_>, id: &str) {
    let Some(nat) = site.region_mut().ec2.nat_gateways.get_mut(id) else { return };
    if nat.state != NatState::Pending {
        return;
    }
    if nat.failure.is_none() {
        nat.state = NatState::Available;
        return;
    }
    nat.state = NatState::Failed;
    site.later(Wait::NatGatewayForgotten, Event::NatGatewayForgotten { id: id.to_owned() });
}

/// The input of `DeleteNatGateway`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteNatGateway {
    nat_gateway_id: String,
}

/// `DeleteNatGateway`: its interface and its Elastic IP stay until it is deleted.
pub fn delete(site: &mut Site<'_>, input: DeleteNatGateway) -> Answer {
    let id = input.nat_gateway_id;
    let now = site.now();
    let nat = listing::found_mut::<NatGateway>(&mut site.region_mut().ec2, &id)?;
    match nat.state {
        NatState::Deleted => {
            let message = format!("NatGateway {id} was not found");
            return Err(Refused::new("NatGatewayNotFound", message));
        }
        NatState::Deleting => {}
        NatState::Pending | NatState::Failed | NatState::Available => {
            nat.state = NatState::Deleting;
            nat.deleted = Some(now);
            site.later(Wait::NatGatewayDeleted, Event::NatGatewayDeleted { id: id.clone() });
        }
    }
    Ok(json!({ "natGatewayId": id }))
}

/// A gateway is deleted: it lets go of what it held.
pub fn deleted(site: &mut Site<'_>, id: &str) {
    let Some(nat) = site.region_mut().ec2.nat_gateways.get_mut(id) else { return };
    nat.state = NatState::Deleted;
    let (held, allocation) = (nat.interface.clone(), nat.allocation.clone());
    if let Some(held) = held {
        if let Some(allocation) = allocation {
            address_association::take(&mut site.region_mut().ec2, &allocation);
        }
        interface::release(site, &held.id);
    }
    site.later(Wait::NatGatewayForgotten, Event::NatGatewayForgotten { id: id.to_owned() });
}

/// A deleted or failed gateway is shown no more.
pub fn forget(site: &mut Site<'_>, id: &str) {
    let nat_gateways = &mut site.region_mut().ec2.nat_gateways;
    let over = |nat: &NatGateway| matches!(nat.state, NatState::Deleted | NatState::Failed);
    if nat_gateways.get(id).is_some_and(over) {
        nat_gateways.remove(id);
    }
}

describe_input! { DescribeNatGateways { nat_gateway_id } }

/// `DescribeNatGateways`.
pub fn describe(site: &mut Site<'_>, input: DescribeNatGateways) -> Answer {
    listing::describe::<NatGateway>(site, input.asked())
}
