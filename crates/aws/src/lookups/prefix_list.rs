//! `lookup.prefix_list`: a list of address blocks that AWS or somebody else maintains, such as
//! `com.amazonaws.global.cloudfront.origin-facing`.

use landfall_model::CloudError;
use landfall_model::types::Target;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::services::ec2::filter;

/// A prefix list, where a rule or a route takes one.
pub enum PrefixList {}

impl Target for PrefixList {
    const KIND: &'static str = "prefix_list";
    const OUTPUT: &'static str = "id";
    const LITERAL: &'static str = "pl-";
}

/// `lookup.prefix_list`.
pub enum PrefixListLookup {}

/// Which prefix list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name, such as `com.amazonaws.us-east-1.s3`.
    name: String,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

impl Lookup for PrefixListLookup {
    const NAME: &'static str = "prefix_list";
    const YIELDS: &'static str = "prefix_list";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let call = aws.ec2.describe_managed_prefix_lists();
        let call = call.filters(filter("prefix-list-name", [&question.name]));
        let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let found = found.named("ec2:DescribeManagedPrefixLists")?.into_iter();
        // Filters take wildcards; a name is meant as it stands.
        let found = found.filter(|list| list.prefix_list_name.as_ref() == Some(&question.name));
        let list = super::only("prefix list", found.collect())?;
        Ok(Answered {
            id: list.prefix_list_id.unwrap_or_default(),
            name: list.prefix_list_name.unwrap_or_default(),
        })
    }
}
