//! Attributes of container instances. As there are no instances, there are none.

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::invalid;
use super::{cluster, paging};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ChangeAttributes {
    #[serde(default)]
    cluster: Option<String>,
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Attribute {
    name: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    target_type: Option<String>,
    #[serde(default)]
    target_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ListAttributes {
    #[serde(default)]
    cluster: Option<String>,
    target_type: String,
    #[serde(default)]
    attribute_name: Option<String>,
    #[serde(default)]
    attribute_value: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

/// `PutAttributes` and `DeleteAttributes`: 1 to 10 attributes, each of a target that exists.
pub(super) fn change(site: &mut Site<'_>, input: ChangeAttributes) -> Answer {
    cluster::named(site, input.cluster.as_deref())?;
    if input.attributes.is_empty() {
        return Err(invalid("attributes can not be empty"));
    }
    if input.attributes.len() > 10 {
        return Err(invalid("attributes can not have more than 10 elements"));
    }
    for attribute in &input.attributes {
        check(attribute)?;
    }
    let target = input.attributes.iter().find_map(|attribute| attribute.target_id.as_deref());
    let Some(target) = target else { return Err(invalid("targetId can not be empty")) };
    let message = format!("Could not find {target}");
    Err(Refused::new("TargetNotFoundException", message))
}

/// ECS API, Attribute: up to 128 letters, numbers and `-_./` in a name, and up to 128 characters
/// in a value.
fn check(attribute: &Attribute) -> Result<(), Refused> {
    let Attribute { name, value, target_type, .. } = attribute;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_./\\".contains(letter);
    if !(1..=128).contains(&name.len()) || !name.chars().all(fits) {
        return Err(invalid(format!("The attribute name {name} is not valid.")));
    }
    if value.as_ref().is_some_and(|value| value.len() > 128) {
        return Err(invalid(format!("The value of the attribute {name} is too long.")));
    }
    check_target(target_type.as_deref().unwrap_or("container-instance"))
}

fn check_target(target: &str) -> Result<(), Refused> {
    if target == "container-instance" {
        return Ok(());
    }
    Err(invalid("targetType must be container-instance"))
}

/// `ListAttributes`.
pub(super) fn list(site: &mut Site<'_>, input: ListAttributes) -> Answer {
    let name = cluster::named(site, input.cluster.as_deref())?.name.clone();
    check_target(&input.target_type)?;
    if input.attribute_value.is_some() && input.attribute_name.is_none() {
        return Err(invalid("attributeName is required with attributeValue"));
    }
    let scope = format!("ListAttributes {name}");
    let token = input.next_token.as_deref();
    let (found, next) = paging::page(Vec::<Value>::new(), (input.max_results, 100), token, &scope)?;
    Ok(json!({ "attributes": found, "nextToken": next }))
}
