//! `lookup.iam_policy`: a managed policy that exists, by its ARN or name.

use aws_sdk_iam::types::{Policy, PolicyScopeType};
use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;

/// `lookup.iam_policy`.
pub enum IamPolicyLookup {}

/// Which policy: one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name, without its path. Where the account has one of that name it is meant, otherwise
    /// AWS's own.
    name: Option<String>,
    /// Its ARN.
    arn: Option<String>,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its name.
    name: String,
    /// Its ARN.
    arn: String,
}

impl Lookup for IamPolicyLookup {
    const NAME: &'static str = "iam_policy";
    const YIELDS: &'static str = "iam_policy";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let (what, found) = match (&question.name, &question.arn) {
            (Some(name), None) => (format!("policy named {name}"), named(aws, name).await?),
            (None, Some(arn)) => {
                let call = aws.iam.get_policy().policy_arn(arn);
                let answer = call.send().await.or_missing("iam:GetPolicy")?;
                let policy = answer.and_then(|answer| answer.policy);
                (format!("policy as {arn}"), policy.into_iter().collect())
            }
            _ => {
                let message = "a policy is looked up by its `name` or by its `arn`";
                return Err(CloudError::unexpected("lookup.iam_policy", message));
            }
        };
        let policy = super::only(&what, found)?;
        Ok(Answered {
            name: policy.policy_name.unwrap_or_default(),
            arn: policy.arn.unwrap_or_default(),
        })
    }
}

async fn named(aws: &Aws, name: &str) -> Result<Vec<Policy>, CloudError> {
    let own = listed(aws, name, PolicyScopeType::Local).await?;
    match own.is_empty() {
        true => listed(aws, name, PolicyScopeType::Aws).await,
        false => Ok(own),
    }
}

/// IAM has no filter by name.
async fn listed(aws: &Aws, name: &str, scope: PolicyScopeType) -> Result<Vec<Policy>, CloudError> {
    let call = aws.iam.list_policies().scope(scope).into_paginator().page_size(1000);
    let policies = call.items().send().collect::<Result<Vec<_>, _>>().await;
    let mut policies = policies.named("iam:ListPolicies")?;
    policies.retain(|policy| policy.policy_name.as_deref() == Some(name));
    Ok(policies)
}
