//! Pull-through cache rules. They are kept; images under their prefixes can be pulled.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{constraint, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site, Time};

/// A pull-through cache rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    prefix: String,
    url: String,
    upstream: Option<String>,
    upstream_prefix: Option<String>,
    credential: Option<String>,
    role: Option<String>,
    created: Time,
    updated: Time,
}

/// ECR guide, "Using pull through cache rules": the upstream registries, and which of them need
/// credentials.
const UPSTREAMS: [(&str, &str, bool); 8] = [
    ("public.ecr.aws", "ecr-public", false),
    ("registry.k8s.io", "k8s", false),
    ("quay.io", "quay", false),
    ("registry-1.docker.io", "docker-hub", true),
    ("ghcr.io", "github-container-registry", true),
    ("registry.gitlab.com", "gitlab-container-registry", true),
    ("azurecr.io", "azure-container-registry", true),
    ("cgr.dev", "chainguard", true),
];

impl Rule {
    fn describe(&self) -> Value {
        json!({
            "ecrRepositoryPrefix": self.prefix,
            "upstreamRegistryUrl": self.url,
            "createdAt": self.created.epoch(),
            "updatedAt": self.updated.epoch(),
            "registryId": ACCOUNT,
            "upstreamRegistry": self.upstream,
            "upstreamRepositoryPrefix": self.upstream_prefix,
            "credentialArn": self.credential,
            "customRoleArn": self.role,
        })
    }
}

/// The input of CreatePullThroughCacheRule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Create {
    ecr_repository_prefix: String,
    upstream_registry_url: String,
    #[serde(default)]
    registry_id: Option<String>,
    #[serde(default)]
    upstream_registry: Option<String>,
    #[serde(default)]
    credential_arn: Option<String>,
    #[serde(default)]
    custom_role_arn: Option<String>,
    #[serde(default)]
    upstream_repository_prefix: Option<String>,
}

/// CreatePullThroughCacheRule.
pub fn create(site: &mut Site<'_>, input: Create) -> Answer {
    check_registry(input.registry_id.as_deref())?;
    let prefix = input.ecr_repository_prefix;
    check_prefix(&prefix)?;
    let url = input.upstream_registry_url;
    let host = url.trim_start_matches("https://");
    let known = UPSTREAMS.iter().find(|(known, ..)| host == *known || host.ends_with(known));
    let is_ecr = host.contains(".dkr.ecr.");
    if known.is_none() && !is_ecr {
        let message = format!("The upstream registry '{url}' is not supported.");
        return Err(Refused::new("UnsupportedUpstreamRegistryException", message));
    }
    if known.is_some_and(|(.., secret)| *secret) && input.credential_arn.is_none() {
        let message = format!("credentialArn is required for the upstream registry '{url}'");
        return Err(constraint("credentialArn", message));
    }
    if input.credential_arn.as_deref().is_some_and(|arn| !is_credential(arn)) {
        let message = "must satisfy regular expression '^arn:aws(-\\w+)*:secretsmanager:\
                       [a-zA-Z0-9-:]+:secret:ecr\\-pullthroughcache\\/[a-zA-Z0-9\\/_+=.@-]+$'";
        return Err(constraint("credentialArn", message));
    }
    let rules = &mut site.region_mut().ecr.cache_rules;
    if rules.contains_key(&prefix) {
        let message = format!(
            "A pull through cache rule with the ECR repository prefix '{prefix}' already exists \
             in the registry with id '{ACCOUNT}'."
        );
        return Err(Refused::new("PullThroughCacheRuleAlreadyExistsException", message));
    }
    let own = known.map(|(_, name, _)| (*name).to_owned());
    let now = site.now();
    let rule = Rule {
        prefix: prefix.clone(),
        url,
        upstream: input.upstream_registry.or(own),
        upstream_prefix: input.upstream_repository_prefix,
        credential: input.credential_arn,
        role: input.custom_role_arn,
        created: now,
        updated: now,
    };
    let mut answer = rule.describe();
    remove(&mut answer, "updatedAt");
    site.region_mut().ecr.cache_rules.insert(prefix, rule);
    Ok(answer)
}

fn remove(answer: &mut Value, member: &str) {
    if let Some(members) = answer.as_object_mut() {
        members.remove(member);
    }
}

fn is_credential(arn: &str) -> bool {
    arn.starts_with("arn:aws")
        && arn.contains(":secretsmanager:")
        && arn.contains(":secret:ecr-pullthroughcache/")
}

fn check_registry(id: Option<&str>) -> Result<(), Refused> {
    match id.is_none_or(|id| id == ACCOUNT) {
        true => Ok(()),
        false => Err(constraint("registryId", "Cross-account access is not supported")),
    }
}

fn check_prefix(prefix: &str) -> Result<(), Refused> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let sound = prefix == "ROOT"
        || prefix.starts_with(plain)
            && prefix.chars().all(|letter| plain(letter) || "._-/".contains(letter));
    match (2..=30).contains(&prefix.len()) && sound {
        true => Ok(()),
        false => Err(constraint(
            "ecrRepositoryPrefix",
            "must satisfy regular expression '^([a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+\
             ((\\.|_|__|-+)[a-z0-9]+)*)*\\/?|ROOT)$'",
        )),
    }
}

fn none(prefix: &str) -> Refused {
    let message = format!(
        "No pull through cache rule for the ECR repository prefix '{prefix}' exists in the \
         registry with id '{ACCOUNT}'."
    );
    Refused::new("PullThroughCacheRuleNotFoundException", message)
}

/// The input of what asks for one rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct One {
    ecr_repository_prefix: String,
    #[serde(default)]
    registry_id: Option<String>,
}

/// DeletePullThroughCacheRule.
pub fn delete(site: &mut Site<'_>, input: One) -> Answer {
    check_registry(input.registry_id.as_deref())?;
    let prefix = input.ecr_repository_prefix;
    let rule = site.region_mut().ecr.cache_rules.remove(&prefix).ok_or_else(|| none(&prefix))?;
    let mut answer = rule.describe();
    remove(&mut answer, "updatedAt");
    remove(&mut answer, "upstreamRegistry");
    Ok(answer)
}

/// ValidatePullThroughCacheRule.
pub fn validate(site: &mut Site<'_>, input: One) -> Answer {
    check_registry(input.registry_id.as_deref())?;
    let prefix = &input.ecr_repository_prefix;
    let rule = site.region().ecr.cache_rules.get(prefix).ok_or_else(|| none(prefix))?;
    Ok(json!({
        "ecrRepositoryPrefix": prefix,
        "registryId": ACCOUNT,
        "upstreamRegistryUrl": rule.url,
        "credentialArn": rule.credential,
        "customRoleArn": rule.role,
        "upstreamRepositoryPrefix": rule.upstream_prefix,
        "isValid": true,
    }))
}

/// The input of UpdatePullThroughCacheRule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Update {
    ecr_repository_prefix: String,
    #[serde(default)]
    registry_id: Option<String>,
    #[serde(default)]
    credential_arn: Option<String>,
    #[serde(default)]
    custom_role_arn: Option<String>,
}

/// UpdatePullThroughCacheRule.
pub fn update(site: &mut Site<'_>, input: Update) -> Answer {
    check_registry(input.registry_id.as_deref())?;
    let (now, prefix) = (site.now(), input.ecr_repository_prefix);
    let rule = site.region_mut().ecr.cache_rules.get_mut(&prefix).ok_or_else(|| none(&prefix))?;
    rule.credential = input.credential_arn.or(rule.credential.take());
    rule.role = input.custom_role_arn.or(rule.role.take());
    rule.updated = now;
    let mut answer = rule.describe();
    for member in ["createdAt", "upstreamRegistry", "upstreamRegistryUrl"] {
        remove(&mut answer, member);
    }
    Ok(answer)
}

/// The input of DescribePullThroughCacheRules.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    registry_id: Option<String>,
    ecr_repository_prefixes: Vec<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

/// DescribePullThroughCacheRules.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    check_registry(input.registry_id.as_deref())?;
    let rules = &site.region().ecr.cache_rules;
    let asked = &input.ecr_repository_prefixes;
    if let Some(missing) = asked.iter().find(|prefix| !rules.contains_key(*prefix)) {
        return Err(none(missing));
    }
    let rules = rules.values().filter(|rule| asked.is_empty() || asked.contains(&rule.prefix));
    let rules = rules.map(Rule::describe).collect();
    let token = input.next_token.as_deref();
    let (rules, next) = paged(rules, input.max_results, token, "pull-through cache rules")?;
    Ok(json!({ "pullThroughCacheRules": rules, "nextToken": next }))
}

/// Whether a repository is filled from upstream.
pub fn covers(rule: &Rule, repository: &str) -> bool {
    let prefix = rule.prefix.trim_end_matches('/');
    prefix == "ROOT" || repository.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}
