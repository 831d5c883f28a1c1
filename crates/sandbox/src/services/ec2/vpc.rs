//! VPCs: made, listed and deleted, each with what belongs to it from the start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::listing::{self, Described, Kind, depended_on, describe_input, found};
use super::network_acl::NetworkAcl;
use super::route_table::RouteTable;
use super::security_group::{SecurityGroup, has_ipv6};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::vpc_block::{self, Block, Ipv6Block};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Chance, Site};

/// A VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`
    pub id: String,
    /// Its first IPv4 block.
    pub cidr: String,
    /// Whether it is the region's default VPC.
    pub default: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its IPv4 blocks, the first one too.
    pub blocks: Vec<Block>,
    /// Its IPv6 blocks.
    pub ipv6_blocks: Vec<Ipv6Block>,
    /// `default` or `dedicated`.
    pub tenancy: String,
    /// The id of its DHCP options, or `default` where it has none.
    pub dhcp_options: String,
    /// Whether the Amazon DNS server answers in it.
    pub dns_support: bool,
    /// Whether instances get public DNS names.
    pub dns_hostnames: bool,
    /// Whether network address usage is measured.
    pub address_metrics: bool,
}

impl Vpc {
    /// A VPC with one block and the defaults of CreateVpc.
    pub fn new(id: String, association: String, cidr: String, dhcp_options: String) -> Vpc {
        Vpc {
            id,
            cidr: cidr.clone(),
            default: false,
            tags: Tags::new(),
            blocks: vec![Block { association, cidr }],
            ipv6_blocks: Vec::new(),
            tenancy: "default".to_owned(),
            dhcp_options,
            dns_support: true,
            dns_hostnames: false,
            address_metrics: false,
        }
    }
}

impl Described for Vpc {
    const KIND: Kind = Kind {
        set: "vpcSet",
        noun: "vpc",
        absent: "InvalidVpcID.NotFound",
        pages: (5, 1000),
        filters: &[
            "cidr",
            "cidr-block",
            "cidr-block-association.cidr-block",
            "cidr-block-association.association-id",
            "cidr-block-association.state",
            "dhcp-options-id",
            "dhcpOptionsId",
            "ipv6-cidr-block-association.ipv6-cidr-block",
            "ipv6-cidr-block-association.ipv6-pool",
            "ipv6-cidr-block-association.association-id",
            "ipv6-cidr-block-association.state",
            "instance-tenancy",
            "is-default",
            "isDefault",
            "owner-id",
            "state",
            "vpc-id",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, Vpc> {
        &ec2.vpcs
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, Vpc> {
        &mut ec2.vpcs
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, filter: &str) -> Vec<String> {
        let blocks = |value: fn(&Block) -> &str| {
            self.blocks.iter().map(|block| value(block).to_owned()).collect()
        };
        let ipv6 = |value: fn(&Ipv6Block) -> &str| {
            self.ipv6_blocks.iter().map(|block| value(block).to_owned()).collect()
        };
        match filter {
            "cidr" | "cidr-block" => vec![self.cidr.clone()],
            "cidr-block-association.cidr-block" => blocks(|block| &block.cidr),
            "cidr-block-association.association-id" => blocks(|block| &block.association),
            "cidr-block-association.state" => blocks(|_| "associated"),
            "dhcp-options-id" | "dhcpOptionsId" => vec![self.dhcp_options.clone()],
            "ipv6-cidr-block-association.ipv6-cidr-block" => ipv6(|block| &block.cidr),
            "ipv6-cidr-block-association.ipv6-pool" => ipv6(|_| "Amazon"),
            "ipv6-cidr-block-association.association-id" => ipv6(|block| &block.association),
            "ipv6-cidr-block-association.state" => ipv6(|_| "associated"),
            "instance-tenancy" => vec![self.tenancy.clone()],
            "is-default" | "isDefault" => vec![self.default.to_string()],
            "owner-id" => vec![ACCOUNT.to_owned()],
            "state" => vec!["available".to_owned()],
            "vpc-id" => vec![self.id.clone()],
            _ => Vec::new(),
        }
    }

    fn view(&self, _: &State) -> Value {
        shown(self, "available", "associated")
    }
}

/// A VPC as answers show it, with its state and that of its IPv6 blocks.
fn shown(vpc: &Vpc, state: &str, ipv6_state: &str) -> Value {
    let ipv6: Option<Vec<Value>> = (!vpc.ipv6_blocks.is_empty())
        .then(|| vpc.ipv6_blocks.iter().map(|block| block.view(ipv6_state)).collect());
    json!({
        "vpcId": vpc.id,
        "ownerId": ACCOUNT,
        "state": state,
        "cidrBlock": vpc.cidr,
        "cidrBlockAssociationSet":
            vpc.blocks.iter().map(|block| block.view("associated")).collect::<Vec<_>>(),
        "ipv6CidrBlockAssociationSet": ipv6,
        "dhcpOptionsId": vpc.dhcp_options,
        "instanceTenancy": vpc.tenancy,
        "isDefault": vpc.default,
        "blockPublicAccessStates": { "internetGatewayBlockMode": "off" },
        "tagSet": tag_set(&vpc.tags),
    })
}

/// Puts a VPC into a region, with its main route table, its default network ACL and its default
/// security group. VPC guide, "VPC basics".
pub fn lay(ec2: &mut State, new_id: &mut dyn FnMut(&str) -> String, vpc: Vpc) {
    let table = RouteTable::main(new_id("rtb"), new_id("rtbassoc"), &vpc.id);
    ec2.route_tables.insert(table.id.clone(), table);
    let acl = NetworkAcl::default_of(new_id("acl"), &vpc.id, !vpc.ipv6_blocks.is_empty());
    ec2.network_acls.insert(acl.id.clone(), acl);
    let group = SecurityGroup::default_of(&vpc.id, has_ipv6(&vpc), new_id);
    ec2.groups.insert(group.id.clone(), group);
    ec2.vpcs.insert(vpc.id.clone(), vpc);
}

/// The input of `CreateVpc`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct CreateVpc {
    cidr_block: Option<String>,
    amazon_provided_ipv6_cidr_block: bool,
    instance_tenancy: Option<Tenancy>,
    ipv6_cidr_block_network_border_group: Option<String>,
    tag_specification: Vec<TagSpecification>,
    ipv6_pool: Option<String>,
    ipv6_cidr_block: Option<String>,
    ipv4_ipam_pool_id: Option<String>,
    ipv4_netmask_length: Option<u8>,
    ipv6_ipam_pool_id: Option<String>,
    ipv6_netmask_length: Option<u8>,
    vpc_encryption_control: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tenancy {
    Default,
    Dedicated,
    Host,
}

/// `CreateVpc`.
pub fn create(site: &mut Site<'_>, input: CreateVpc) -> Answer {
    let tags = tags_for(&input.tag_specification, "vpc")?;
    for (given, parameter) in [
        (input.ipv6_pool.is_some(), "Ipv6Pool"),
        (input.ipv6_cidr_block.is_some(), "Ipv6CidrBlock"),
        (input.ipv4_ipam_pool_id.is_some(), "Ipv4IpamPoolId"),
        (input.ipv4_netmask_length.is_some(), "Ipv4NetmaskLength"),
        (input.ipv6_ipam_pool_id.is_some(), "Ipv6IpamPoolId"),
        (input.ipv6_netmask_length.is_some(), "Ipv6NetmaskLength"),
        (input.vpc_encryption_control.is_some(), "VpcEncryptionControl"),
    ] {
        vpc_block::unsupported(given, parameter)?;
    }
    let Some(cidr) = &input.cidr_block else {
        let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.";
        return Err(Refused::new("MissingParameter", message));
    };
    let block = vpc_block::of_vpc(cidr)?;
    let tenancy = match input.instance_tenancy {
        None | Some(Tenancy::Default) => "default",
        Some(Tenancy::Dedicated) => "dedicated",
        Some(Tenancy::Host) => {
            let message = "The tenancy value host is not supported for a VPC";
            return Err(Refused::new("InvalidParameterValue", message));
        }
    };
    within_limit(&site.region().ec2)?;
    let dhcp_options = site.region().ec2.default_dhcp_options();
    let (id, association) = (site.new_id("vpc"), site.new_id("vpc-cidr-assoc"));
    let mut vpc = Vpc::new(id, association, block.to_string(), dhcp_options);
    vpc.tags = tags;
    vpc.tenancy = tenancy.to_owned();
    if input.amazon_provided_ipv6_cidr_block {
        vpc.ipv6_blocks.push(vpc_block::from_amazon(
            site,
            input.ipv6_cidr_block_network_border_group.as_deref(),
        )?);
    }
    let mut new_id = super::id_source(Chance::of(site.world.chance.draw()));
    let answer = json!({ "vpc": shown(&vpc, "pending", "associating") });
    lay(&mut site.region_mut().ec2, &mut new_id, vpc);
    Ok(answer)
}

/// VPC quotas: five VPCs in a region.
pub fn within_limit(ec2: &State) -> Result<(), Refused> {
    if ec2.vpcs.len() >= 5 {
        let message = "The maximum number of VPCs has been reached.";
        return Err(Refused::new("VpcLimitExceeded", message));
    }
    Ok(())
}

/// The input of `DeleteVpc`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteVpc {
    vpc_id: String,
}

/// `DeleteVpc`: refused while something else than what belongs to every VPC is in it.
pub fn delete(site: &mut Site<'_>, input: DeleteVpc) -> Answer {
    let id = &input.vpc_id;
    found::<Vpc>(&site.region().ec2, id)?;
    let ec2 = &mut site.region_mut().ec2;
    let in_use = ec2.subnets.values().any(|subnet| subnet.vpc == *id)
        || ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_ref() == Some(id))
        || ec2.egress_only_gateways.values().any(|gateway| gateway.vpc == *id)
        || ec2.route_tables.values().any(|table| table.vpc == *id && !table.is_main())
        || ec2.network_acls.values().any(|acl| acl.vpc == *id && !acl.default)
        || ec2.groups.values().any(|group| group.vpc == *id && group.name != "default")
        || ec2.endpoints.values().any(|endpoint| endpoint.vpc == *id);
    if in_use {
        return Err(depended_on("vpc", id));
    }
    ec2.route_tables.retain(|_, table| table.vpc != *id);
    ec2.network_acls.retain(|_, acl| acl.vpc != *id);
    ec2.groups.retain(|_, group| group.vpc != *id);
    ec2.flow_logs.retain(|_, log| log.resource != *id);
    ec2.vpcs.remove(id);
    Ok(json!({ "return": true }))
}

describe_input! { DescribeVpcs { vpc_id } }

/// `DescribeVpcs`.
pub fn describe(site: &mut Site<'_>, input: DescribeVpcs) -> Answer {
    listing::describe::<Vpc>(site, input.asked())
}
