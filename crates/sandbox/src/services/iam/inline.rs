//! Inline policies.

use serde::Deserialize;
use serde_json::{Value, json};

use super::document::{self, Purpose};
use super::grants::Holder;
use super::refusal::{limit, missing};
use super::{listing, name};
use crate::operations::Answer;
use crate::world::Site;

fn put(site: &mut Site<'_>, holder: Holder, of: &str, policy: String, text: String) -> Answer {
    name::check("policyName", &policy, 128)?;
    let state = &mut site.global_mut().iam;
    let grants = holder.grants_mut(state, of)?;
    document::read(&text, Purpose::Inline)?;
    let others = grants.inline.iter().filter(|(name, _)| **name != policy);
    let total = others.map(|(_, text)| document::size(text)).sum::<usize>() + document::size(&text);
    let most = holder.inline_limit();
    if total > most {
        let word = holder.word();
        return Err(limit(format!("Maximum policy size of {most} bytes exceeded for {word} {of}")));
    }
    grants.inline.insert(policy, text);
    Ok(Value::Null)
}

fn get(site: &Site<'_>, holder: Holder, of: &str, policy: &str) -> Answer {
    let grants = holder.grants(&site.global().iam, of)?;
    let text = grants.inline.get(policy).ok_or_else(|| unknown(holder, policy))?;
    let title = format!("{}Name", holder.title());
    Ok(json!({ title: of, "PolicyName": policy, "PolicyDocument": document::encoded(text) }))
}

fn delete(site: &mut Site<'_>, holder: Holder, of: &str, policy: &str) -> Answer {
    let grants = holder.grants_mut(&mut site.global_mut().iam, of)?;
    grants.inline.remove(policy).ok_or_else(|| unknown(holder, policy))?;
    Ok(Value::Null)
}

fn unknown(holder: Holder, policy: &str) -> crate::refused::Refused {
    missing(format!("The {} policy with name {policy} cannot be found.", holder.word()))
}

macro_rules! inline_policies {
    ($module:ident, $holder:expr, $parameter:literal) => {
        pub(super) mod $module {
            use super::*;

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct Put {
                #[serde(rename = $parameter)]
                of: String,
                policy_name: String,
                policy_document: String,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct One {
                #[serde(rename = $parameter)]
                of: String,
                policy_name: String,
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

            pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
                super::put(site, $holder, &input.of, input.policy_name, input.policy_document)
            }

            pub fn get(site: &mut Site<'_>, input: One) -> Answer {
                super::get(site, $holder, &input.of, &input.policy_name)
            }

            pub fn delete(site: &mut Site<'_>, input: One) -> Answer {
                super::delete(site, $holder, &input.of, &input.policy_name)
            }

            pub fn list(site: &mut Site<'_>, input: List) -> Answer {
                let grants = $holder.grants(&site.global().iam, &input.of)?;
                let names = grants.inline.keys().map(|name| Value::from(name.as_str())).collect();
                let marker = input.marker.as_deref();
                listing::answer("PolicyNames", names, input.max_items, marker, &input.of)
            }
        }
    };
}

inline_policies!(of_role, Holder::Role, "RoleName");
inline_policies!(of_user, Holder::User, "UserName");
inline_policies!(of_group, Holder::Group, "GroupName");
