//! ECS: tags.

use aws_sdk_ecs::types::Tag;
use landfall_model::{CloudError, TagChange, Tags};

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
