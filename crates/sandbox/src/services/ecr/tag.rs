//! The tags of repositories.

use serde::Deserialize;
use serde_json::{Value, json};

use super::constraint;
use super::repository::{self, Repository};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::{self, Tags};
use crate::world::{ACCOUNT, Site};

/// A tag as ECR writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Tag {
    key: String,
    value: String,
}

/// The tags that are there after some more were given.
pub fn merged(tags: &Tags, more: Vec<Tag>) -> Result<Tags, Refused> {
    let mut given = Tags::new();
    for Tag { key, value } in more {
        if given.contains_key(&key) {
            let message = format!("Duplicate tag keys found: {key}");
            return Err(Refused::new("InvalidTagParameterException", message));
        }
        given.insert(key, value);
    }
    if given.keys().chain(tags.keys()).collect::<std::collections::BTreeSet<_>>().len() > 50 {
        // ECR API, TooManyTagsException.
        let message = "The list of tags on the repository is over the limit. The maximum number \
                       of tags that can be applied to a repository is 50.";
        return Err(Refused::new("TooManyTagsException", message));
    }
    if let Some(objection) = tags::objection(&given) {
        let message = format!("An invalid parameter has been specified. {objection}");
        return Err(Refused::new("InvalidTagParameterException", message));
    }
    let mut tags = tags.clone();
    tags.extend(given);
    Ok(tags)
}

/// The input of TagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TagResource {
    resource_arn: String,
    tags: Vec<Tag>,
}

/// TagResource.
pub fn tag(site: &mut Site<'_>, input: TagResource) -> Answer {
    let repository = by_arn(site, &input.resource_arn)?;
    repository.tags = merged(&repository.tags, input.tags)?;
    Ok(Value::Null)
}

/// The input of UntagResource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UntagResource {
    resource_arn: String,
    tag_keys: Vec<String>,
}

/// UntagResource. Keys that are not there do not matter.
pub fn untag(site: &mut Site<'_>, input: UntagResource) -> Answer {
    let repository = by_arn(site, &input.resource_arn)?;
    if input.tag_keys.iter().any(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        let message = "An invalid parameter has been specified. Tag keys starting with aws: are \
                       reserved";
        return Err(Refused::new("InvalidTagParameterException", message));
    }
    repository.tags.retain(|key, _| !input.tag_keys.contains(key));
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
    let tags = &by_arn(site, &input.resource_arn)?.tags;
    let tags = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    Ok(json!({ "tags": tags.collect::<Vec<_>>() }))
}

fn by_arn<'s>(site: &'s mut Site<'_>, arn: &str) -> Result<&'s mut Repository, Refused> {
    let parts = arn.splitn(6, ':').collect::<Vec<_>>();
    let [_, "aws", "ecr", region, registry, resource] = parts.as_slice() else {
        return Err(constraint("resourceArn", "Invalid ARN"));
    };
    let Some(name) = resource.strip_prefix("repository/") else {
        return Err(constraint("resourceArn", "Invalid ARN"));
    };
    if *region != site.name || *registry != ACCOUNT {
        return Err(repository::not_found(registry, name));
    }
    repository::of_mut(site, None, name)
}
