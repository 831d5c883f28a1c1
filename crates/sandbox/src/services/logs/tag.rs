//! The tags of log groups, by ARN and, as of old, by name.

use serde::Deserialize;
use serde_json::{Value, json};

use super::group::{self, Group, Named};
use super::name::invalid;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::{self, Tags};
use crate::world::{ACCOUNT, Site};

/// Whether tags can be given to a new group.
pub fn check(tags: &Tags) -> Result<(), Refused> {
    tags::objection(tags).map_or(Ok(()), |objection| Err(invalid(objection)))
}

fn add(group: &mut Group, more: Tags) -> Answer {
    check(&more)?;
    let mut tags = group.tags.clone();
    tags.extend(more);
    if tags.len() > 50 {
        let message = format!("Tag limit exceeded for resource {}", group.arn);
        return Err(Refused::new("TooManyTagsException", message));
    }
    group.tags = tags;
    Ok(Value::Null)
}

/// A group by its ARN, which here has no `:*` (Logs API, TagResource).
fn by_arn<'s>(site: &'s mut Site<'_>, arn: &str) -> Result<&'s mut Group, Refused> {
    let parts = arn.splitn(7, ':').collect::<Vec<_>>();
    let ["arn", _, "logs", region, account, "log-group", name] = parts.as_slice() else {
        return Err(invalid(format!("Invalid resource ARN: {arn}")));
    };
    if name.ends_with(":*") {
        return Err(invalid(format!("The resource ARN must not end in :*: {arn}")));
    }
    if *region != site.name || *account != ACCOUNT {
        let message = "The specified resource does not exist.";
        return Err(Refused::new("ResourceNotFoundException", message));
    }
    group::of_mut(site, name)
}

/// The input of TagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TagResource {
    resource_arn: String,
    tags: Tags,
}

/// TagResource.
pub fn tag(site: &mut Site<'_>, input: TagResource) -> Answer {
    add(by_arn(site, &input.resource_arn)?, input.tags)
}

/// The input of UntagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

/// UntagResource.
pub fn untag(site: &mut Site<'_>, input: UntagResource) -> Answer {
    let group = by_arn(site, &input.resource_arn)?;
    group.tags.retain(|key, _| !input.tag_keys.contains(key));
    Ok(Value::Null)
}

/// The input of ListTagsForResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ListTags {
    resource_arn: String,
}

/// ListTagsForResource.
pub fn list(site: &mut Site<'_>, input: ListTags) -> Answer {
    Ok(json!({ "tags": by_arn(site, &input.resource_arn)?.tags }))
}

/// The input of TagLogGroup.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TagLogGroup {
    log_group_name: String,
    tags: Tags,
}

/// TagLogGroup.
pub fn tag_by_name(site: &mut Site<'_>, input: TagLogGroup) -> Answer {
    add(group::of_mut(site, &input.log_group_name)?, input.tags)
}

/// The input of UntagLogGroup.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UntagLogGroup {
    log_group_name: String,
    tags: Vec<String>,
}

/// UntagLogGroup.
pub fn untag_by_name(site: &mut Site<'_>, input: UntagLogGroup) -> Answer {
    let group = group::of_mut(site, &input.log_group_name)?;
    group.tags.retain(|key, _| !input.tags.contains(key));
    Ok(Value::Null)
}

/// ListTagsLogGroup.
pub fn list_by_name(site: &mut Site<'_>, input: Named) -> Answer {
    Ok(json!({ "tags": group::of(site, &input.log_group_name)?.tags }))
}
