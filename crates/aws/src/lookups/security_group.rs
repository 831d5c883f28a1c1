//! `lookup.security_group`: a security group that exists.

use std::collections::BTreeMap;

use landfall_model::CloudError;
use landfall_model::types::Ref;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Lookup, security_groups};
use crate::Aws;
use crate::kinds::vpc::Vpc;
use crate::services::ec2::{filter, tagged};

/// `lookup.security_group`.
pub enum SecurityGroupLookup {}

/// Which group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id.
    id: Option<String>,
    /// Its name; `default` is the one that comes with a VPC.
    name: Option<String>,
    /// The VPC that it belongs to.
    vpc: Option<Ref<Vpc>>,
    /// Tags that it carries.
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The VPC that it belongs to.
    vpc: String,
}

impl Lookup for SecurityGroupLookup {
    const NAME: &'static str = "security_group";
    const YIELDS: &'static str = "security_group";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let mut filters = tagged(None, &question.tags);
        filters.extend(question.id.iter().map(|id| filter("group-id", [id])));
        filters.extend(question.name.iter().map(|name| filter("group-name", [name])));
        filters.extend(question.vpc.iter().map(|vpc| filter("vpc-id", [vpc.as_str()])));
        let found = security_groups::described(aws, filters, question.id.as_slice()).await?;
        let group = super::only("security group", found)?;
        Ok(Answered {
            id: group.group_id.unwrap_or_default(),
            name: group.group_name.unwrap_or_default(),
            vpc: group.vpc_id.unwrap_or_default(),
        })
    }
}
