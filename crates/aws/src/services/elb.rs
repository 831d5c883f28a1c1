//! Elastic Load Balancing: all load balancers and target groups with their tags, read once for the
//! kinds that need them, and tags.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancer, Tag, TargetGroup};
use futures_util::future::try_join;
use landfall_model::{CloudError, TagChange, Tags};

use crate::batch::batches;
use crate::error::Answer;
use crate::{Aws, Sweep};

/// `elasticloadbalancing:DescribeTags` takes at most 20 ARNs.
const TAGS_AT_ONCE: usize = 20;

/// The account's load balancers and target groups in the region.
#[derive(Debug, Default)]
pub struct Estate {
    /// All load balancers.
    pub load_balancers: Vec<LoadBalancer>,
    /// All target groups.
    pub target_groups: Vec<TargetGroup>,
    /// The tags of both, by ARN.
    pub tags: HashMap<String, Tags>,
}

impl Estate {
    async fn read(aws: &Aws) -> Result<Estate, CloudError> {
        let load_balancers = async {
            let pages = aws.elb.describe_load_balancers().into_paginator().items().send();
            let all = pages.collect::<Result<Vec<_>, _>>().await;
            all.named("elasticloadbalancing:DescribeLoadBalancers")
        };
        let target_groups = async {
            let pages = aws.elb.describe_target_groups().into_paginator().items().send();
            let all = pages.collect::<Result<Vec<_>, _>>().await;
            all.named("elasticloadbalancing:DescribeTargetGroups")
        };
        let (load_balancers, target_groups) = try_join(load_balancers, target_groups).await?;
        let arns = load_balancers.iter().filter_map(|one| one.load_balancer_arn.clone());
        let arns = arns.chain(target_groups.iter().filter_map(|one| one.target_group_arn.clone()));
        let tags = tags_of(aws, &arns.collect::<Vec<_>>()).await?;
        Ok(Estate { load_balancers, target_groups, tags })
    }

    /// The tags of a load balancer or target group.
    pub fn tags(&self, arn: &str) -> Tags {
        self.tags.get(arn).cloned().unwrap_or_default()
    }
}

impl Sweep {
    /// All load balancers and target groups.
    pub(crate) async fn balancing(&self, aws: &Aws) -> Result<Arc<Estate>, CloudError> {
        self.balancing.get(|| Estate::read(aws)).await
    }
}

/// Reads the tags of load balancers, target groups, listeners or rules, by ARN.
pub(crate) async fn tags_of(
    aws: &Aws,
    arns: &[String],
) -> Result<HashMap<String, Tags>, CloudError> {
    let found = batches(arns, TAGS_AT_ONCE, |arns| async {
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

/// Tags for a create call.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    // `build` fails only without a key.
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
