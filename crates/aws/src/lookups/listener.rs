//! `lookup.listener`: a listener that exists, by its load balancer and port.

use landfall_model::CloudError;
use landfall_model::types::Ref;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Lookup;
use crate::Aws;
use crate::error::Answer;
use crate::kinds::load_balancer::LoadBalancer;

/// `lookup.listener`.
pub enum ListenerLookup {}

/// Which listener.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The load balancer that listens.
    load_balancer: Ref<LoadBalancer>,
    /// The port on which it listens.
    port: i32,
}

/// What is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    /// Its ARN.
    arn: String,
}

impl Lookup for ListenerLookup {
    const NAME: &'static str = "listener";
    const YIELDS: &'static str = "listener";
    type Question = Question;
    type Answer = Answered;

    async fn answer(aws: &Aws, question: &Question) -> Result<Answered, CloudError> {
        let call = aws.elb.describe_listeners().load_balancer_arn(question.load_balancer.as_str());
        let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let found = found.or_missing("elasticloadbalancing:DescribeListeners")?;
        let mut found = found.unwrap_or_default();
        found.retain(|listener| listener.port == Some(question.port));
        let listener = super::only("listener", found)?;
        Ok(Answered { arn: listener.listener_arn.unwrap_or_default() })
    }
}
