//! The tags of certificates.

use serde::Deserialize;
use serde_json::{Value, json};

use super::certificate::{Named, of, of_mut};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::{self, Tags};
use crate::world::Site;

/// A tag as ACM writes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Tag {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

/// The tags that are there after some more were given.
pub fn merged(tags: &Tags, more: Vec<Tag>) -> Result<Tags, Refused> {
    let mut tags = tags.clone();
    tags.extend(more.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())));
    if tags.len() > 50 {
        let message = "The request contains too many tags: at most 50 are possible";
        return Err(Refused::new("TooManyTagsException", message));
    }
    match tags::objection(&tags) {
        None => Ok(tags),
        Some(objection) => Err(Refused::new("InvalidTagException", objection)),
    }
}

/// The input of AddTagsToCertificate and RemoveTagsFromCertificate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Change {
    certificate_arn: String,
    tags: Vec<Tag>,
}

/// AddTagsToCertificate.
pub fn add(site: &mut Site<'_>, input: Change) -> Answer {
    let certificate = of_mut(site, &input.certificate_arn)?;
    certificate.tags = merged(&certificate.tags, input.tags)?;
    Ok(Value::Null)
}

/// RemoveTagsFromCertificate. ACM API: with a value, only if the tag has it.
pub fn remove(site: &mut Site<'_>, input: Change) -> Answer {
    let certificate = of_mut(site, &input.certificate_arn)?;
    certificate.tags.retain(|key, value| {
        let named = |tag: &Tag| tag.key == *key && tag.value.as_ref().is_none_or(|v| v == value);
        !input.tags.iter().any(named)
    });
    Ok(Value::Null)
}

/// ListTagsForCertificate.
pub fn list(site: &mut Site<'_>, input: Named) -> Answer {
    let tags = of(site, &input.certificate_arn)?.tags.iter();
    let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "Tags": tags.collect::<Vec<_>>() }))
}

/// The input of TagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

/// TagResource.
pub fn tag_resource(site: &mut Site<'_>, input: TagResource) -> Answer {
    add(site, Change { certificate_arn: input.resource_arn, tags: input.tags })
}

/// The input of UntagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

/// UntagResource.
pub fn untag_resource(site: &mut Site<'_>, input: UntagResource) -> Answer {
    let certificate = of_mut(site, &input.resource_arn)?;
    certificate.tags.retain(|key, _| !input.tag_keys.contains(key));
    Ok(Value::Null)
}

/// The input of ListTagsForResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct ListResource {
    resource_arn: String,
}

/// ListTagsForResource.
pub fn list_resource(site: &mut Site<'_>, input: ListResource) -> Answer {
    list(site, Named { certificate_arn: input.resource_arn })
}
