//! ECS: tags, AWS's spelling of words, and what ARNs tell.

use aws_sdk_ecs::types::{CapacityProviderStrategyItem, Tag};
use landfall_model::{CloudError, Finding, TagChange, Tags};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Aws;
use crate::error::Answer;

/// Tags for a create call.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

/// Tags as a Describe call gives them.
pub(crate) fn tags_of(tags: Option<Vec<Tag>>) -> Tags {
    let pairs = tags.unwrap_or_default().into_iter();
    pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

/// Changes the tags of a cluster, service or task definition.
pub(crate) async fn retag(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let call = aws.ecs.tag_resource().resource_arn(arn).set_tags(Some(tags(&change.set)));
        call.send().await.named("ecs:TagResource")?;
    }
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        let call = aws.ecs.untag_resource().resource_arn(arn).set_tag_keys(keys);
        call.send().await.named("ecs:UntagResource")?;
    }
    Ok(())
}

/// A word of one of our enumerations, as it stands in a spec.
pub(crate) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The same in AWS's capitals.
pub(crate) fn capitals(value: &impl Serialize) -> String {
    word(value).to_uppercase()
}

/// AWS's word as one of our enumerations'; `None` for one that they don't know.
pub(crate) fn spoken<T: DeserializeOwned>(word: &str) -> Option<T> {
    let word = word.to_lowercase().replace('-', "_");
    serde_json::from_value(Value::String(word)).ok()
}

/// What AWS gives as an empty string where it has nothing.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The name at the end of an ARN; a bare name is one already.
pub(crate) fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A share of a service's or cluster's tasks that a capacity provider takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapacityProvider {
    /// The capacity provider: `FARGATE`, `FARGATE_SPOT`, or one of the account's own.
    pub provider: String,
    /// Its share of the tasks beyond `base`, relative to the others' weights. Default: 0.
    #[serde(default)]
    pub weight: i32,
    /// How many tasks it takes before the weights count. Default: 0.
    #[serde(default)]
    pub base: i32,
}

impl CapacityProvider {
    pub(crate) fn to_aws(&self) -> Option<CapacityProviderStrategyItem> {
        let item = CapacityProviderStrategyItem::builder().capacity_provider(&self.provider);
        // `build` fails only without a provider.
        item.weight(self.weight).base(self.base).build().ok()
    }

    pub(crate) fn of(item: &CapacityProviderStrategyItem) -> CapacityProvider {
        CapacityProvider {
            provider: item.capacity_provider.clone(),
            weight: item.weight,
            base: item.base,
        }
    }
}

/// What AWS asks of a strategy
/// (<https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html>).
pub(crate) fn check_strategy<'a>(
    field: &str,
    strategy: impl IntoIterator<Item = &'a CapacityProvider>,
) -> Vec<Finding> {
    let strategy: Vec<&CapacityProvider> = strategy.into_iter().collect();
    let mut findings = Vec::new();
    for (index, item) in strategy.iter().enumerate() {
        if !(0..=1000).contains(&item.weight) {
            let at = format!("{field}[{index}].weight");
            findings.push(Finding::field(&at, "a weight goes from 0 to 1000"));
        }
        if !(0..=100_000).contains(&item.base) {
            let at = format!("{field}[{index}].base");
            findings.push(Finding::field(&at, "a base goes from 0 to 100000"));
        }
        let capitals = item.provider.to_uppercase();
        if capitals != item.provider && ["FARGATE", "FARGATE_SPOT"].contains(&&*capitals) {
            let at = format!("{field}[{index}].provider");
            let message = format!("AWS writes this capacity provider `{capitals}`");
            findings.push(Finding::field(&at, message).help(format!("write {capitals}")));
        }
    }
    if strategy.iter().filter(|item| item.base > 0).count() > 1 {
        findings.push(Finding::field(field, "only one capacity provider can have a base"));
    }
    if !strategy.is_empty() && strategy.iter().all(|item| item.weight == 0) {
        let message = "no capacity provider has a weight above 0, so no task could be placed";
        findings.push(Finding::field(field, message).help("add `weight: 1` to one of them"));
    }
    if strategy.len() > 20 {
        findings.push(Finding::field(field, "a strategy has at most 20 capacity providers"));
    }
    findings
}
