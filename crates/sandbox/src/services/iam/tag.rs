//! Tags in IAM: keys are not told apart by case (IAM guide, "Rules for tagging in IAM and AWS STS").

use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::{constraint, invalid, limit};
use super::{State, instance_profile, listing, name, oidc, policy, role, user};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

/// A tag as it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

/// Tags as they are shown.
pub(super) fn shown(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Tags as they are shown where there are any.
pub(super) fn shown_if_any(tags: &Tags) -> Value {
    if tags.is_empty() { Value::Null } else { shown(tags) }
}

/// The tags of a new thing.
pub(super) fn read(given: Vec<Tag>) -> Result<Tags, Refused> {
    let mut tags = Tags::new();
    add(&mut tags, given)?;
    Ok(tags)
}

fn add(tags: &mut Tags, given: Vec<Tag>) -> Result<(), Refused> {
    if given.len() > 50 {
        return Err(constraint("tags", "[...]", "have length less than or equal to 50"));
    }
    let mut keys: Vec<String> = given.iter().map(|tag| tag.key.to_lowercase()).collect();
    keys.sort();
    if keys.windows(2).any(|pair| pair.first() == pair.last()) {
        let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        return Err(invalid(message));
    }
    if let Some(key) = keys.iter().find(|key| key.starts_with("aws:")) {
        return Err(invalid(format!(
            "Invalid tag key: {key}. Tag keys starting with 'aws:' are reserved for system use"
        )));
    }
    let mut all = tags.clone();
    for (at, Tag { key, value }) in given.into_iter().enumerate() {
        let member = |part: &str| format!("tags.{}.member.{part}", at + 1);
        name::length(&member("key"), &key, 1, 128)?;
        name::length(&member("value"), &value, 0, 256)?;
        letters(&member("key"), &key).and_then(|()| letters(&member("value"), &value))?;
        all.retain(|known, _| known.to_lowercase() != key.to_lowercase());
        all.insert(key, value);
    }
    if all.len() > 50 {
        return Err(limit("The number of tags has reached the maximum limit."));
    }
    *tags = all;
    Ok(())
}

fn letters(member: &str, text: &str) -> Result<(), Refused> {
    let fits = |letter: char| {
        letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
    };
    if text.chars().all(fits) {
        return Ok(());
    }
    let rule = "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*";
    Err(constraint(member, text, rule))
}

fn remove(tags: &mut Tags, keys: &[String]) {
    tags.retain(|known, _| keys.iter().all(|key| key.to_lowercase() != known.to_lowercase()));
}

/// The three operations on the tags of one kind of thing, which `find` finds by what its
/// parameter names.
macro_rules! tagged {
    ($module:ident, $parameter:literal, $find:expr) => {
        pub(super) mod $module {
            use super::*;

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct Add {
                #[serde(rename = $parameter)]
                of: String,
                tags: Vec<Tag>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct Remove {
                #[serde(rename = $parameter)]
                of: String,
                tag_keys: Vec<String>,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct List {
                #[serde(rename = $parameter)]
                of: String,
                #[serde(default)]
                marker: Option<String>,
                #[serde(default)]
                max_items: Option<i64>,
            }

            fn find<'s>(state: &'s mut State, of: &str) -> Result<&'s mut Tags, Refused> {
                $find(state, of)
            }

            pub fn add(site: &mut Site<'_>, input: Add) -> Answer {
                super::add(find(&mut site.global_mut().iam, &input.of)?, input.tags)?;
                Ok(Value::Null)
            }

            pub fn remove(site: &mut Site<'_>, input: Remove) -> Answer {
                super::remove(find(&mut site.global_mut().iam, &input.of)?, &input.tag_keys);
                Ok(Value::Null)
            }

            pub fn list(site: &mut Site<'_>, input: List) -> Answer {
                let tags = find(&mut site.global_mut().iam, &input.of)?;
                let tags =
                    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
                let marker = input.marker.as_deref();
                listing::answer("Tags", tags, input.max_items, marker, &input.of)
            }
        }
    };
}

tagged!(of_role, "RoleName", |state, of| Ok(&mut role::find_mut(state, of)?.tags));
tagged!(of_user, "UserName", |state, of| Ok(&mut user::find_mut(state, of)?.tags));
tagged!(of_policy, "PolicyArn", |state, of| Ok(&mut policy::local_mut(state, of)?.tags));
tagged!(of_profile, "InstanceProfileName", |state, of| {
    Ok(&mut instance_profile::find_mut(state, of)?.tags)
});
tagged!(of_provider, "OpenIDConnectProviderArn", |state, of| {
    Ok(&mut oidc::find_mut(state, of)?.tags)
});
