//! Access keys of users.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::refusal::{constraint, missing, over_quota, validation};
use super::{State, caller, date, listing, unique_id, user};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// An access key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// `Active` or `Inactive`.
    pub status: String,
    /// When it was made.
    pub created: Time,
}

/// The name of the user that is meant. The caller's own keys are none of the sandbox's.
fn named(name: Option<String>) -> Result<String, Refused> {
    name.ok_or_else(|| validation("Must specify userName when calling with non-User credentials"))
}

fn unknown(id: &str) -> Refused {
    missing(format!("The Access Key with id {id} cannot be found."))
}

/// Of which user a key is.
pub(super) fn owner<'s>(state: &'s State, id: &str) -> Result<&'s user::User, Refused> {
    let mut users = state.users.values();
    users.find(|user| user.keys.iter().any(|key| key.id == id)).ok_or_else(|| unknown(id))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct Create {
    user_name: Option<String>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let name = named(input.user_name)?;
    // IAM guide, quotas: two access keys for each user.
    if user::find(&site.global().iam, &name)?.keys.len() >= 2 {
        return Err(over_quota("AccessKeysPerUser", 2));
    }
    let key = AccessKey {
        id: unique_id::new(site, "AKIA").chars().take(20).collect(),
        status: "Active".to_owned(),
        created: site.now(),
    };
    let secret = secret(site);
    let shown = json!({
        "UserName": name,
        "AccessKeyId": key.id,
        "Status": key.status,
        "SecretAccessKey": secret,
        "CreateDate": date(key.created),
    });
    user::find_mut(&mut site.global_mut().iam, &name)?.keys.push(key);
    Ok(json!({ "AccessKey": shown }))
}

/// A new secret; nobody keeps it, as every signature is taken.
pub(crate) fn secret(site: &mut Site<'_>) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    site.world.chance.letters(LETTERS, 40)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct List {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn list(site: &mut Site<'_>, input: List) -> Answer {
    let keys = match &input.user_name {
        None => Vec::new(),
        Some(name) => {
            let shown = |key: &AccessKey| {
                json!({
                    "UserName": name,
                    "AccessKeyId": key.id,
                    "Status": key.status,
                    "CreateDate": date(key.created),
                })
            };
            user::find(&site.global().iam, name)?.keys.iter().map(shown).collect()
        }
    };
    let scope = input.user_name.unwrap_or_default();
    listing::answer("AccessKeyMetadata", keys, input.max_items, input.marker.as_deref(), &scope)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Update {
    #[serde(default)]
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

pub(super) fn update(site: &mut Site<'_>, input: Update) -> Answer {
    if !["Active", "Inactive"].contains(&input.status.as_str()) {
        let rule = "satisfy enum value set: [Active, Inactive]";
        return Err(constraint("status", rule));
    }
    let id = &input.access_key_id;
    let state = &mut site.global_mut().iam;
    let name = owner_name(state, input.user_name, id)?;
    let user = user::find_mut(state, &name)?;
    let key = user.keys.iter_mut().find(|key| key.id == *id).ok_or_else(|| unknown(id))?;
    key.status = input.status;
    Ok(Value::Null)
}

fn owner_name(state: &State, given: Option<String>, id: &str) -> Result<String, Refused> {
    match given {
        Some(name) => Ok(name),
        None => owner(state, id).map(|user| user.name.clone()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    #[serde(default)]
    user_name: Option<String>,
    access_key_id: String,
}

pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let id = &input.access_key_id;
    let state = &mut site.global_mut().iam;
    let name = owner_name(state, input.user_name, id)?;
    let user = user::find_mut(state, &name)?;
    let at = user.keys.iter().position(|key| key.id == *id).ok_or_else(|| unknown(id))?;
    user.keys.remove(at);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct LastUsed {
    access_key_id: String,
}

pub(super) fn last_used(site: &mut Site<'_>, input: LastUsed) -> Answer {
    let id = &input.access_key_id;
    let user = owner(&site.global().iam, id).map_err(|_| {
        let caller = caller::arn();
        let message = format!(
            "User: {caller} is not authorized to perform iam:GetAccessKeyLastUsed on resource: \
             access key {id}"
        );
        Refused::new("AccessDenied", message).status(403)
    })?;
    // IAM API, AccessKeyLastUsed: "N/A" for a key that was never used.
    Ok(json!({
        "UserName": user.name,
        "AccessKeyLastUsed": { "ServiceName": "N/A", "Region": "N/A" },
    }))
}
