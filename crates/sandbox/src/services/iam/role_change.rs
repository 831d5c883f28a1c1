//! Changes of roles.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{name, role, trust};
use crate::operations::Answer;
use crate::world::{Site, Wait};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Update {
    role_name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    max_session_duration: Option<i64>,
}

pub(super) fn update(site: &mut Site<'_>, input: Update) -> Answer {
    name::description(input.description.as_deref())?;
    if let Some(seconds) = input.max_session_duration {
        name::range("maxSessionDuration", seconds, 3600, 43200)?;
    }
    // Of a service-linked role people can change the description and nothing else (IAM guide, "Edit
    // a service-linked role").
    let state = &mut site.global_mut().iam;
    let role = match input.max_session_duration {
        Some(_) => role::find_to_change(state, &input.role_name)?,
        None => role::find_mut(state, &input.role_name)?,
    };
    // What is not sent stays as it is, whatever the documentation says of a default (tried live in
    // cdkd#1239).
    role.max_session_duration = input.max_session_duration.unwrap_or(role.max_session_duration);
    if let Some(text) = input.description {
        role.description = Some(text).filter(|text| !text.is_empty());
    }
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    role_name: String,
    description: String,
}

pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    name::description(Some(&input.description))?;
    let state = &mut site.global_mut().iam;
    let role = role::find_mut(state, &input.role_name)?;
    role.description = Some(input.description).filter(|text| !text.is_empty());
    let role = role::find(state, &input.role_name)?;
    let mut shown = role.outline(state);
    shown["Description"] = json!(role.description);
    Ok(json!({ "Role": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct UpdateTrust {
    role_name: String,
    policy_document: String,
}

pub(super) fn update_trust(site: &mut Site<'_>, input: UpdateTrust) -> Answer {
    let now = site.now();
    role::find_to_change(&mut site.global_mut().iam, &input.role_name)?;
    let trust = trust::accept(&site.global().iam, now, &input.policy_document)?;
    let from = now + site.takes(Wait::IamPropagation);
    let role = role::find_to_change(&mut site.global_mut().iam, &input.role_name)?;
    role.trust_from(trust, now, from);
    Ok(Value::Null)
}
