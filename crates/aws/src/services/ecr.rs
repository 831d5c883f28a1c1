//! ECR: tags.

use aws_sdk_ecr::types::Tag;
use landfall_model::{CloudError, TagChange, Tags};

use crate::Aws;
use crate::error::Answer;

/// Tags for a create call.
pub(crate) fn tags(tags: &Tags) -> Vec<Tag> {
    // `build` fails only without a key.
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.filter_map(Result::ok).collect()
}

/// Reads the tags of a repository.
pub(crate) async fn tags_of(aws: &Aws, arn: &str) -> Result<Tags, CloudError> {
    let call = aws.ecr.list_tags_for_resource().resource_arn(arn);
    let answer = call.send().await.or_missing("ecr:ListTagsForResource")?;
    let tags = answer.and_then(|answer| answer.tags).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Changes the tags of a repository.
pub(crate) async fn retag(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let call = aws.ecr.tag_resource().resource_arn(arn).set_tags(Some(tags(&change.set)));
        call.send().await.named("ecr:TagResource")?;
    }
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        let call = aws.ecr.untag_resource().resource_arn(arn).set_tag_keys(keys);
        call.send().await.named("ecr:UntagResource")?;
    }
    Ok(())
}
