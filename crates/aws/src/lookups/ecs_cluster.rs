//! `lookup.ecs_cluster`: an ECS cluster that exists, by name.

use aws_sdk_ecs::types::Cluster;
use landfall_model::CloudError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;

/// `lookup.ecs_cluster`.
pub enum EcsClusterLookup {}

/// Which cluster.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name.
    name: String,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its name.
    name: String,
    /// Its ARN.
    arn: String,
}

impl Lookup for EcsClusterLookup {
    const NAME: &'static str = "ecs_cluster";
    const YIELDS: &'static str = "ecs_cluster";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let call = aws.ecs.describe_clusters().clusters(&question.name);
        let answer = call.send().await.named("ecs:DescribeClusters")?;
        let mut found = answer.clusters.unwrap_or_default();
        // A deleted cluster stays listed for a while.
        found.retain(|cluster: &Cluster| cluster.status.as_deref() == Some("ACTIVE"));
        let cluster = super::only("ECS cluster", found)?;
        Ok(Answered {
            name: cluster.cluster_name.unwrap_or_default(),
            arn: cluster.cluster_arn.unwrap_or_default(),
        })
    }
}
