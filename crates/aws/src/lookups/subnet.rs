//! `lookup.subnet`: a subnet that exists.

use std::collections::BTreeMap;

use landfall_model::CloudError;
use landfall_model::types::Ref;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Lookup, subnets};
use crate::Aws;
use crate::kinds::vpc::Vpc;
use crate::services::ec2::{filter, tagged};

/// `lookup.subnet`.
pub enum SubnetLookup {}

/// Which subnet.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id.
    id: Option<String>,
    /// The VPC that it is a part of.
    vpc: Option<Ref<Vpc>>,
    /// Its `Name` tag.
    name: Option<String>,
    /// Its IPv4 block.
    cidr: Option<String>,
    /// Its availability zone.
    availability_zone: Option<String>,
    /// Tags that it carries.
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its id.
    id: String,
    /// The VPC that it is a part of.
    vpc: String,
    /// Its IPv4 block.
    cidr: String,
    /// Its availability zone.
    availability_zone: String,
}

impl Lookup for SubnetLookup {
    const NAME: &'static str = "subnet";
    const YIELDS: &'static str = "subnet";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let mut filters = tagged(question.name.as_ref(), &question.tags);
        filters.extend(question.id.iter().map(|id| filter("subnet-id", [id])));
        filters.extend(question.vpc.iter().map(|vpc| filter("vpc-id", [vpc.as_str()])));
        filters.extend(question.cidr.iter().map(|cidr| filter("cidr-block", [cidr])));
        let zone = question.availability_zone.iter();
        filters.extend(zone.map(|zone| filter("availability-zone", [zone])));
        let subnet = super::only("subnet", subnets::described(aws, filters).await?)?;
        Ok(Answered {
            id: subnet.subnet_id.unwrap_or_default(),
            vpc: subnet.vpc_id.unwrap_or_default(),
            cidr: subnet.cidr_block.unwrap_or_default(),
            availability_zone: subnet.availability_zone.unwrap_or_default(),
        })
    }
}
