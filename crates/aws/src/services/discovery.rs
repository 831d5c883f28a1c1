//! What carries the stack's tag, as far as AWS's indexes know.
//!
//! EC2's own index (`ec2:DescribeTags`) is current. The Resource Groups Tagging API knows most
//! other services, but learns of new things late and forgets deleted ones later still
//! (<https://github.com/aws/aws-cli/issues/8197>), and it knows no IAM roles. So it only tells
//! where to look for what the spec no longer names; the service's own Describe decides.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Filter;
use aws_sdk_resourcegroupstagging::types::TagFilter;
use futures_util::future::try_join;
use landfall_model::{CloudError, KindRules, Query, tags};

use crate::error::Answer;
use crate::kind::{Kind, Scope};
use crate::{Aws, Sweep};

/// A thing that an index lists under the stack's tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hint {
    /// Service and resource type, such as `ecr:repository`.
    pub resource_type: String,
    /// What follows the resource type in the ARN: a name, a path, an id.
    pub name: String,
    /// The ARN; for EC2 things the id.
    pub arn: String,
}

/// Everything that the indexes list.
#[derive(Clone, Debug, Default)]
pub struct Hints(BTreeSet<Hint>);

impl Hint {
    fn from_arn(arn: &str) -> Option<Hint> {
        let mut parts = arn.splitn(6, ':');
        let service = parts.nth(2)?;
        let resource = parts.nth(2)?;
        let (kind, name) = resource.split_once(['/', ':'])?;
        // CloudWatch Logs lists its ARNs with and without the wildcard for streams.
        let name = name.strip_suffix(":*").unwrap_or(name);
        Some(Hint {
            resource_type: format!("{service}:{kind}"),
            name: name.to_owned(),
            arn: arn.strip_suffix(":*").unwrap_or(arn).to_owned(),
        })
    }
}

impl Hints {
    async fn read(aws: &Aws, stack: &str) -> Result<Hints, CloudError> {
        let (tagged, in_ec2) = try_join(tagged(aws, stack), in_ec2(aws, stack)).await?;
        Ok(Hints(tagged.into_iter().chain(in_ec2).collect()))
    }

    /// The things of one resource type.
    pub fn of<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a Hint> {
        self.0.iter().filter(move |hint| hint.resource_type == resource_type)
    }
}

async fn tagged(aws: &Aws, stack: &str) -> Result<Vec<Hint>, CloudError> {
    let filter = TagFilter::builder().key(tags::STACK).values(stack).build();
    let mut hints = Vec::new();
    let mut token: Option<String> = None;
    loop {
        // Not the SDK's paginator: it takes the empty token of the last page for an error.
        let page = aws
            .tagging
            .get_resources()
            .tag_filters(filter.clone())
            .set_pagination_token(token)
            .send()
            .await
            .named("tag:GetResources")?;
        let arns = page.resource_tag_mapping_list.unwrap_or_default();
        hints.extend(arns.iter().filter_map(|found| Hint::from_arn(found.resource_arn()?)));
        token = page.pagination_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(hints);
        }
    }
}

async fn in_ec2(aws: &Aws, stack: &str) -> Result<Vec<Hint>, CloudError> {
    let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
    let tags = aws
        .ec2
        .describe_tags()
        .filters(filter("key", tags::STACK))
        .filters(filter("value", stack))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<_>, _>>()
        .await
        .named("ec2:DescribeTags")?;
    let hints = tags.into_iter().filter_map(|tag| {
        let resource_type = format!("ec2:{}", tag.resource_type?.as_str());
        let id = tag.resource_id?;
        Some(Hint { resource_type, name: id.clone(), arn: id })
    });
    Ok(hints.collect())
}

impl Sweep {
    /// What the indexes list for the stack.
    pub(crate) async fn hints(
        &self,
        aws: &Aws,
        stack: &str,
    ) -> Result<std::sync::Arc<Hints>, CloudError> {
        self.hints.get(|| Hints::read(aws, stack)).await
    }

    /// Whether the stack may own a thing of a kind that its spec doesn't name.
    pub(crate) async fn hinted(
        &self,
        aws: &Aws,
        query: &Query,
        rules: &KindRules,
    ) -> Result<bool, CloudError> {
        // No index knows IAM's things; they are read in one call for the whole account.
        if rules.service == "iam" {
            return Ok(true);
        }
        Ok(self.hints(aws, &query.stack).await?.of(rules.resource_type).next().is_some())
    }
}

impl<K: Kind> Scope<'_, K> {
    /// The names of this kind's things that the indexes list for the stack; none where the scope
    /// is not the whole stack.
    pub(crate) async fn hinted_names(&self, aws: &Aws) -> Result<Vec<String>, CloudError> {
        if !self.whole_stack {
            return Ok(Vec::new());
        }
        let hints = self.sweep.hints(aws, self.stack).await?;
        Ok(hints.of(K::RULES.resource_type).map(|hint| hint.name.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_all_shapes_are_read() {
        let hint = |arn| Hint::from_arn(arn).map(|hint| (hint.resource_type, hint.name));
        let of = |kind: &str, name: &str| Some((kind.to_owned(), name.to_owned()));
        assert_eq!(
            hint("arn:aws:ecr:us-east-1:123456789012:repository/web/app"),
            of("ecr:repository", "web/app")
        );
        assert_eq!(
            hint("arn:aws:logs:us-east-1:123456789012:log-group:/ecs/app:*"),
            of("logs:log-group", "/ecs/app")
        );
        assert_eq!(hint("arn:aws:s3:::bucket"), None);
    }
}
