//! CloudWatch Logs: tags. Its tagging calls take a group's ARN without the `:*` for streams.

use landfall_model::{CloudError, TagChange, Tags};

use crate::Aws;
use crate::error::Answer;

/// Reads the tags of a log group.
pub(crate) async fn tags_of(aws: &Aws, arn: &str) -> Result<Tags, CloudError> {
    let call = aws.logs.list_tags_for_resource().resource_arn(arn);
    let answer = call.send().await.or_missing("logs:ListTagsForResource")?;
    Ok(answer.and_then(|answer| answer.tags).unwrap_or_default().into_iter().collect())
}

/// Changes the tags of a log group.
pub(crate) async fn retag(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let tags = change.set.clone().into_iter().collect();
        let call = aws.logs.tag_resource().resource_arn(arn).set_tags(Some(tags));
        call.send().await.named("logs:TagResource")?;
    }
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        let call = aws.logs.untag_resource().resource_arn(arn).set_tag_keys(keys);
        call.send().await.named("logs:UntagResource")?;
    }
    Ok(())
}
