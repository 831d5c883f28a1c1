//! `lookup.vpc`: a VPC that exists, by id, by tags, or the region's default.

use std::collections::BTreeMap;

use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::services::ec2::{filter, tagged};

/// `lookup.vpc`.
pub enum VpcLookup {}

/// Which VPC.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The region's default VPC.
    #[serde(default)]
    default: bool,
    /// Its id.
    id: Option<String>,
    /// Its `Name` tag.
    name: Option<String>,
    /// Tags that it carries.
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its id.
    id: String,
    /// Its first IPv4 block.
    cidr: String,
}

impl Lookup for VpcLookup {
    const NAME: &'static str = "vpc";
    const YIELDS: &'static str = "vpc";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let mut filters = tagged(question.name.as_ref(), &question.tags);
        if question.default {
            filters.push(filter("is-default", ["true"]));
        }
        filters.extend(question.id.iter().map(|id| filter("vpc-id", [id])));
        let call = aws.ec2.describe_vpcs().set_filters(Some(filters)).into_paginator();
        let found = call.items().send().collect::<Result<Vec<_>, _>>().await;
        let vpc = super::only("VPC", found.named("ec2:DescribeVpcs")?)?;
        Ok(Answered {
            id: vpc.vpc_id.unwrap_or_default(),
            cidr: vpc.cidr_block.unwrap_or_default(),
        })
    }
}
