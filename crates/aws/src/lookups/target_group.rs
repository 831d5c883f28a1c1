//! `lookup.target_group`: a target group that exists, by name, ARN or tags.

use std::collections::BTreeMap;

use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::services::elb::{self, carry};

/// `lookup.target_group`.
pub enum TargetGroupLookup {}

/// Which target group.
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
    /// `targetgroup/name/id`, by which CloudWatch's metrics know it.
    arn_suffix: String,
}

impl Lookup for TargetGroupLookup {
    const NAME: &'static str = "target_group";
    const YIELDS: &'static str = "target_group";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        // AWS takes names or ARNs, not both.
        let names = question.name.iter().filter(|_| question.arn.is_none());
        let call = aws.elb.describe_target_groups();
        let call = call.set_target_group_arns(question.arn.clone().map(|arn| vec![arn]));
        let call = names.fold(call, |call, name| call.names(name));
        let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let found = found.or_missing("elasticloadbalancing:DescribeTargetGroups")?;
        let mut found = found.unwrap_or_default();
        found.retain(|one| question.name.is_none() || one.target_group_name == question.name);
        let arn = |one: &elb::TargetGroup| one.target_group_arn.clone();
        let found = carry(aws, found, arn, &question.tags).await?;
        let group = super::only("target group", found)?;
        let arn = group.target_group_arn.unwrap_or_default();
        Ok(Answered {
            name: group.target_group_name.unwrap_or_default(),
            arn_suffix: elb::arn_suffix(&arn),
            arn,
        })
    }
}
