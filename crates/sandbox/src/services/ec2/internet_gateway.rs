//! Internet gateways.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::State;
use super::interface::Interface;
use super::listing::{self, Described, Kind, depended_on, describe_input, found, found_mut};
use super::tag_specification::{TagSpecification, tag_set, tags_for};
use super::vpc::Vpc;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site};

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// `igw-…`
    pub id: String,
    /// The VPC that it is attached to.
    pub vpc: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

impl Described for InternetGateway {
    const KIND: Kind = Kind {
        set: "internetGatewaySet",
        noun: "internetGateway",
        absent: "InvalidInternetGatewayID.NotFound",
        pages: (5, 1000),
        filters: &["attachment.state", "attachment.vpc-id", "internet-gateway-id", "owner-id"],
    };

    fn all(ec2: &State) -> &BTreeMap<String, InternetGateway> {
        &ec2.internet_gateways
    }

    fn all_mut(ec2: &mut State) -> &mut BTreeMap<String, InternetGateway> {
        &mut ec2.internet_gateways
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, _: &State, filter: &str) -> Vec<String> {
        let vpc = self.vpc.iter();
        match filter {
            "attachment.state" => vpc.map(|_| "available".to_owned()).collect(),
            "attachment.vpc-id" => vpc.cloned().collect(),
            "internet-gateway-id" => vec![self.id.clone()],
            "owner-id" => vec![ACCOUNT.to_owned()],
            _ => Vec::new(),
        }
    }

    fn view(&self, _: &State) -> Value {
        let attachment = |vpc: &String| json!({ "vpcId": vpc, "state": "available" });
        json!({
            "internetGatewayId": self.id,
            "ownerId": ACCOUNT,
            "attachmentSet": self.vpc.iter().map(attachment).collect::<Vec<_>>(),
            "tagSet": tag_set(&self.tags),
        })
    }
}

/// Whether a VPC has an internet gateway.
pub fn has_one(ec2: &State, vpc: &str) -> bool {
    ec2.internet_gateways.values().any(|gateway| gateway.vpc.as_deref() == Some(vpc))
}

/// The input of `CreateInternetGateway`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub struct CreateInternetGateway {
    tag_specification: Vec<TagSpecification>,
}

/// `CreateInternetGateway`.
pub fn create(site: &mut Site<'_>, input: CreateInternetGateway) -> Answer {
    let tags = tags_for(&input.tag_specification, "internet-gateway")?;
    if site.region().ec2.internet_gateways.len() >= 5 {
        let message = "The maximum number of internet gateways has been reached.";
        return Err(Refused::new("InternetGatewayLimitExceeded", message));
    }
    let gateway = InternetGateway { id: site.new_id("igw"), vpc: None, tags };
    let ec2 = &mut site.region_mut().ec2;
    let view = gateway.view(ec2);
    ec2.internet_gateways.insert(gateway.id.clone(), gateway);
    Ok(json!({ "internetGateway": view }))
}

/// The input of `DeleteInternetGateway`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct DeleteInternetGateway {
    internet_gateway_id: String,
}

/// `DeleteInternetGateway`: refused while it is attached.
pub fn delete(site: &mut Site<'_>, input: DeleteInternetGateway) -> Answer {
    let id = &input.internet_gateway_id;
    let ec2 = &mut site.region_mut().ec2;
    if found::<InternetGateway>(ec2, id)?.vpc.is_some() {
        return Err(depended_on("internetGateway", id));
    }
    ec2.internet_gateways.remove(id);
    Ok(json!({ "return": true }))
}

/// The input of `AttachInternetGateway` and `DetachInternetGateway`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Attachment {
    internet_gateway_id: String,
    vpc_id: String,
}

/// `AttachInternetGateway`: a VPC has at most one, and a gateway one VPC.
pub fn attach(site: &mut Site<'_>, input: Attachment) -> Answer {
    let Attachment { internet_gateway_id: id, vpc_id: vpc } = input;
    let ec2 = &mut site.region_mut().ec2;
    let gateway = found::<InternetGateway>(ec2, &id)?;
    found::<Vpc>(ec2, &vpc)?;
    if let Some(attached) = &gateway.vpc {
        let message = format!("resource {id} is already attached to network {attached}");
        return Err(Refused::new("Resource.AlreadyAssociated", message));
    }
    if has_one(ec2, &vpc) {
        let message = format!("Network {vpc} already has an internet gateway attached");
        return Err(Refused::new("InvalidParameterValue", message));
    }
    found_mut::<InternetGateway>(ec2, &id)?.vpc = Some(vpc);
    Ok(json!({ "return": true }))
}

/// `DetachInternetGateway`: refused while interfaces in the VPC have public addresses.
pub fn detach(site: &mut Site<'_>, input: Attachment) -> Answer {
    let Attachment { internet_gateway_id: id, vpc_id: vpc } = input;
    let ec2 = &mut site.region_mut().ec2;
    let gateway = found::<InternetGateway>(ec2, &id)?;
    found::<Vpc>(ec2, &vpc)?;
    if gateway.vpc.as_ref() != Some(&vpc) {
        let message = format!("resource {id} is not attached to network {vpc}");
        return Err(Refused::new("Gateway.NotAttached", message));
    }
    let within = |subnet: &str| ec2.subnets.get(subnet).is_some_and(|subnet| subnet.vpc == vpc);
    let mapped = |interface: &Interface| {
        let mut held = ec2.addresses.values().filter_map(|address| address.association.as_ref());
        interface.public_ip.is_some() || held.any(|with| with.interface == interface.id)
    };
    let mut interfaces = ec2.interfaces.values();
    if interfaces.any(|interface| mapped(interface) && within(&interface.subnet)) {
        let message = format!(
            "Network {vpc} has some mapped public address(es). Please unmap those public \
             address(es) before detaching the gateway."
        );
        return Err(Refused::new("DependencyViolation", message));
    }
    found_mut::<InternetGateway>(ec2, &id)?.vpc = None;
    Ok(json!({ "return": true }))
}

describe_input! { DescribeInternetGateways { internet_gateway_id } }

/// `DescribeInternetGateways`.
pub fn describe(site: &mut Site<'_>, input: DescribeInternetGateways) -> Answer {
    listing::describe::<InternetGateway>(site, input.asked())
}
