//! Tags of load balancers, target groups, listeners and rules.

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::Kind;
use super::constraint::{invalid, length};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::{self, Tags};
use crate::world::Site;

/// A tag as it comes and goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

/// The tags of a create call. ELB API: a key may not come twice.
pub fn given(list: Option<Vec<Tag>>) -> Result<Tags, Refused> {
    let Some(list) = list.filter(|list| !list.is_empty()) else { return Ok(Tags::new()) };
    let tags = read(list)?;
    check(&tags)?;
    Ok(tags)
}

fn read(list: Vec<Tag>) -> Result<Tags, Refused> {
    if list.is_empty() {
        return Err(invalid("Tags cannot be empty"));
    }
    let mut tags = Tags::new();
    for Tag { key, value } in list {
        length("tags.member.key", &key, 1, 128)?;
        length("tags.member.value", &value, 0, 256)?;
        if let Some(bad) = key.chars().chain(value.chars()).find(|letter| !allowed(*letter)) {
            return Err(invalid(format!("The tag '{key}' has a character not allowed: '{bad}'")));
        }
        if tags.insert(key.clone(), value).is_some() {
            let message = format!("A tag key was specified more than once: {key}");
            return Err(Refused::new("DuplicateTagKeys", message));
        }
    }
    Ok(tags)
}

/// ELB API, Tag: the pattern of keys and values.
fn allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
}

fn check(tags: &Tags) -> Result<(), Refused> {
    if tags.len() > 50 {
        let message = "The maximum number of tags for a resource is 50";
        return Err(Refused::new("TooManyTags", message));
    }
    tags::objection(tags).map_or(Ok(()), |objection| Err(invalid(objection)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Add {
    resource_arns: Vec<String>,
    tags: Vec<Tag>,
}

pub(super) fn add(site: &mut Site<'_>, input: Add) -> Answer {
    let added = read(input.tags)?;
    all_exist(site, &input.resource_arns)?;
    for arn in &input.resource_arns {
        let mut tags = tags_of(site, arn)?.clone();
        tags.extend(added.clone());
        check(&tags)?;
    }
    for arn in &input.resource_arns {
        tags_of(site, arn)?.extend(added.clone());
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Remove {
    resource_arns: Vec<String>,
    tag_keys: Vec<String>,
}

pub(super) fn remove(site: &mut Site<'_>, input: Remove) -> Answer {
    if input.tag_keys.is_empty() {
        return Err(invalid("Tag keys cannot be empty"));
    }
    all_exist(site, &input.resource_arns)?;
    for arn in &input.resource_arns {
        tags_of(site, arn)?.retain(|key, _| !input.tag_keys.contains(key));
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    resource_arns: Vec<String>,
}

pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    if input.resource_arns.len() > 20 {
        return Err(invalid("Cannot have more than 20 resources described"));
    }
    all_exist(site, &input.resource_arns)?;
    let mut described = Vec::new();
    for arn in &input.resource_arns {
        described.push(json!({ "ResourceArn": arn, "Tags": listed(tags_of(site, arn)?) }));
    }
    Ok(json!({ "TagDescriptions": described }))
}

fn listed(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Refuses before anything is changed.
fn all_exist(site: &mut Site<'_>, arns: &[String]) -> Result<(), Refused> {
    if arns.is_empty() {
        return Err(invalid("Resource ARNs cannot be empty"));
    }
    arns.iter().try_for_each(|arn| tags_of(site, arn).map(|_| ()))
}

fn tags_of<'s>(site: &'s mut Site<'_>, arn: &str) -> Result<&'s mut Tags, Refused> {
    let kind = Kind::of(arn);
    let state = &mut site.region_mut().elb;
    let tags = match kind {
        None => return Err(invalid(format!("'{arn}' is not a valid ARN"))),
        Some(Kind::LoadBalancer) => state.load_balancers.get_mut(arn).map(|thing| &mut thing.tags),
        Some(Kind::TargetGroup) => state.target_groups.get_mut(arn).map(|thing| &mut thing.tags),
        Some(Kind::Listener) => state.listeners.get_mut(arn).map(|thing| &mut thing.tags),
        Some(Kind::Rule) => state.rules.get_mut(arn).map(|thing| &mut thing.tags),
        Some(Kind::TrustStore) => None,
    };
    tags.ok_or_else(|| {
        let kind = kind.unwrap_or(Kind::LoadBalancer);
        kind.not_found(format!("The following {} not found: '{arn}'", kind.plural()))
    })
}
