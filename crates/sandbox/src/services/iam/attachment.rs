//! Managed policies on roles, users and groups.

use serde::Deserialize;
use serde_json::Value;

use super::grants::{self, Holder};
use super::refusal::{missing, over_quota};
use super::{listing, name};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// IAM guide, quotas: managed policies attached to a role, a user or a group.
const MOST: usize = 10;

fn attach(site: &mut Site<'_>, holder: Holder, of: &str, policy: String) -> Answer {
    name::arn("policyArn", &policy)?;
    let state = &mut site.global_mut().iam;
    let is_there = grants::is_policy(state, &policy);
    let grants = holder.grants_mut(state, of)?;
    if !is_there {
        return Err(missing(format!("Policy {policy} does not exist or is not attachable.")));
    }
    if policy.contains(":aws:policy/aws-service-role/") {
        let message = "Cannot attach a Service Role Policy to a Customer Role.";
        return Err(Refused::new("PolicyNotAttachable", message));
    }
    if !grants.attached.contains(&policy) && grants.attached.len() >= MOST {
        return Err(over_quota(&format!("PoliciesPer{}", holder.title()), MOST));
    }
    grants.attached.insert(policy);
    Ok(Value::Null)
}

fn detach(site: &mut Site<'_>, holder: Holder, of: &str, policy: &str) -> Answer {
    name::arn("policyArn", policy)?;
    let grants = holder.grants_mut(&mut site.global_mut().iam, of)?;
    if grants.attached.remove(policy) {
        return Ok(Value::Null);
    }
    Err(missing(format!("Policy {policy} was not found.")))
}

macro_rules! attachments {
    ($module:ident, $holder:expr, $parameter:literal) => {
        pub(super) mod $module {
            use super::*;

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct One {
                #[serde(rename = $parameter)]
                of: String,
                policy_arn: String,
            }

            #[derive(Deserialize)]
            #[serde(deny_unknown_fields, rename_all = "PascalCase")]
            pub struct List {
                #[serde(rename = $parameter)]
                of: String,
                #[serde(default)]
                path_prefix: Option<String>,
                #[serde(default)]
                marker: Option<String>,
                #[serde(default)]
                max_items: Option<i64>,
            }

            pub fn attach(site: &mut Site<'_>, input: One) -> Answer {
                super::attach(site, $holder, &input.of, input.policy_arn)
            }

            pub fn detach(site: &mut Site<'_>, input: One) -> Answer {
                super::detach(site, $holder, &input.of, &input.policy_arn)
            }

            pub fn list(site: &mut Site<'_>, input: List) -> Answer {
                let prefix = name::path_prefix(input.path_prefix.as_deref())?;
                let grants = $holder.grants(&site.global().iam, &input.of)?;
                let mut policies = grants.attached_shown();
                policies.retain(|policy| {
                    let arn = policy["PolicyArn"].as_str().unwrap_or_default();
                    arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(prefix))
                });
                let scope = format!("{} {prefix}", input.of);
                let marker = input.marker.as_deref();
                listing::answer("AttachedPolicies", policies, input.max_items, marker, &scope)
            }
        }
    };
}

attachments!(of_role, Holder::Role, "RoleName");
attachments!(of_user, Holder::User, "UserName");
attachments!(of_group, Holder::Group, "GroupName");
