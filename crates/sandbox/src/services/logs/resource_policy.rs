//! Resource policies: which services may write to log groups.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group;
use super::name::{invalid, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// A resource policy, of the account or of one log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    policy_name: Option<String>,
    policy_document: String,
    last_updated_time: Time,
    policy_scope: Scope,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    resource_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    revision_id: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Scope {
    #[default]
    Account,
    Resource,
}

/// The input of PutResourcePolicy.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Put {
    policy_name: Option<String>,
    policy_document: Option<String>,
    resource_arn: Option<String>,
    expected_revision_id: Option<String>,
}

/// PutResourcePolicy. Logs guide, quotas: 10 of the account per region.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    let document = input.policy_document.unwrap_or_default();
    let read = serde_json::from_str::<Value>(&document).ok();
    if document.len() > 51200 || read.and_then(|read| read.get("Statement").cloned()).is_none() {
        return Err(invalid("Invalid policy document: it must be JSON with a Statement"));
    }
    let key = key(site, input.policy_name.as_ref(), input.resource_arn.as_ref())?;
    let (scope, revision) = match &input.resource_arn {
        None => (Scope::Account, None),
        Some(_) => (Scope::Resource, Some(site.world.chance.hex(32))),
    };
    let policies = &site.region().logs.policies;
    check_revision(policies.get(&key), input.expected_revision_id.as_deref())?;
    let of_account = policies.values().filter(|policy| policy.policy_scope == Scope::Account);
    if scope == Scope::Account && !policies.contains_key(&key) && of_account.count() >= 10 {
        return Err(Refused::new("LimitExceededException", "Resource limit exceeded."));
    }
    let policy = Policy {
        policy_name: input.policy_name,
        policy_document: document,
        last_updated_time: site.now(),
        policy_scope: scope,
        resource_arn: input.resource_arn,
        revision_id: revision.clone(),
    };
    let answer = json!({ "resourcePolicy": policy, "revisionId": revision });
    site.region_mut().logs.policies.insert(key, policy);
    Ok(answer)
}

/// Logs API: a policy of the account has a name, that of a log group its ARN.
fn key(site: &Site<'_>, name: Option<&String>, arn: Option<&String>) -> Result<String, Refused> {
    match (name, arn) {
        (_, Some(arn)) => {
            let group = group::of(site, group::name_in(site, arn)?)?;
            Ok(group.arn.clone())
        }
        (Some(name), None) if !name.is_empty() => Ok(name.clone()),
        _ => Err(invalid("policyName is required where no resourceArn is given")),
    }
}

fn check_revision(policy: Option<&Policy>, expected: Option<&str>) -> Result<(), Refused> {
    let is = policy.and_then(|policy| policy.revision_id.as_deref());
    match expected.is_none() || expected == is {
        true => Ok(()),
        false => {
            let message = "The expected revision is not the policy's latest";
            Err(Refused::new("OperationAbortedException", message))
        }
    }
}

/// The input of DescribeResourcePolicies.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    next_token: Option<String>,
    limit: Option<i64>,
    resource_arn: Option<String>,
    policy_scope: Scope,
}

/// DescribeResourcePolicies.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let scope = match &input.resource_arn {
        Some(_) => Scope::Resource,
        None => input.policy_scope,
    };
    let policies = site.region().logs.policies.values().filter(|policy| {
        let arn = policy.resource_arn.as_ref();
        policy.policy_scope == scope
            && input.resource_arn.as_ref().is_none_or(|wanted| arn == Some(wanted))
    });
    let token = input.next_token.as_deref();
    let list = format!("resource policies {scope:?}");
    let (policies, next) = paged(policies.collect(), input.limit, token, &list)?;
    Ok(json!({ "resourcePolicies": policies, "nextToken": next }))
}

/// The input of DeleteResourcePolicy.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Delete {
    policy_name: Option<String>,
    resource_arn: Option<String>,
    expected_revision_id: Option<String>,
}

/// DeleteResourcePolicy.
pub fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let key = key(site, input.policy_name.as_ref(), input.resource_arn.as_ref())?;
    let policies = &mut site.region_mut().logs.policies;
    let Some(policy) = policies.get(&key) else {
        let message = format!("Policy with name [{key}] does not exist.");
        return Err(Refused::new("ResourceNotFoundException", message));
    };
    check_revision(Some(policy), input.expected_revision_id.as_deref())?;
    policies.remove(&key);
    Ok(Value::Null)
}
