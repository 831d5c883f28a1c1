//! `lookup.iam_role`: a role that exists, by its name.

use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;

/// `lookup.iam_role`.
pub enum IamRoleLookup {}

/// Which role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name, without its path.
    name: String,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its name.
    name: String,
    /// Its ARN.
    arn: String,
    /// The id by which AWS tells it from a later role of the same name.
    unique_id: String,
}

impl Lookup for IamRoleLookup {
    const NAME: &'static str = "iam_role";
    const YIELDS: &'static str = "iam_role";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let call = aws.iam.get_role().role_name(&question.name);
        let answer = call.send().await.or_missing("iam:GetRole")?;
        let role = answer.and_then(|answer| answer.role).into_iter().collect();
        let role = super::only(&format!("role named {}", question.name), role)?;
        Ok(Answered { name: role.role_name, arn: role.arn, unique_id: role.role_id })
    }
}
