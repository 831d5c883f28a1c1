//! The tags of keys.

use serde::Deserialize;
use serde_json::{Value, json};

use super::key::{of, of_mut};
use super::paged;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::{self, Tags};
use crate::world::Site;

/// A tag as KMS writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Tag {
    tag_key: String,
    tag_value: String,
}

/// The tags that are there after some more were given.
pub fn merged(tags: &Tags, more: Vec<Tag>) -> Result<Tags, Refused> {
    let mut tags = tags.clone();
    let more = more.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect::<Vec<_>>();
    let keys = more.iter().map(|(key, _)| key).collect::<std::collections::BTreeSet<_>>();
    if keys.len() < more.len() {
        return Err(Refused::new("TagException", "Duplicate tag keys"));
    }
    tags.extend(more);
    match tags::objection(&tags) {
        None => Ok(tags),
        Some(objection) => Err(Refused::new("TagException", objection)),
    }
}

/// The input of TagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TagResource {
    key_id: String,
    tags: Vec<Tag>,
}

/// TagResource.
pub fn tag(site: &mut Site<'_>, input: TagResource) -> Answer {
    let key = of_mut(site, &input.key_id)?;
    key.tags = merged(&key.tags, input.tags)?;
    Ok(Value::Null)
}

/// The input of UntagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UntagResource {
    key_id: String,
    tag_keys: Vec<String>,
}

/// UntagResource.
pub fn untag(site: &mut Site<'_>, input: UntagResource) -> Answer {
    let key = of_mut(site, &input.key_id)?;
    key.tags.retain(|key, _| !input.tag_keys.contains(key));
    Ok(Value::Null)
}

/// The input of ListResourceTags.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ListTags {
    key_id: String,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default)]
    marker: Option<String>,
}

/// ListResourceTags.
pub fn list(site: &mut Site<'_>, input: ListTags) -> Answer {
    let key = of(site, &input.key_id)?;
    let tags = key.tags.iter();
    let tags = tags.map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    let scope = format!("tags {}", key.id);
    let (tags, next) = paged(tags, input.limit, 50, input.marker.as_deref(), &scope)?;
    Ok(json!({ "Tags": tags, "Truncated": next.is_some(), "NextMarker": next }))
}
