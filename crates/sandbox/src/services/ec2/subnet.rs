//! Subnets: made, listed and deleted.

use std::collections::BTreeMap;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::block;
use super::interface;
use super::listing::{self, Described, Kind, depended_on, describe_input, found};
use super::network_acl;
use super::subnet_block::{self, SubnetIpv6Block};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::vpc::Vpc;
use super::vpc_block;
use super::zone;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// A subnet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Its availability zone: `us-east-1a`.
    pub zone: String,
    /// Its IPv4 block; empty where it has IPv6 only.
    pub cidr: String,
    /// Whether it is its zone's default subnet.
    pub default: bool,
    /// Whether interfaces get a public address.
    pub public_ip: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its IPv6 blocks.
    pub ipv6_blocks: Vec<SubnetIpv6Block>,
    /// Whether it has IPv6 only.
    pub ipv6_native: bool,
    /// Whether interfaces get an IPv6 address.
    pub assigns_ipv6: bool,
    /// Whether DNS gives IPv6 addresses for IPv4-only hosts.
    pub dns64: bool,
    /// What host names are made of: `ip-name` or `resource-name`.
    pub hostname_type: String,
    /// Whether A records are answered for resource names.
    pub a_records: bool,
    /// Whether AAAA records are answered for resource names.
    pub aaaa_records: bool,
}

impl Subnet {
    /// A subnet with the defaults of CreateSubnet.
    pub fn new(id: String, vpc: &str, zone: &str, cidr: String) -> Subnet {
        Subnet {
            id,
            vpc: vpc.to_owned(),
            zone: zone.to_owned(),
            cidr,
            default: false,
            public_ip: false,
            tags: Tags::new(),
            ipv6_blocks: Vec::new(),
            ipv6_native: false,
            assigns_ipv6: false,
            dns64: false,
            hostname_type: "ip-name".to_owned(),
            a_records: false,
            aaaa_records: false,
        }
    }

    /// How many IPv4 addresses are free.
    pub fn available(&self, ec2: &State) -> usize {
        interface::address::free(ec2, self)
    }

    fn arn(&self, ec2: &State) -> String {
        format!("arn:aws:ec2:{}:{ACCOUNT}:subnet/{}", ec2.name, self.id)
    }
}

impl Described for Subnet {
    const KIND: Kind = Kind {
        set: "subnetSet",
        noun: "subnet",
        absent: "InvalidSubnetID.NotFound",
        pages: (5, 1000),
        filters: &[
            "availability-zone",
            "availabilityZone",
            "availability-zone-id",
            "availabilityZoneId",
            "available-ip-address-count",
            "cidr",
            "cidr-block",
            "cidrBlock",
            "customer-owned-ipv4-pool",
            "default-for-az",
            "defaultForAz",
            "enable-dns64",
            "enable-lni-at-device-index",
            "ipv6-cidr-block-association.ipv6-cidr-block",
            "ipv6-cidr-block-association.association-id",
            "ipv6-cidr-block-association.state",
            "ipv6-native",
            "map-customer-owned-ip-on-launch",
            "map-public-ip-on-launch",
            "mapPublicIpOnLaunch",
            "outpost-arn",
            "owner-id",
            "private-dns-name-options-on-launch.hostname-type",
            "private-dns-name-options-on-launch.enable-resource-name-dns-a-record",
            "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record",
            "state",
            "subnet-arn",
            "subnet-id",
            "vpc-id",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, Subnet> {
        &ec2.subnets
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, Subnet> {
        &mut ec2.subnets
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, ec2: &State, filter: &str) -> Vec<String> {
        let ipv6 = |value: fn(&SubnetIpv6Block) -> &str| {
            self.ipv6_blocks.iter().map(|block| value(block).to_owned()).collect()
        };
        let value = match filter {
            "availability-zone" | "availabilityZone" => self.zone.clone(),
            "availability-zone-id" | "availabilityZoneId" => {
                zone::id_of(&ec2.name, &self.zone).unwrap_or_default()
            }
            "available-ip-address-count" => self.available(ec2).to_string(),
            "cidr" | "cidr-block" | "cidrBlock" => self.cidr.clone(),
            "default-for-az" | "defaultForAz" => self.default.to_string(),
            "enable-dns64" => self.dns64.to_string(),
            "ipv6-cidr-block-association.ipv6-cidr-block" => return ipv6(|block| &block.cidr),
            "ipv6-cidr-block-association.association-id" => {
                return ipv6(|block| &block.association);
            }
            "ipv6-cidr-block-association.state" => return ipv6(|_| "associated"),
            "ipv6-native" => self.ipv6_native.to_string(),
            "map-customer-owned-ip-on-launch" => "false".to_owned(),
            "map-public-ip-on-launch" | "mapPublicIpOnLaunch" => self.public_ip.to_string(),
            "owner-id" => ACCOUNT.to_owned(),
            "private-dns-name-options-on-launch.hostname-type" => self.hostname_type.clone(),
            "private-dns-name-options-on-launch.enable-resource-name-dns-a-record" => {
                self.a_records.to_string()
            }
            "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record" => {
                self.aaaa_records.to_string()
            }
            "state" => "available".to_owned(),
            "subnet-arn" => self.arn(ec2),
            "subnet-id" => self.id.clone(),
            "vpc-id" => self.vpc.clone(),
            _ => return Vec::new(),
        };
        vec![value]
    }

    fn view(&self, ec2: &State) -> Value {
        let ipv6: Vec<Value> =
            self.ipv6_blocks.iter().map(|block| block.view("associated")).collect();
        json!({
            "subnetId": self.id,
            "subnetArn": self.arn(ec2),
            "state": "available",
            "vpcId": self.vpc,
            "ownerId": ACCOUNT,
            "cidrBlock": (!self.cidr.is_empty()).then_some(&self.cidr),
            "ipv6CidrBlockAssociationSet": ipv6,
            "ipv6Native": self.ipv6_native,
            "availableIpAddressCount": self.available(ec2),
            "availabilityZone": self.zone,
            "availabilityZoneId": zone::id_of(&ec2.name, &self.zone),
            "defaultForAz": self.default,
            "mapPublicIpOnLaunch": self.public_ip,
            "mapCustomerOwnedIpOnLaunch": false,
            "assignIpv6AddressOnCreation": self.assigns_ipv6,
            "enableDns64": self.dns64,
            "privateDnsNameOptionsOnLaunch": {
                "hostnameType": self.hostname_type,
                "enableResourceNameDnsARecord": self.a_records,
                "enableResourceNameDnsAAAARecord": self.aaaa_records,
            },
            "blockPublicAccessStates": { "internetGatewayBlockMode": "off" },
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// Whether no subnet of a VPC has an address of this block.
pub fn free_in(ec2: &State, vpc: &str, cidr: &str) -> bool {
    let Ok(block) = cidr.parse::<Ipv4Net>() else { return false };
    let mut others = ec2.subnets.values().filter(|subnet| subnet.vpc == vpc);
    !others
        .any(|other| other.cidr.parse().is_ok_and(|other: Ipv4Net| block::overlap(&other, &block)))
}

/// The input of `CreateSubnet`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateSubnet {
    vpc_id: String,
    #[serde(default)]
    cidr_block: Option<String>,
    #[serde(default)]
    ipv6_cidr_block: Option<String>,
    #[serde(default)]
    ipv6_native: bool,
    #[serde(default)]
    availability_zone: Option<String>,
    #[serde(default)]
    availability_zone_id: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
    #[serde(default)]
    outpost_arn: Option<String>,
    #[serde(default)]
    ipv4_ipam_pool_id: Option<String>,
    #[serde(default)]
    ipv4_netmask_length: Option<u8>,
    #[serde(default)]
    ipv6_ipam_pool_id: Option<String>,
    #[serde(default)]
    ipv6_netmask_length: Option<u8>,
}

/// `CreateSubnet`.
pub fn create(site: &mut Site<'_>, input: CreateSubnet) -> Answer {
    let tags = tags_for(&input.tag_specification, "subnet")?;
    for (given, parameter) in [
        (input.outpost_arn.is_some(), "OutpostArn"),
        (input.ipv4_ipam_pool_id.is_some(), "Ipv4IpamPoolId"),
        (input.ipv4_netmask_length.is_some(), "Ipv4NetmaskLength"),
        (input.ipv6_ipam_pool_id.is_some(), "Ipv6IpamPoolId"),
        (input.ipv6_netmask_length.is_some(), "Ipv6NetmaskLength"),
    ] {
        vpc_block::unsupported(given, parameter)?;
    }
    let ec2 = &site.region().ec2;
    let vpc = found::<Vpc>(ec2, &input.vpc_id)?;
    let zone = zone_for(site, &input)?;
    let cidr = ipv4_block(ec2, vpc, &input)?;
    let ipv6 = match &input.ipv6_cidr_block {
        Some(cidr) => Some(subnet_block::fitting(ec2, vpc, cidr)?),
        None => None,
    };
    if ec2.subnets.values().filter(|subnet| subnet.vpc == vpc.id).count() >= 200 {
        let message = "The maximum number of subnets has been reached.";
        return Err(Refused::new("SubnetLimitExceeded", message));
    }
    let mut subnet = Subnet::new(site.new_id("subnet"), &input.vpc_id, &zone, cidr);
    subnet.tags = tags;
    subnet.ipv6_native = input.ipv6_native;
    if input.ipv6_native {
        // EC2 guide, "EC2 hostname types": names of IPv6-only instances are made of their ids.
        subnet.hostname_type = "resource-name".to_owned();
        subnet.assigns_ipv6 = true;
    }
    if let Some(cidr) = ipv6 {
        let association = site.new_id("subnet-cidr-assoc");
        subnet.ipv6_blocks.push(SubnetIpv6Block { association, cidr: cidr.to_string() });
    }
    let association = site.new_id("aclassoc");
    let ec2 = &mut site.region_mut().ec2;
    network_acl::cover(ec2, &subnet, association);
    let view = subnet.view(ec2);
    ec2.subnets.insert(subnet.id.clone(), subnet);
    Ok(json!({ "subnet": view }))
}

/// The zone that is asked for, or the first one that has no subnet of the VPC.
fn zone_for(site: &Site<'_>, input: &CreateSubnet) -> Result<String, Refused> {
    let zones = zone::zones(&site.name);
    let names: Vec<String> = zones.iter().map(|zone| zone.name.clone()).collect();
    let invalid = |given: &str, parameter: &str| {
        let message = format!(
            "Value ({given}) for parameter {parameter} is invalid. Subnets can currently only be \
             created in the following availability zones: {}.",
            names.join(", ")
        );
        Refused::new("InvalidParameterValue", message)
    };
    let by_id = input.availability_zone_id.as_ref().map(|id| {
        let zone = zones.iter().find(|zone| zone.id == *id);
        zone.map(|zone| zone.name.clone()).ok_or_else(|| invalid(id, "availabilityZoneId"))
    });
    match (&input.availability_zone, by_id) {
        (Some(_), Some(_)) => {
            let message =
                "Only one of 'availabilityZone' or 'availabilityZoneId' can be specified.";
            Err(Refused::new("InvalidParameterCombination", message))
        }
        (Some(name), None) if names.contains(name) => Ok(name.clone()),
        (Some(name), None) => Err(invalid(name, "availabilityZone")),
        (None, Some(by_id)) => by_id,
        (None, None) => {
            let subnets = || site.region().ec2.subnets.values();
            let taken =
                |name: &&String| subnets().any(|s| s.vpc == input.vpc_id && s.zone == **name);
            let free = names.iter().find(|name| !taken(name)).or(names.first());
            Ok(free.cloned().unwrap_or_default())
        }
    }
}

/// EC2 API, CreateSubnet: between /16 and /28, in a block of the VPC, apart from its other subnets.
fn ipv4_block(ec2: &State, vpc: &Vpc, input: &CreateSubnet) -> Result<String, Refused> {
    let cidr = match (&input.cidr_block, input.ipv6_native) {
        (Some(cidr), false) => cidr,
        (None, true) if input.ipv6_cidr_block.is_some() => return Ok(String::new()),
        (Some(_), true) => {
            let message = "The parameter cidrBlock cannot be used with the parameter ipv6Native";
            return Err(Refused::new("InvalidParameterCombination", message));
        }
        _ => {
            let message = "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.";
            return Err(Refused::new("MissingParameter", message));
        }
    };
    let block = block::ipv4(cidr, "cidrBlock")?;
    let within = vpc_block::blocks_of(vpc).iter().any(|of_vpc| of_vpc.contains(&block));
    if !within || !(16..=28).contains(&block.prefix_len()) {
        return Err(Refused::new("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    if !free_in(ec2, &vpc.id, &block.to_string()) {
        let message = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Refused::new("InvalidSubnet.Conflict", message));
    }
    Ok(block.to_string())
}

/// The IPv6 blocks of all subnets of a VPC.
pub fn ipv6_taken(ec2: &State, vpc: &str) -> Vec<Ipv6Net> {
    let subnets = ec2.subnets.values().filter(|subnet| subnet.vpc == vpc);
    let blocks = subnets.flat_map(|subnet| &subnet.ipv6_blocks);
    blocks.filter_map(|block| block.cidr.parse().ok()).collect()
}

/// The input of `DeleteSubnet`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteSubnet {
    subnet_id: String,
}

/// `DeleteSubnet`: refused while an interface is in it. It leaves its route table and its ACL.
pub fn delete(site: &mut Site<'_>, input: DeleteSubnet) -> Answer {
    let id = &input.subnet_id;
    let ec2 = &mut site.region_mut().ec2;
    found::<Subnet>(ec2, id)?;
    if ec2.interfaces.values().any(|interface| interface.subnet == *id) {
        return Err(depended_on("subnet", id));
    }
    for table in ec2.route_tables.values_mut() {
        table.associations.retain(|association| association.subnet.as_ref() != Some(id));
    }
    for acl in ec2.network_acls.values_mut() {
        acl.associations.retain(|association| association.subnet != *id);
    }
    ec2.flow_logs.retain(|_, log| log.resource != *id);
    ec2.subnets.remove(id);
    Ok(json!({ "return": true }))
}

describe_input! { DescribeSubnets { subnet_id } }

/// `DescribeSubnets`.
pub fn describe(site: &mut Site<'_>, input: DescribeSubnets) -> Answer {
    listing::describe::<Subnet>(site, input.asked())
}
