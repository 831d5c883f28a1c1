//! Tags in IAM (IAM guide, "Rules for tagging in IAM and AWS STS").

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

/// Whether keys that differ in their case are different keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// They are the same: on roles and users.
    AnyCase,
    /// They are different: on everything else.
    Exact,
}

impl Keys {
    fn folded(self, key: &str) -> String {
        match self {
            Keys::AnyCase => key.to_lowercase(),
            Keys::Exact => key.to_owned(),
        }
    }

    fn remove(self, tags: &mut Tags, keys: &[String]) {
        tags.retain(|known, _| keys.iter().all(|key| self.folded(key) != self.folded(known)));
    }

    fn add(self, tags: &mut Tags, given: Vec<Tag>) -> Result<(), Refused> {
        check(&given)?;
        let mut keys: Vec<String> = given.iter().map(|tag| self.folded(&tag.key)).collect();
        keys.sort();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            let hint = match self {
                Keys::AnyCase => " Please note that Tag keys are case insensitive.",
                Keys::Exact => "",
            };
            return Err(invalid(format!("Duplicate tag keys found.{hint}")));
        }
        let mut all = tags.clone();
        for Tag { key, value } in given {
            all.retain(|known, _| self.folded(known) != self.folded(&key));
            all.insert(key, value);
        }
        if all.len() > MOST {
            return Err(limit("The number of tags has reached the maximum limit."));
        }
        *tags = all;
        Ok(())
    }
}

/// IAM guide, quotas: tags that can be attached to a thing.
const MOST: usize = 50;

/// The tags of a new thing.
pub(super) fn read(given: Vec<Tag>, keys: Keys) -> Result<Tags, Refused> {
    let mut tags = Tags::new();
    keys.add(&mut tags, given)?;
    Ok(tags)
}

fn check(given: &[Tag]) -> Result<(), Refused> {
    if given.len() > MOST {
        return Err(constraint("tags", "have length less than or equal to 50"));
    }
    for (at, Tag { key, value }) in given.iter().enumerate() {
        let member = |part: &str| format!("tags.{}.member.{part}", at + 1);
        name::length(&member("key"), key, 1, 128)?;
        name::length(&member("value"), value, 0, 256)?;
        for (part, text, pattern) in [("key", key, "+"), ("value", value, "*")] {
            if !text.chars().all(fits) {
                let rule = format!("satisfy regular expression pattern: {LETTERS}{pattern}");
                return Err(constraint(&member(part), &rule));
            }
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid(format!(
                "Invalid tag key: {key}. Tag keys starting with 'aws:' are reserved for system use"
            )));
        }
    }
    Ok(())
}

const LETTERS: &str = "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]";

fn fits(letter: char) -> bool {
    let space = letter.is_whitespace() && !letter.is_control();
    letter.is_alphanumeric() || space || "_.:/=+-@".contains(letter)
}

fn check_keys(keys: &[String]) -> Result<(), Refused> {
    if keys.len() > MOST {
        return Err(constraint("tagKeys", "have length less than or equal to 50"));
    }
    let good = |key: &String| (1..=128).contains(&key.chars().count()) && key.chars().all(fits);
    if keys.iter().all(good) {
        return Ok(());
    }
    let rule = format!(
        "satisfy constraint: [Member must have length less than or equal to 128, Member must have \
         length greater than or equal to 1, Member must satisfy regular expression pattern: \
         {LETTERS}+, Member must not be null]"
    );
    Err(constraint("tagKeys", &rule))
}

/// The three operations on the tags of one kind of thing, which `find` finds by what its
/// parameter names.
macro_rules! tagged {
    ($module:ident, $parameter:literal, $keys:expr, $find:expr) => {
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
                check(&input.tags)?;
                $keys.add(find(&mut site.global_mut().iam, &input.of)?, input.tags)?;
                Ok(Value::Null)
            }

            pub fn remove(site: &mut Site<'_>, input: Remove) -> Answer {
                check_keys(&input.tag_keys)?;
                $keys.remove(find(&mut site.global_mut().iam, &input.of)?, &input.tag_keys);
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

tagged!(of_role, "RoleName", Keys::AnyCase, |state, of| Ok(&mut role::find_mut(state, of)?.tags));
tagged!(of_user, "UserName", Keys::AnyCase, |state, of| Ok(&mut user::find_mut(state, of)?.tags));
tagged!(of_policy, "PolicyArn", Keys::Exact, |state, of| Ok(&mut policy::local_mut(
    state,
    of,
    "tag policies"
)?
.tags));
tagged!(of_profile, "InstanceProfileName", Keys::Exact, |state, of| {
    Ok(&mut instance_profile::find_mut(state, of)?.tags)
});
tagged!(of_provider, "OpenIDConnectProviderArn", Keys::Exact, |state, of| {
    Ok(&mut oidc::find_mut(state, of)?.tags)
});
