//! The CIDR blocks of VPCs.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::block;
use super::listing::{found, found_mut};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// An IPv4 block of a VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// `vpc-cidr-assoc-…`
    pub association: String,
    /// `10.0.0.0/16`
    pub cidr: String,
}

impl Block {
    /// How answers show it.
    pub fn view(&self, state: &str) -> Value {
        json!({
            "associationId": self.association,
            "cidrBlock": self.cidr,
            "cidrBlockState": { "state": state },
        })
    }
}

/// An IPv6 block of a VPC, from Amazon's pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ipv6Block {
    /// `vpc-cidr-assoc-…`
    pub association: String,
    /// `2600:1f18:…::/56`
    pub cidr: String,
    /// The group of zones that announces it: the region.
    pub border_group: String,
}

impl Ipv6Block {
    /// How answers show it.
    pub fn view(&self, state: &str) -> Value {
        json!({
            "associationId": self.association,
            "ipv6CidrBlock": self.cidr,
            "ipv6CidrBlockState": { "state": state },
            "networkBorderGroup": self.border_group,
            "ipv6Pool": "Amazon",
            "ipv6AddressAttribute": "public",
            "ipSource": "amazon",
        })
    }
}

/// Refuses a parameter that the sandbox cannot model, where it is given.
pub fn unsupported(given: bool, parameter: &str) -> Result<(), Refused> {
    if given { Err(not_supported(parameter)) } else { Ok(()) }
}

/// The refusal of a parameter that the sandbox cannot model.
pub fn not_supported(parameter: &str) -> Refused {
    let message = format!("The sandbox does not support the parameter {parameter}");
    Refused::new("UnsupportedOperation", message)
}

/// Reads a block for a VPC. EC2 API, CreateVpc: between /16 and /28.
pub fn of_vpc(cidr: &str) -> Result<Ipv4Net, Refused> {
    let block = block::ipv4(cidr, "cidrBlock")?;
    if !(16..=28).contains(&block.prefix_len()) {
        return Err(out_of_range(cidr));
    }
    Ok(block)
}

fn out_of_range(cidr: &str) -> Refused {
    Refused::new("InvalidVpc.Range", format!("The CIDR '{cidr}' is invalid."))
}

/// A block of Amazon's IPv6 addresses, a /56.
pub fn from_amazon(site: &mut Site<'_>, border_group: Option<&str>) -> Result<Ipv6Block, Refused> {
    let border_group = border_group.unwrap_or(&site.name).to_owned();
    if border_group != site.name {
        let message =
            format!("Value ({border_group}) for parameter networkBorderGroup is invalid.");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let association = site.new_id("vpc-cidr-assoc");
    let digits = site.world.chance.hex(5);
    let (middle, end) = digits.split_at(3);
    let cidr = format!("2600:1f18:4{middle}:{end}00::/56");
    // The canonical form leaves out leading zeros.
    let cidr = cidr.parse().map_or(cidr, |block: Ipv6Net| block.to_string());
    Ok(Ipv6Block { association, cidr, border_group })
}

/// The input of `AssociateVpcCidrBlock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AssociateVpcCidrBlock {
    vpc_id: String,
    #[serde(default)]
    cidr_block: Option<String>,
    #[serde(default)]
    amazon_provided_ipv6_cidr_block: bool,
    #[serde(default)]
    ipv6_cidr_block_network_border_group: Option<String>,
    #[serde(default)]
    ipv6_pool: Option<String>,
    #[serde(default)]
    ipv6_cidr_block: Option<String>,
    #[serde(default)]
    ipv4_ipam_pool_id: Option<String>,
    #[serde(default)]
    ipv4_netmask_length: Option<u8>,
    #[serde(default)]
    ipv6_ipam_pool_id: Option<String>,
    #[serde(default)]
    ipv6_netmask_length: Option<u8>,
}

/// `AssociateVpcCidrBlock`.
pub fn associate(site: &mut Site<'_>, input: AssociateVpcCidrBlock) -> Answer {
    for (given, parameter) in [
        (input.ipv6_pool.is_some(), "Ipv6Pool"),
        (input.ipv6_cidr_block.is_some(), "Ipv6CidrBlock"),
        (input.ipv4_ipam_pool_id.is_some(), "Ipv4IpamPoolId"),
        (input.ipv4_netmask_length.is_some(), "Ipv4NetmaskLength"),
        (input.ipv6_ipam_pool_id.is_some(), "Ipv6IpamPoolId"),
        (input.ipv6_netmask_length.is_some(), "Ipv6NetmaskLength"),
    ] {
        unsupported(given, parameter)?;
    }
    let id = &input.vpc_id;
    let vpc = found::<Vpc>(&site.region().ec2, id)?;
    match (&input.cidr_block, input.amazon_provided_ipv6_cidr_block) {
        (Some(_), true) => {
            let message = "Only one of 'cidrBlock' or 'amazonProvidedIpv6CidrBlock' can be given.";
            Err(Refused::new("InvalidParameterCombination", message))
        }
        (None, false) => {
            let message = "Either 'cidrBlock' or 'amazonProvidedIpv6CidrBlock' should be provided.";
            Err(Refused::new("MissingParameter", message))
        }
        (Some(cidr), false) => {
            let block = of_vpc(cidr)?;
            fits_beside(vpc, &block)?;
            let association = site.new_id("vpc-cidr-assoc");
            let block = Block { association, cidr: block.to_string() };
            let view = block.view("associating");
            found_mut::<Vpc>(&mut site.region_mut().ec2, id)?.blocks.push(block);
            Ok(json!({ "vpcId": id, "cidrBlockAssociation": view }))
        }
        (None, true) => {
            if vpc.ipv6_blocks.len() >= 5 {
                return Err(too_many(id));
            }
            let group = input.ipv6_cidr_block_network_border_group.as_deref();
            let block = from_amazon(site, group)?;
            let view = block.view("associating");
            let rule = site.new_id("sgr");
            let ec2 = &mut site.region_mut().ec2;
            found_mut::<Vpc>(ec2, id)?.ipv6_blocks.push(block);
            let default = ec2.network_acls.values_mut().find(|acl| acl.vpc == *id && acl.default);
            default.into_iter().for_each(|acl| acl.allow_ipv6());
            let mut groups = ec2.groups.values_mut();
            let default = groups.find(|group| group.vpc == *id && group.is_default());
            default.into_iter().for_each(|group| group.let_ipv6_out(rule.clone()));
            Ok(json!({ "vpcId": id, "ipv6CidrBlockAssociation": view }))
        }
    }
}

fn too_many(id: &str) -> Refused {
    let message = format!("This network '{id}' has met its maximum number of allowed CIDRs: 5");
    Refused::new("CidrLimitExceeded", message)
}

/// VPC guide, "IPv4 CIDR block association restrictions": no overlap, and no private range beside
/// another one.
fn fits_beside(vpc: &Vpc, new: &Ipv4Net) -> Result<(), Refused> {
    if vpc.blocks.len() >= 5 {
        return Err(too_many(&vpc.id));
    }
    let taken: Vec<Ipv4Net> = blocks_of(vpc);
    if taken.iter().any(|block| block::overlap(block, new)) {
        let message = format!("The CIDR '{new}' conflicts with a local route");
        return Err(Refused::new("CidrConflict", message));
    }
    let range = private_range(new);
    let primary = taken.first().and_then(private_range);
    if range.is_some() && range != primary {
        let message = format!(
            "The CIDR '{new}' is restricted. Use a CIDR from the same private address range as \
             the current VPC CIDR, or use a publicly-routable CIDR. For additional restrictions, \
             see https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html#VPC_Sizing"
        );
        return Err(Refused::new("InvalidVpc.Range", message));
    }
    Ok(())
}

/// The IPv4 blocks of a VPC.
pub fn blocks_of(vpc: &Vpc) -> Vec<Ipv4Net> {
    vpc.blocks.iter().filter_map(|block| block.cidr.parse().ok()).collect()
}

/// The IPv6 blocks of a VPC.
pub fn ipv6_blocks_of(vpc: &Vpc) -> Vec<Ipv6Net> {
    vpc.ipv6_blocks.iter().filter_map(|block| block.cidr.parse().ok()).collect()
}

fn private_range(block: &Ipv4Net) -> Option<u8> {
    match block.network().octets() {
        [10, ..] => Some(10),
        [172, 16..=31, ..] => Some(172),
        [192, 168, ..] => Some(192),
        _ => None,
    }
}

/// The input of `DisassociateVpcCidrBlock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DisassociateVpcCidrBlock {
    association_id: String,
}

/// `DisassociateVpcCidrBlock`: not the first block, and none that a subnet is in.
pub fn disassociate(site: &mut Site<'_>, input: DisassociateVpcCidrBlock) -> Answer {
    let association = &input.association_id;
    let ec2 = &mut site.region_mut().ec2;
    let of = |vpc: &&Vpc| {
        vpc.blocks.iter().any(|block| block.association == *association)
            || vpc.ipv6_blocks.iter().any(|block| block.association == *association)
    };
    let Some(vpc) = ec2.vpcs.values().find(of) else {
        let message = format!("The vpc CIDR block association ID '{association}' does not exist");
        return Err(Refused::new("InvalidVpcCidrBlockAssociationID.NotFound", message));
    };
    let id = vpc.id.clone();
    if let Some(at) = vpc.blocks.iter().position(|block| block.association == *association) {
        if at == 0 {
            let message = format!(
                "The vpc CIDR block with association ID {association} may not be disassociated. \
                 It is the primary IPv4 CIDR block of the VPC"
            );
            return Err(Refused::new("OperationNotPermitted", message));
        }
        let cidr = vpc.blocks.get(at).map(|block| block.cidr.clone()).unwrap_or_default();
        if let Ok(block) = cidr.parse::<Ipv4Net>() {
            free_of_subnets(ec2, &id, &cidr, |subnet| {
                subnet.cidr.parse().is_ok_and(|subnet: Ipv4Net| block.contains(&subnet))
            })?;
        }
        let block = found_mut::<Vpc>(ec2, &id)?.blocks.remove(at);
        return Ok(json!({ "vpcId": id, "cidrBlockAssociation": block.view("disassociating") }));
    }
    let at = vpc.ipv6_blocks.iter().position(|block| block.association == *association);
    let at = at.unwrap_or_default();
    let cidr = vpc.ipv6_blocks.get(at).map(|block| block.cidr.clone()).unwrap_or_default();
    if let Ok(block) = cidr.parse::<Ipv6Net>() {
        free_of_subnets(ec2, &id, &cidr, |subnet| {
            let within = |cidr: &str| cidr.parse().is_ok_and(|own: Ipv6Net| block.contains(&own));
            subnet.ipv6_blocks.iter().any(|own| within(&own.cidr))
        })?;
    }
    let block = found_mut::<Vpc>(ec2, &id)?.ipv6_blocks.remove(at);
    Ok(json!({ "vpcId": id, "ipv6CidrBlockAssociation": block.view("disassociating") }))
}

fn free_of_subnets(
    ec2: &State,
    vpc: &str,
    cidr: &str,
    within: impl Fn(&super::subnet::Subnet) -> bool,
) -> Result<(), Refused> {
    if ec2.subnets.values().any(|subnet| subnet.vpc == vpc && within(subnet)) {
        let message = format!("The vpc currently has a subnet within CIDR block {cidr}");
        return Err(Refused::new("InvalidCidr.InUse", message));
    }
    Ok(())
}
