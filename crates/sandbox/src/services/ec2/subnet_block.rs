//! The IPv6 blocks of subnets.

use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::block;
use super::listing::{found, found_mut};
use super::subnet::{self, Subnet};
use super::vpc::Vpc;
use super::vpc_block::{self, unsupported};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// An IPv6 block of a subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubnetIpv6Block {
    /// `subnet-cidr-assoc-…`
    pub association: String,
    /// `2600:1f18:…::/64`
    pub cidr: String,
}

impl SubnetIpv6Block {
    /// How answers show it.
    pub fn view(&self, state: &str) -> Value {
        json!({
            "associationId": self.association,
            "ipv6CidrBlock": self.cidr,
            "ipv6CidrBlockState": { "state": state },
            "ipv6AddressAttribute": "public",
            "ipSource": "amazon",
        })
    }
}

/// Reads an IPv6 block for a new or a present subnet of a VPC. VPC guide, "IPv6 subnet CIDR block
/// sizes": between /44 and /64 in steps of four, in a block of the VPC, apart from other subnets.
pub fn fitting(ec2: &State, vpc: &Vpc, cidr: &str) -> Result<Ipv6Net, Refused> {
    let block = block::ipv6(cidr, "ipv6CidrBlock")?;
    let size = (44..=64).contains(&block.prefix_len()) && block.prefix_len() % 4 == 0;
    let within = vpc_block::ipv6_blocks_of(vpc).iter().any(|of_vpc| of_vpc.contains(&block));
    if !size || !within {
        return Err(Refused::new("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    if subnet::ipv6_taken(ec2, &vpc.id).iter().any(|other| block::overlap6(other, &block)) {
        let message = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Refused::new("InvalidSubnet.Conflict", message));
    }
    Ok(block)
}

/// The input of `AssociateSubnetCidrBlock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct AssociateSubnetCidrBlock {
    subnet_id: String,
    #[serde(default)]
    ipv6_cidr_block: Option<String>,
    #[serde(default)]
    ipv6_ipam_pool_id: Option<String>,
    #[serde(default)]
    ipv6_netmask_length: Option<u8>,
}

/// `AssociateSubnetCidrBlock`.
pub fn associate(site: &mut Site<'_>, input: AssociateSubnetCidrBlock) -> Answer {
    unsupported(input.ipv6_ipam_pool_id.is_some(), "Ipv6IpamPoolId")?;
    unsupported(input.ipv6_netmask_length.is_some(), "Ipv6NetmaskLength")?;
    let Some(cidr) = &input.ipv6_cidr_block else {
        let message = "The request must contain the parameter ipv6CidrBlock";
        return Err(Refused::new("MissingParameter", message));
    };
    let ec2 = &site.region().ec2;
    let subnet = found::<Subnet>(ec2, &input.subnet_id)?;
    if !subnet.ipv6_blocks.is_empty() {
        let message = format!(
            "This subnet '{}' has met its maximum number of allowed CIDRs: 1",
            input.subnet_id
        );
        return Err(Refused::new("CidrLimitExceeded", message));
    }
    let block = fitting(ec2, found::<Vpc>(ec2, &subnet.vpc)?, cidr)?;
    let association = site.new_id("subnet-cidr-assoc");
    let block = SubnetIpv6Block { association, cidr: block.to_string() };
    let view = block.view("associating");
    found_mut::<Subnet>(&mut site.region_mut().ec2, &input.subnet_id)?.ipv6_blocks.push(block);
    Ok(json!({ "subnetId": input.subnet_id, "ipv6CidrBlockAssociation": view }))
}

/// The input of `DisassociateSubnetCidrBlock`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DisassociateSubnetCidrBlock {
    association_id: String,
}

/// `DisassociateSubnetCidrBlock`.
pub fn disassociate(site: &mut Site<'_>, input: DisassociateSubnetCidrBlock) -> Answer {
    let association = &input.association_id;
    for subnet in site.region_mut().ec2.subnets.values_mut() {
        let at = subnet.ipv6_blocks.iter().position(|block| block.association == *association);
        let Some(at) = at else { continue };
        let view = subnet.ipv6_blocks.remove(at).view("disassociating");
        subnet.assigns_ipv6 = false;
        return Ok(json!({ "subnetId": subnet.id, "ipv6CidrBlockAssociation": view }));
    }
    let message = format!("The subnet CIDR block association ID '{association}' does not exist");
    Err(Refused::new("InvalidSubnetCidrBlockAssociationID.NotFound", message))
}
