//! `lookup.subnets`: subnets that exist.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, Subnet};
use landfall_model::CloudError;
use landfall_model::types::Ref;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::kinds::vpc::Vpc;
use crate::services::ec2::{filter, tagged};

/// `lookup.subnets`.
pub enum Subnets {}

/// Which subnets: those that everything given here holds for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The VPC that they are a part of.
    vpc: Option<Ref<Vpc>>,
    /// Their ids.
    #[serde(default)]
    ids: Vec<String>,
    /// Their `Name` tag; `*` stands for anything.
    name: Option<String>,
    /// Tags that they carry.
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// Their availability zones.
    #[serde(default)]
    availability_zones: Vec<String>,
    /// Whether they are the default subnets of their zones.
    default_for_az: Option<bool>,
    /// Whether instances in them get a public address unless they say otherwise.
    map_public_ip: Option<bool>,
}

/// What is known of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Their ids, sorted.
    ids: Vec<String>,
    /// Their IPv4 blocks, in the order of the ids.
    cidrs: Vec<String>,
    /// Their availability zones, in the order of the ids.
    availability_zones: Vec<String>,
}

impl Lookup for Subnets {
    const NAME: &'static str = "subnets";
    const YIELDS: &'static str = "subnet";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let mut filters = tagged(question.name.as_ref(), &question.tags);
        filters.extend(question.vpc.iter().map(|vpc| filter("vpc-id", [vpc.as_str()])));
        let lists =
            [("subnet-id", &question.ids), ("availability-zone", &question.availability_zones)];
        let given = lists.into_iter().filter(|(_, values)| !values.is_empty());
        filters.extend(given.map(|(name, values)| filter(name, values)));
        let is = |wanted: Option<bool>, found: Option<bool>| {
            wanted.is_none_or(|wanted| found.unwrap_or(false) == wanted)
        };
        let mut found = described(aws, filters).await?;
        found.retain(|subnet| {
            is(question.default_for_az, subnet.default_for_az)
                && is(question.map_public_ip, subnet.map_public_ip_on_launch)
        });
        found.sort_by(|a, b| a.subnet_id.cmp(&b.subnet_id));
        if found.is_empty() {
            return Err(CloudError::unexpected("lookup", "no such subnet exists"));
        }
        let each = |value: fn(&Subnet) -> &Option<String>| {
            found.iter().map(|subnet| value(subnet).clone().unwrap_or_default()).collect()
        };
        Ok(Answered {
            ids: each(|subnet| &subnet.subnet_id),
            cidrs: each(|subnet| &subnet.cidr_block),
            availability_zones: each(|subnet| &subnet.availability_zone),
        })
    }
}

pub(super) async fn described(aws: &Aws, filters: Vec<Filter>) -> Result<Vec<Subnet>, CloudError> {
    let call = aws.ec2.describe_subnets().set_filters(Some(filters)).into_paginator();
    let found = call.items().send().collect::<Result<Vec<_>, _>>().await;
    found.named("ec2:DescribeSubnets")
}
