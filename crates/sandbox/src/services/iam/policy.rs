//! Managed policies: creating, showing and deleting them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::document::{self, Purpose};
use super::policy_version::Version;
use super::refusal::{exists, in_use, missing, over_quota};
use super::tag::{self, Keys, Tag};
use super::{State, aws_managed, date, grants, listing, name, unique_id};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::{ACCOUNT, Site, Time};

/// A customer's managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its unique id.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its path.
    pub path: String,
    /// What people say about it.
    pub description: Option<String>,
    /// When it was made.
    pub created: Time,
    /// When its newest version was made.
    pub updated: Time,
    /// The number of the version in force.
    pub default: u32,
    /// The number of the newest version that there ever was.
    pub latest: u32,
    /// Its versions, the oldest first.
    pub versions: Vec<Version>,
    /// Its tags.
    pub tags: Tags,
}

/// A managed policy of the customer's or of AWS's.
pub(super) enum Managed<'s> {
    Local(&'s Policy),
    Aws(&'static aws_managed::Policy),
}

impl Managed<'_> {
    fn path(&self) -> &str {
        match self {
            Managed::Local(policy) => &policy.path,
            Managed::Aws(policy) => &policy.path,
        }
    }

    pub fn arn(&self) -> String {
        match self {
            Managed::Local(policy) => policy.arn.clone(),
            Managed::Aws(policy) => policy.arn(),
        }
    }

    /// What lists show of it (IAM API, ListPolicies: no description, no tags).
    pub fn listed(&self, state: &State) -> Value {
        let (name, id, default, created, updated) = match self {
            Managed::Local(policy) => (
                policy.name.as_str(),
                policy.id.as_str(),
                format!("v{}", policy.default),
                date(policy.created),
                date(policy.updated),
            ),
            Managed::Aws(policy) => (
                policy.name.as_str(),
                policy.id.as_str(),
                policy.version.clone(),
                policy.created.clone(),
                policy.updated.clone(),
            ),
        };
        let (attached, boundaries) = usage(state, &self.arn());
        json!({
            "PolicyName": name,
            "PolicyId": id,
            "Arn": self.arn(),
            "Path": self.path(),
            "DefaultVersionId": default,
            "AttachmentCount": attached,
            "PermissionsBoundaryUsageCount": boundaries,
            "IsAttachable": true,
            "CreateDate": created,
            "UpdateDate": updated,
        })
    }

    /// What it is for.
    pub fn description(&self) -> Option<&str> {
        match self {
            Managed::Local(policy) => policy.description.as_deref(),
            Managed::Aws(policy) => {
                Some(policy.description.as_str()).filter(|text| !text.is_empty())
            }
        }
    }
}

/// How many holders have a policy, and how many have it as their boundary.
fn usage(state: &State, arn: &str) -> (usize, usize) {
    let holders = grants::all(state);
    let count = |test: fn(&grants::Grants, &str) -> bool| {
        holders.iter().filter(|held| test(held.grants, arn)).count()
    };
    (
        count(|grants, arn| grants.attached.contains(arn)),
        count(|grants, arn| grants.boundary.as_deref() == Some(arn)),
    )
}

/// Whether anybody has a policy, be it as a boundary.
pub(super) fn is_used(state: &State, arn: &str) -> bool {
    usage(state, arn) != (0, 0)
}

fn unknown(arn: &str) -> Refused {
    missing(format!("Policy {arn} was not found."))
}

/// The policy with an ARN.
pub(super) fn find<'s>(state: &'s State, arn: &str) -> Result<Managed<'s>, Refused> {
    name::arn("policyArn", arn)?;
    let local = state.policies.get(arn).map(Managed::Local);
    local.or_else(|| aws_managed::find(arn).map(Managed::Aws)).ok_or_else(|| unknown(arn))
}

/// The customer's policy with an ARN, to do something to it (`update policies`), which nobody can
/// do to AWS's own.
pub(super) fn local_mut<'s>(
    state: &'s mut State,
    arn: &str,
    what: &str,
) -> Result<&'s mut Policy, Refused> {
    name::arn("policyArn", arn)?;
    if arn.starts_with("arn:aws:iam::aws:") {
        let message = format!("Cannot {what} outside your own account.");
        return Err(Refused::new("AccessDenied", message).status(403));
    }
    state.policies.get_mut(arn).ok_or_else(|| unknown(arn))
}

/// The document in force of the policy with an ARN.
pub(super) fn default_document(state: &State, arn: &str) -> Option<String> {
    match find(state, arn).ok()? {
        Managed::Aws(policy) => Some(policy.document.to_string()),
        Managed::Local(policy) => {
            let version = policy.versions.iter().find(|one| one.number == policy.default)?;
            Some(version.document.clone())
        }
    }
}

/// Checks the document of a managed policy (IAM guide, quotas: 6,144 characters without white
/// space).
pub(super) fn check_document(text: &str) -> Result<(), Refused> {
    document::read(text, Purpose::Managed)?;
    if document::size(text) > 6144 {
        return Err(over_quota("PolicySize", 6144));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    policy_name: String,
    policy_document: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    name::check("policyName", &input.policy_name, 128)?;
    let path = name::path(input.path)?;
    // IAM API, CreatePolicy: the description can have any letters.
    name::length("description", input.description.as_deref().unwrap_or_default(), 0, 1000)?;
    let tags = tag::read(input.tags, Keys::Exact)?;
    check_document(&input.policy_document)?;
    let policies = &site.global().iam.policies;
    if policies.values().any(|one| one.name.eq_ignore_ascii_case(&input.policy_name)) {
        return Err(exists(format!(
            "A policy called {} already exists. Duplicate names are not allowed.",
            input.policy_name
        )));
    }
    if policies.len() >= 1500 {
        return Err(over_quota("PoliciesPerAccount", 1500));
    }
    let now = site.now();
    let version = Version { number: 1, document: input.policy_document, created: now };
    let policy = Policy {
        id: unique_id::new(site, "ANPA"),
        arn: format!("arn:aws:iam::{ACCOUNT}:policy{path}{}", input.policy_name),
        name: input.policy_name,
        path,
        description: input.description.filter(|text| !text.is_empty()),
        created: now,
        updated: now,
        default: 1,
        latest: 1,
        versions: vec![version],
        tags,
    };
    let state = &mut site.global_mut().iam;
    let mut shown = Managed::Local(&policy).listed(state);
    shown["Tags"] = tag::shown_if_any(&policy.tags);
    state.policies.insert(policy.arn.clone(), policy);
    Ok(json!({ "Policy": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct One {
    policy_arn: String,
}

pub(super) fn get(site: &mut Site<'_>, input: One) -> Answer {
    let state = &site.global().iam;
    let policy = find(state, &input.policy_arn)?;
    let mut shown = policy.listed(state);
    shown["Description"] = json!(policy.description());
    shown["Tags"] = match policy {
        Managed::Local(policy) => tag::shown(&policy.tags),
        Managed::Aws(_) => json!([]),
    };
    Ok(json!({ "Policy": shown }))
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
pub(super) enum Scope {
    #[default]
    All,
    #[serde(rename = "AWS")]
    Aws,
    Local,
}

/// What policies are used for.
#[derive(Clone, Copy, PartialEq, Deserialize)]
pub(super) enum Usage {
    PermissionsPolicy,
    PermissionsBoundary,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct List {
    scope: Scope,
    only_attached: bool,
    path_prefix: Option<String>,
    policy_usage_filter: Option<Usage>,
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn list(site: &mut Site<'_>, input: List) -> Answer {
    let prefix = name::path_prefix(input.path_prefix.as_deref())?;
    let state = &site.global().iam;
    let local = state.policies.values().map(Managed::Local).filter(|_| input.scope != Scope::Aws);
    let aws = aws_managed::all().iter().map(Managed::Aws).filter(|_| input.scope != Scope::Local);
    let policies = local.chain(aws).filter(|policy| {
        let (attached, boundaries) = usage(state, &policy.arn());
        let fits = match input.policy_usage_filter {
            None => !input.only_attached || attached > 0,
            Some(Usage::PermissionsPolicy) => attached > 0,
            Some(Usage::PermissionsBoundary) => boundaries > 0,
        };
        policy.path().starts_with(prefix) && fits
    });
    let policies = policies.map(|policy| policy.listed(state)).collect();
    listing::answer("Policies", policies, input.max_items, input.marker.as_deref(), prefix)
}

pub(super) fn delete(site: &mut Site<'_>, input: One) -> Answer {
    let state = &mut site.global_mut().iam;
    let arn = &input.policy_arn;
    let versions = local_mut(state, arn, "delete policies")?.versions.len();
    if is_used(state, arn) {
        return Err(in_use("Cannot delete a policy attached to entities."));
    }
    if versions > 1 {
        return Err(in_use(
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        ));
    }
    state.policies.remove(arn);
    Ok(Value::Null)
}
