//! Elastic Load Balancing: all load balancers and target groups with their tags, read once for the
//! kinds that need them; attributes, words and tags.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::Tag;
pub(crate) use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, TargetGroup};
use futures_util::future::try_join;
use landfall_model::{CloudError, TagChange, Tags, reference};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Aws;
use crate::batch::{batches, each};
use crate::error::Answer;
use crate::kind::{Kind, Scope};
use crate::sweep::Shared;

/// Describe calls take at most 20 ARNs or names.
const AT_ONCE: usize = 20;

/// The account's load balancers and target groups in the region, each read when first needed.
#[derive(Default)]
pub(crate) struct Estate {
    load_balancers: Shared<Vec<LoadBalancer>>,
    target_groups: Shared<Vec<TargetGroup>>,
    tags: Shared<HashMap<String, Tags>>,
}

impl Estate {
    /// All load balancers.
    pub async fn load_balancers(&self, aws: &Aws) -> Result<Arc<Vec<LoadBalancer>>, CloudError> {
        let read = || async {
            let pages = aws.elb.describe_load_balancers().into_paginator().items().send();
            let all = pages.collect::<Result<Vec<_>, _>>().await;
            all.named("elasticloadbalancing:DescribeLoadBalancers")
        };
        self.load_balancers.get(read).await
    }

    /// All target groups.
    pub async fn target_groups(&self, aws: &Aws) -> Result<Arc<Vec<TargetGroup>>, CloudError> {
        let read = || async {
            let pages = aws.elb.describe_target_groups().into_paginator().items().send();
            let all = pages.collect::<Result<Vec<_>, _>>().await;
            all.named("elasticloadbalancing:DescribeTargetGroups")
        };
        self.target_groups.get(read).await
    }

    /// The tags of both, by ARN: one call for up to 20 of them.
    pub async fn tags(&self, aws: &Aws) -> Result<Arc<HashMap<String, Tags>>, CloudError> {
        let read = || async {
            let both = try_join(self.load_balancers(aws), self.target_groups(aws));
            let (load_balancers, target_groups) = both.await?;
            let arns = load_balancers.iter().filter_map(|one| one.load_balancer_arn.clone());
            let groups = target_groups.iter().filter_map(|one| one.target_group_arn.clone());
            tags_of(aws, &arns.chain(groups).collect::<Vec<_>>()).await
        };
        self.tags.get(read).await
    }
}

/// Asks for things by ARN or name. Where one of a batch is gone AWS refuses the whole batch, so
/// each of it is asked for by itself then.
pub(crate) async fn existing<T, F>(
    keys: &[String],
    ask: impl Fn(Vec<String>) -> F,
) -> Result<Vec<T>, CloudError>
where
    F: Future<Output = Result<Option<Vec<T>>, CloudError>>,
{
    let mut found = Vec::new();
    for batch in keys.chunks(AT_ONCE) {
        match ask(batch.to_vec()).await? {
            Some(some) => found.extend(some),
            None if batch.len() == 1 => {}
            None => {
                let one_by_one = each(batch.to_vec(), |key| ask(vec![key])).await?;
                found.extend(one_by_one.into_iter().flatten().flatten());
            }
        }
    }
    Ok(found)
}

/// The known names of wanted things that have no identifier yet.
pub(crate) fn names_without_id<K: Kind>(
    scope: &Scope<'_, K>,
    name: impl Fn(&K::Spec) -> &str,
) -> Vec<String> {
    let without = scope.wanted.iter().filter(|want| want.id.is_none());
    let names = without.filter_map(|want| want.spec.as_ref().map(&name));
    let known = names.filter(|name| !name.is_empty() && reference::is_known(name));
    known.map(str::to_owned).collect()
}

/// The part of an ARN by which CloudWatch's metrics know the thing: `app/name/id` of a load
/// balancer, `targetgroup/name/id` of a target group.
pub(crate) fn arn_suffix(arn: &str) -> String {
    let resource = arn.rsplit(':').next().unwrap_or_default();
    resource.strip_prefix("loadbalancer/").unwrap_or(resource).to_owned()
}

/// AWS's rule for the names of load balancers and target groups: at most 32 letters, digits and
/// hyphens, none of them at an end. Empty and unknown names pass.
pub(crate) fn is_name(name: &str) -> bool {
    let fits = |name: &str| {
        name.len() <= 32
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !name.starts_with('-')
            && !name.ends_with('-')
    };
    name.is_empty() || !reference::is_known(name) || fits(name)
}

/// The spec's word for a value of an enumeration.
pub(crate) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The value that AWS's word stands for: the spec has the same in lower case, with underscores.
pub(crate) fn meant<T: DeserializeOwned>(aws: &str) -> Option<T> {
    let word = aws.to_lowercase().replace('-', "_");
    serde_json::from_value(Value::String(word)).ok()
}

/// Attributes as a Describe call gives them. One that is missing has its default.
pub(crate) struct Attributes(HashMap<String, String>);

impl Attributes {
    /// Puts keys and values together.
    pub fn new(pairs: impl IntoIterator<Item = (Option<String>, Option<String>)>) -> Attributes {
        let pairs = pairs.into_iter();
        Attributes(pairs.filter_map(|(key, value)| Some((key?, value?))).collect())
    }

    /// A text; an empty one is none.
    pub fn text(&self, key: &str) -> Option<String> {
        self.0.get(key).filter(|text| !text.is_empty()).cloned()
    }

    /// `true` or `false`, if it is either.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.0.get(key)?.parse().ok()
    }

    /// A number.
    pub fn number(&self, key: &str) -> Option<i32> {
        self.0.get(key)?.parse().ok()
    }

    /// A word of an enumeration.
    pub fn word<T: DeserializeOwned + Default>(&self, key: &str) -> T {
        self.0.get(key).and_then(|word| meant(word)).unwrap_or_default()
    }
}

/// Reads the tags of load balancers, target groups, listeners or rules, by ARN.
pub(crate) async fn tags_of(
    aws: &Aws,
    arns: &[String],
) -> Result<HashMap<String, Tags>, CloudError> {
    let found = batches(arns, AT_ONCE, |arns| async {
        let call = aws.elb.describe_tags().set_resource_arns(Some(arns));
        let answer = call.send().await.or_missing("elasticloadbalancing:DescribeTags")?;
        Ok(answer.and_then(|answer| answer.tag_descriptions).unwrap_or_default())
    });
    let found = found.await?.into_iter().filter_map(|described| {
        let pairs = described.tags.unwrap_or_default().into_iter();
        let tags = pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
        Some((described.resource_arn?, tags.collect()))
    });
    Ok(found.collect())
}

/// Those that carry all of the given tags. Where none are given AWS isn't asked.
pub(crate) async fn carry<T>(
    aws: &Aws,
    things: Vec<T>,
    arn: impl Fn(&T) -> Option<String>,
    wanted: &BTreeMap<String, String>,
) -> Result<Vec<T>, CloudError> {
    if wanted.is_empty() {
        return Ok(things);
    }
    let tags = tags_of(aws, &things.iter().filter_map(&arn).collect::<Vec<_>>()).await?;
    let carries = |thing: &T| {
        let tags = arn(thing).and_then(|arn| tags.get(&arn));
        tags.is_some_and(|tags| wanted.iter().all(|(key, value)| tags.get(key) == Some(value)))
    };
    Ok(things.into_iter().filter(carries).collect())
}

/// Tags for a create call.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect()
}

/// Changes the tags of a thing.
pub(crate) async fn retag(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let call = aws.elb.add_tags().resource_arns(arn).set_tags(Some(tags(&change.set)));
        call.send().await.named("elasticloadbalancing:AddTags")?;
    }
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        let call = aws.elb.remove_tags().resource_arns(arn).set_tag_keys(keys);
        call.send().await.named("elasticloadbalancing:RemoveTags")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_end_in_what_metrics_know() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/web/0a1b";
        assert_eq!(arn_suffix(arn), "app/web/0a1b");
        let arn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/0a1b";
        assert_eq!(arn_suffix(arn), "targetgroup/web/0a1b");
    }

    #[test]
    fn names_follow_the_rule() {
        assert!(is_name("") && is_name("a") && is_name("shop-web-1"));
        assert!(!is_name("-a") && !is_name("a-") && !is_name("a_b") && !is_name(&"a".repeat(33)));
    }
}
