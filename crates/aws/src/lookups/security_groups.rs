//! `lookup.security_groups`: security groups that exist.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, SecurityGroup};
use landfall_model::CloudError;
use landfall_model::types::Ref;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::kinds::vpc::Vpc;
use crate::services::ec2::{filter, tagged};

/// `lookup.security_groups`.
pub enum SecurityGroups {}

/// Which groups: those that everything given here holds for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Their ids.
    #[serde(default)]
    ids: Vec<String>,
    /// Their names; `*` stands for anything.
    #[serde(default)]
    names: Vec<String>,
    /// The VPC that they belong to.
    vpc: Option<Ref<Vpc>>,
    /// Tags that they carry.
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// What is known of them.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Their ids, sorted.
    ids: Vec<String>,
    /// Their names, in the order of the ids.
    names: Vec<String>,
}

impl Lookup for SecurityGroups {
    const NAME: &'static str = "security_groups";
    const YIELDS: &'static str = "security_group";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let mut filters = tagged(None, &question.tags);
        let lists = [("group-id", &question.ids), ("group-name", &question.names)];
        let given = lists.into_iter().filter(|(_, values)| !values.is_empty());
        filters.extend(given.map(|(name, values)| filter(name, values)));
        filters.extend(question.vpc.iter().map(|vpc| filter("vpc-id", [vpc.as_str()])));
        let mut found = described(aws, filters, &question.ids).await?;
        found.sort_by(|a, b| a.group_id.cmp(&b.group_id));
        if found.is_empty() {
            return Err(CloudError::unexpected("lookup", "no such security group exists"));
        }
        let each = |value: fn(&SecurityGroup) -> &Option<String>| {
            found.iter().map(|group| value(group).clone().unwrap_or_default()).collect()
        };
        Ok(Answered { ids: each(|group| &group.group_id), names: each(|group| &group.group_name) })
    }
}

/// The groups that filters find, and of these the ones with the ids, if any are given: not every
/// endpoint heeds the filter for them.
pub(super) async fn described(
    aws: &Aws,
    filters: Vec<Filter>,
    ids: &[String],
) -> Result<Vec<SecurityGroup>, CloudError> {
    let call = aws.ec2.describe_security_groups().set_filters(Some(filters)).into_paginator();
    let found = call.items().send().collect::<Result<Vec<_>, _>>().await;
    let mut found = found.named("ec2:DescribeSecurityGroups")?;
    let wanted = |id: &String| ids.is_empty() || ids.contains(id);
    found.retain(|group| group.group_id.as_ref().is_some_and(wanted));
    Ok(found)
}
