//! Network ACLs: made, listed, deleted, and moved from subnet to subnet.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::listing::{self, Described, Kind, depended_on, describe_input, found, found_mut};
use super::network_acl_entry::Entry;
use super::subnet::Subnet;
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::token::{self, Token};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// A network ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`
    pub id: String,
    /// Its VPC's id.
    pub vpc: String,
    /// Whether it is that of new subnets.
    pub default: bool,
    /// Its entries apart from the last ones, which deny everything.
    pub entries: Vec<Entry>,
    /// The subnets it is for.
    pub associations: Vec<AclAssociation>,
    /// Its tags.
    pub tags: Tags,
    /// The token it was made with.
    pub token: Option<Token>,
}

/// A subnet of a network ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AclAssociation {
    /// `aclassoc-…`
    pub id: String,
    /// The subnet's id.
    pub subnet: String,
}

impl NetworkAcl {
    fn new(id: String, vpc: &str) -> NetworkAcl {
        NetworkAcl {
            id,
            vpc: vpc.to_owned(),
            default: false,
            entries: Vec::new(),
            associations: Vec::new(),
            tags: Tags::new(),
            token: None,
        }
    }

    /// The default ACL of a new VPC, which lets everything through.
    pub fn default_of(id: String, vpc: &str, ipv6: bool) -> NetworkAcl {
        let entries = Entry::all_ipv4(100, "allow").to_vec();
        let mut acl = NetworkAcl { default: true, entries, ..NetworkAcl::new(id, vpc) };
        if ipv6 {
            acl.allow_ipv6();
        }
        acl
    }

    /// Lets IPv6 through, as AWS does in the default ACL once the VPC has a block.
    pub fn allow_ipv6(&mut self) {
        if !self.entries.iter().any(|entry| entry.number == 101) {
            self.entries.extend(Entry::all_ipv6(101, "allow"));
        }
    }

    /// All entries: outgoing before incoming, in the order in which they are looked at.
    fn all_entries(&self, ec2: &State) -> Vec<Entry> {
        let mut entries = self.entries.clone();
        entries.extend(Entry::all_ipv4(32767, "deny"));
        if ec2.vpcs.get(&self.vpc).is_some_and(|vpc| !vpc.ipv6_blocks.is_empty()) {
            entries.extend(Entry::all_ipv6(32768, "deny"));
        }
        entries.sort_by_key(|entry| (!entry.egress, entry.number));
        entries
    }
}

impl Described for NetworkAcl {
    const KIND: Kind = Kind {
        set: "networkAclSet",
        noun: "networkAcl",
        absent: "InvalidNetworkAclID.NotFound",
        pages: (5, 1000),
        filters: &[
            "association.association-id",
            "association.network-acl-id",
            "association.subnet-id",
            "default",
            "entry.cidr",
            "entry.egress",
            "entry.icmp.code",
            "entry.icmp.type",
            "entry.ipv6-cidr",
            "entry.port-range.from",
            "entry.port-range.to",
            "entry.protocol",
            "entry.rule-action",
            "entry.rule-number",
            "network-acl-id",
            "owner-id",
            "vpc-id",
        ],
    };

    fn all(ec2: &State) -> &BTreeMap<String, NetworkAcl> {
        &ec2.network_acls
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, NetworkAcl> {
        &mut ec2.network_acls
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, ec2: &State, filter: &str) -> Vec<String> {
        let associations = self.associations.iter();
        match filter {
            "association.association-id" => associations.map(|with| with.id.clone()).collect(),
            "association.network-acl-id" => associations.map(|_| self.id.clone()).collect(),
            "association.subnet-id" => associations.map(|with| with.subnet.clone()).collect(),
            "default" => vec![self.default.to_string()],
            "network-acl-id" => vec![self.id.clone()],
            "owner-id" => vec![ACCOUNT.to_owned()],
            "vpc-id" => vec![self.vpc.clone()],
            entry => {
                let entries = self.all_entries(ec2);
                entries.iter().flat_map(|own| own.values(entry)).collect()
            }
        }
    }

    fn view(&self, ec2: &State) -> Value {
        let association = |with: &AclAssociation| {
            json!({
                "networkAclAssociationId": with.id,
                "networkAclId": self.id,
                "subnetId": with.subnet,
            })
        };
        json!({
            "networkAclId": self.id,
            "vpcId": self.vpc,
            "ownerId": ACCOUNT,
            "default": self.default,
            "entrySet": self.all_entries(ec2).iter().map(Entry::view).collect::<Vec<_>>(),
            "associationSet": self.associations.iter().map(association).collect::<Vec<_>>(),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// Puts a new subnet under its VPC's default ACL.
pub fn cover(ec2: &mut State, subnet: &Subnet, association: String) {
    let default = ec2.network_acls.values_mut().find(|acl| acl.vpc == subnet.vpc && acl.default);
    let association = AclAssociation { id: association, subnet: subnet.id.clone() };
    default.into_iter().for_each(|acl| acl.associations.push(association.clone()));
}

/// The input of `CreateNetworkAcl`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct CreateNetworkAcl {
    vpc_id: String,
    #[serde(default)]
    client_token: Option<String>,
    #[serde(default)]
    tag_specification: Vec<TagSpecification>,
}

/// `CreateNetworkAcl`: a new one denies everything.
pub fn create(site: &mut Site<'_>, input: CreateNetworkAcl) -> Answer {
    let tags = tags_for(&input.tag_specification, "network-acl")?;
    let token = Token::of(input.client_token.as_deref(), &input);
    let of = |acl: &NetworkAcl, ec2: &State| {
        let token = Token::text(acl.token.as_ref());
        json!({ "clientToken": token, "networkAcl": acl.view(ec2) })
    };
    let ec2 = &site.region().ec2;
    if let Some(made) =
        token::earlier::<NetworkAcl>(ec2, token.as_ref(), |made| made.token.as_ref())?
    {
        return Ok(of(made, ec2));
    }
    found::<Vpc>(ec2, &input.vpc_id)?;
    if ec2.network_acls.values().filter(|acl| acl.vpc == input.vpc_id).count() >= 200 {
        let message = "The maximum number of network ACLs has been reached.";
        return Err(Refused::new("NetworkAclLimitExceeded", message));
    }
    let mut acl = NetworkAcl::new(site.new_id("acl"), &input.vpc_id);
    acl.tags = tags;
    acl.token = token;
    let ec2 = &mut site.region_mut().ec2;
    let answer = of(&acl, ec2);
    ec2.network_acls.insert(acl.id.clone(), acl);
    Ok(answer)
}

/// The input of `DeleteNetworkAcl`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteNetworkAcl {
    network_acl_id: String,
}

/// `DeleteNetworkAcl`: neither the default one nor one that a subnet has.
pub fn delete(site: &mut Site<'_>, input: DeleteNetworkAcl) -> Answer {
    let id = &input.network_acl_id;
    let ec2 = &mut site.region_mut().ec2;
    let acl = found::<NetworkAcl>(ec2, id)?;
    if acl.default {
        let message = format!("cannot delete default network ACL {id}");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    if !acl.associations.is_empty() {
        return Err(depended_on("networkAcl", id));
    }
    ec2.network_acls.remove(id);
    Ok(json!({ "return": true }))
}

/// The input of `ReplaceNetworkAclAssociation`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ReplaceNetworkAclAssociation {
    association_id: String,
    network_acl_id: String,
}

/// `ReplaceNetworkAclAssociation`: moves a subnet to another ACL of its VPC.
pub fn replace_association(site: &mut Site<'_>, input: ReplaceNetworkAclAssociation) -> Answer {
    let ec2 = &site.region().ec2;
    let of = |acl: &NetworkAcl| {
        let mut associations = acl.associations.iter();
        let with = associations.find(|with| with.id == input.association_id)?;
        Some((acl.id.clone(), acl.vpc.clone(), with.subnet.clone()))
    };
    let Some((old, vpc, subnet)) = ec2.network_acls.values().find_map(of) else {
        let message = format!("The association ID '{}' does not exist", input.association_id);
        return Err(Refused::new("InvalidAssociationID.NotFound", message));
    };
    let new = found::<NetworkAcl>(ec2, &input.network_acl_id)?;
    if new.vpc != vpc {
        let message =
            format!("network ACL {} and subnet {subnet} belong to different networks", new.id);
        return Err(Refused::new("InvalidParameterValue", message));
    }
    let id = site.new_id("aclassoc");
    let ec2 = &mut site.region_mut().ec2;
    let associations = &mut found_mut::<NetworkAcl>(ec2, &old)?.associations;
    associations.retain(|with| with.id != input.association_id);
    let moved = AclAssociation { id: id.clone(), subnet };
    found_mut::<NetworkAcl>(ec2, &input.network_acl_id)?.associations.push(moved);
    Ok(json!({ "newAssociationId": id }))
}

describe_input! { DescribeNetworkAcls { network_acl_id } }

/// `DescribeNetworkAcls`.
pub fn describe(site: &mut Site<'_>, input: DescribeNetworkAcls) -> Answer {
    listing::describe::<NetworkAcl>(site, input.asked())
}
