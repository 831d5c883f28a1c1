//! `lookup.load_balancer`: a load balancer that exists, by name, ARN or tags.

use std::collections::BTreeMap;

use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::services::elb::{self, carry};

/// `lookup.load_balancer`.
pub enum LoadBalancerLookup {}

/// Which load balancer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name.
    name: Option<String>,
    /// Its ARN.
    arn: Option<String>,
    /// Tags that it carries.
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its ARN.
    arn: String,
    /// Its name.
    name: String,
    /// The host name at which it can be reached.
    dns_name: String,
    /// The Route 53 hosted zone of that host name, for an alias record.
    zone_id: String,
    /// `app/name/id`, by which CloudWatch's metrics know it.
    arn_suffix: String,
    /// The id of its VPC.
    vpc_id: String,
}

impl Lookup for LoadBalancerLookup {
    const NAME: &'static str = "load_balancer";
    const YIELDS: &'static str = "load_balancer";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        // AWS takes names or ARNs, not both.
        let names = question.name.iter().filter(|_| question.arn.is_none());
        let call = aws.elb.describe_load_balancers();
        let call = call.set_load_balancer_arns(question.arn.clone().map(|arn| vec![arn]));
        let call = names.fold(call, |call, name| call.names(name));
        let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let found = found.or_missing("elasticloadbalancing:DescribeLoadBalancers")?;
        let mut found = found.unwrap_or_default();
        found.retain(|one| question.name.is_none() || one.load_balancer_name == question.name);
        let arn = |one: &elb::LoadBalancer| one.load_balancer_arn.clone();
        let found = carry(aws, found, arn, &question.tags).await?;
        let balancer = super::only("load balancer", found)?;
        let arn = balancer.load_balancer_arn.unwrap_or_default();
        Ok(Answered {
            name: balancer.load_balancer_name.unwrap_or_default(),
            dns_name: balancer.dns_name.unwrap_or_default(),
            zone_id: balancer.canonical_hosted_zone_id.unwrap_or_default(),
            arn_suffix: elb::arn_suffix(&arn),
            vpc_id: balancer.vpc_id.unwrap_or_default(),
            arn,
        })
    }
}
