//! EC2: filters by the stack's tags, and tags.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter, ResourceType, Tag, TagSpecification, Vpc};
use landfall_model::{CloudError, TagChange, Tags, tags};

use crate::Aws;
use crate::error::Answer;
use crate::kind::{Kind, Scope};

/// A filter of a Describe call.
pub(crate) fn filter(
    name: impl Into<String>,
    values: impl IntoIterator<Item = impl Into<String>>,
) -> Filter {
    let values = values.into_iter().map(Into::into).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// The filters that find a scope's things by the tags they were created with. Unlike a list of ids
/// they answer "nothing" while AWS has not caught up, in place of an error.
pub(crate) fn owned<K: Kind>(scope: &Scope<'_, K>) -> Vec<Filter> {
    let mut filters = vec![filter(format!("tag:{}", tags::STACK), [scope.stack])];
    if !scope.whole_stack {
        let addresses = scope.wanted.iter().map(|want| want.address.to_string());
        filters.push(filter(format!("tag:{}", tags::ADDRESS), addresses));
    }
    filters
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// Tags for a create call.
pub(crate) fn specification(of: ResourceType, tags: &Tags) -> TagSpecification {
    let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
    TagSpecification::builder().resource_type(of).set_tags(Some(tags)).build()
}

/// Tags as a Describe call gives them.
pub(crate) fn tags_of(tags: Option<Vec<Tag>>) -> Tags {
    let pairs = tags.unwrap_or_default().into_iter();
    pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

/// Changes the tags of a thing.
pub(crate) async fn retag(aws: &Aws, id: &str, change: &TagChange) -> Result<(), CloudError> {
    if !change.set.is_empty() {
        let tags = change.set.iter().map(|(key, value)| tag(key, value)).collect();
        let call = aws.ec2.create_tags().resources(id).set_tags(Some(tags));
        call.send().await.named("ec2:CreateTags")?;
    }
    if !change.remove.is_empty() {
        let tags = change.remove.iter().map(|key| Tag::builder().key(key).build()).collect();
        let call = aws.ec2.delete_tags().resources(id).set_tags(Some(tags));
        call.send().await.named("ec2:DeleteTags")?;
    }
    Ok(())
}

/// The filters of a lookup by `Name` tag and tags.
pub(crate) fn tagged(name: Option<&String>, tags: &BTreeMap<String, String>) -> Vec<Filter> {
    let name = name.map(|name| filter("tag:Name", [name]));
    let tags = tags.iter().map(|(key, value)| filter(format!("tag:{key}"), [value]));
    name.into_iter().chain(tags).collect()
}

/// An attribute's value, as the Modify calls take it.
pub(crate) fn boolean(value: bool) -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(value).build()
}

/// A call's result, with a refusal that says that there is nothing left to do counted as success.
pub(crate) fn accept<T>(result: Result<T, CloudError>, code: &str) -> Result<(), CloudError> {
    match result {
        Err(error) if error.code.as_deref() != Some(code) => Err(error),
        _ => Ok(()),
    }
}

/// Reads a VPC.
pub(crate) async fn vpc(aws: &Aws, id: &str) -> Result<Option<Vpc>, CloudError> {
    let call = aws.ec2.describe_vpcs().filters(filter("vpc-id", [id]));
    Ok(call.send().await.named("ec2:DescribeVpcs")?.vpcs.unwrap_or_default().pop())
}
