//! The policies of repositories and of the registry.

use serde::Deserialize;
use serde_json::{Value, json};

use super::policy_text::lay_out;
use super::repository::{of, of_mut};
use super::{Named, constraint};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::iam::assume::{self, Unusable};
use crate::world::{ACCOUNT, Site};

/// The input of SetRepositoryPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Set {
    #[serde(default)]
    registry_id: Option<String>,
    repository_name: String,
    policy_text: String,
    // Whether to set a policy that locks the caller out; the sandbox does not evaluate policies.
    #[serde(default, rename = "force")]
    _force: bool,
}

/// SetRepositoryPolicy.
pub fn set(site: &mut Site<'_>, input: Set) -> Answer {
    of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let document = read(site, &input.policy_text, "Invalid repository policy provided", false)?;
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let text = lay_out(&document);
    repository.policy = Some(text.clone());
    Ok(of_repository(&input.repository_name, &text))
}

/// GetRepositoryPolicy.
pub fn get(site: &mut Site<'_>, input: Named) -> Answer {
    let repository = of(site, input.registry_id.as_deref(), &input.repository_name)?;
    let policy = repository.policy.as_ref().ok_or_else(|| none(&repository.name))?;
    Ok(of_repository(&repository.name, policy))
}

/// DeleteRepositoryPolicy.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let repository = of_mut(site, input.registry_id.as_deref(), &input.repository_name)?;
    let policy = repository.policy.take().ok_or_else(|| none(&repository.name))?;
    Ok(of_repository(&input.repository_name, &policy))
}

fn of_repository(name: &str, text: &str) -> Value {
    json!({ "registryId": ACCOUNT, "repositoryName": name, "policyText": text })
}

fn none(name: &str) -> Refused {
    let message = format!(
        "Repository policy does not exist for the repository with name '{name}' in the registry \
         with id '{ACCOUNT}'"
    );
    Refused::new("RepositoryPolicyNotFoundException", message)
}

/// The input of PutRegistryPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutRegistry {
    policy_text: String,
}

/// PutRegistryPolicy.
pub fn put_registry(site: &mut Site<'_>, input: PutRegistry) -> Answer {
    let document = read(site, &input.policy_text, "Invalid registry policy provided", true)?;
    let text = lay_out(&document);
    site.region_mut().ecr.registry.policy = Some(text.clone());
    Ok(json!({ "registryId": ACCOUNT, "policyText": text }))
}

/// An input without members.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// GetRegistryPolicy.
pub fn get_registry(site: &mut Site<'_>, _: Nothing) -> Answer {
    let policy = site.region().ecr.registry.policy.as_ref().ok_or_else(no_registry_policy)?;
    Ok(json!({ "registryId": ACCOUNT, "policyText": policy }))
}

/// DeleteRegistryPolicy.
pub fn delete_registry(site: &mut Site<'_>, _: Nothing) -> Answer {
    let policy = site.region_mut().ecr.registry.policy.take().ok_or_else(no_registry_policy)?;
    Ok(json!({ "registryId": ACCOUNT, "policyText": policy }))
}

fn no_registry_policy() -> Refused {
    let message = format!("Registry policy does not exist in the registry with id '{ACCOUNT}'");
    Refused::new("RegistryPolicyNotFoundException", message)
}

/// Reads a policy. ECR guide, "Private repository policies": no `Resource`, it is the repository
/// (awsdocs/amazon-ecr-user-guide#20); in a registry's policy it is needed. A role that IAM has not
/// spread yet is "Principal not found" (terraform-provider-aws#39064).
fn read(site: &Site<'_>, text: &str, wrong: &str, registry: bool) -> Result<Value, Refused> {
    let wrong = || constraint("PolicyText", wrong);
    if text.len() > 10240 {
        return Err(constraint("policyText", "must have length less than or equal to 10240"));
    }
    let document: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let version = document.get("Version");
    if !version.is_none_or(|version| version == "2008-10-17" || version == "2012-10-17") {
        return Err(wrong());
    }
    let known = ["Version", "Id", "Statement"];
    let fields = document.as_object().ok_or_else(wrong)?;
    let statements = listed(document.get("Statement").ok_or_else(wrong)?);
    if statements.is_empty() || fields.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(wrong());
    }
    for statement in statements {
        if !is_sound(statement, registry) {
            return Err(wrong());
        }
        let principals = [statement.get("Principal"), statement.get("NotPrincipal")];
        for principal in principals.into_iter().flatten().flat_map(named) {
            check_principal(site, principal)?;
        }
    }
    Ok(document)
}

fn is_sound(statement: &Value, registry: bool) -> bool {
    let one_of =
        |names: [&str; 2]| names.iter().filter(|n| statement.get(n).is_some()).count() == 1;
    let effect = statement.get("Effect");
    let actions = [statement.get("Action"), statement.get("NotAction")];
    let mut actions = actions.into_iter().flatten().flat_map(listed);
    effect.is_some_and(|effect| effect == "Allow" || effect == "Deny")
        && one_of(["Principal", "NotPrincipal"])
        && one_of(["Action", "NotAction"])
        && statement.get("Resource").is_some() == registry
        && actions.all(|action| {
            action.as_str().is_some_and(|action| {
                action == "*" || action.to_ascii_lowercase().starts_with("ecr:")
            })
        })
}

/// One or several.
fn listed(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// The principals of AWS that are named.
fn named(principal: &Value) -> Vec<&str> {
    let accounts = principal.get("AWS").into_iter().flat_map(listed);
    accounts.filter_map(Value::as_str).collect()
}

fn check_principal(site: &Site<'_>, principal: &str) -> Result<(), Refused> {
    let not_found = || constraint("PolicyText", "Principal not found");
    let is_account = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if principal == "*" || is_account(principal) {
        return Ok(());
    }
    let parts = principal.splitn(6, ':').collect::<Vec<_>>();
    let ["arn", _, "iam" | "sts", _, account, resource] = parts.as_slice() else {
        return Err(constraint("PolicyText", "Invalid repository policy provided"));
    };
    if !is_account(account) {
        return Err(not_found());
    }
    let is_own_role = *account == ACCOUNT && resource.starts_with("role/");
    let known = || assume::by_service(site, principal, "ecr.amazonaws.com");
    match is_own_role && known() == Err(Unusable::Unknown) {
        true => Err(not_found()),
        false => Ok(()),
    }
}
