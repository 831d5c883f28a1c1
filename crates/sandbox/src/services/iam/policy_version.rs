//! The versions of managed policies.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::policy::{self, Managed};
use super::refusal::{constraint, in_use, limit, missing};
use super::{State, date, document, listing};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Time};

/// A version of a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Its number; as an id with a `v` in front.
    pub number: u32,
    /// The document.
    pub document: String,
    /// When it was made.
    pub created: Time,
}

impl Version {
    fn shown(&self, default: u32) -> Value {
        json!({
            "VersionId": format!("v{}", self.number),
            "IsDefaultVersion": self.number == default,
            "CreateDate": date(self.created),
        })
    }
}

/// The versions of a policy, the newest first, with or without their documents.
pub(super) fn all(policy: &Managed<'_>, with_documents: bool) -> Vec<Value> {
    let document = |text: &str| {
        if with_documents { Value::from(document::encoded(text)) } else { Value::Null }
    };
    match policy {
        Managed::Local(policy) => {
            let shown = |version: &Version| {
                let mut shown = version.shown(policy.default);
                shown["Document"] = document(&version.document);
                shown
            };
            policy.versions.iter().rev().map(shown).collect()
        }
        Managed::Aws(policy) => vec![json!({
            "VersionId": policy.version,
            "IsDefaultVersion": true,
            "CreateDate": policy.updated,
            "Document": document(&policy.document.to_string()),
        })],
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Create {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: bool,
}

pub(super) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    const WHAT: &str = "create policy versions for policies";
    let now = site.now();
    let policy = policy::local_mut(&mut site.global_mut().iam, &input.policy_arn, WHAT)?;
    policy::check_document(&input.policy_document)?;
    if policy.versions.len() >= 5 {
        return Err(limit(
            "A managed policy can have up to 5 versions. Before you create a new version, you \
             must delete an existing version.",
        ));
    }
    policy.latest += 1;
    policy.updated = now;
    let version = Version { number: policy.latest, document: input.policy_document, created: now };
    if input.set_as_default {
        policy.default = version.number;
    }
    let shown = version.shown(policy.default);
    policy.versions.push(version);
    Ok(json!({ "PolicyVersion": shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct OneVersion {
    policy_arn: String,
    version_id: String,
}

impl OneVersion {
    fn check(&self) -> Result<(), Refused> {
        let number = self.version_id.strip_prefix('v').unwrap_or_default();
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        if digits && !number.is_empty() && !number.starts_with('0') {
            return Ok(());
        }
        let rule = "satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?";
        Err(constraint("versionId", rule))
    }

    fn unknown(&self) -> Refused {
        let OneVersion { policy_arn, version_id } = self;
        missing(format!(
            "Policy {policy_arn} version {version_id} does not exist or is not attachable."
        ))
    }

    /// That there is no such policy is said in the words for versions.
    fn named(&self, refused: Refused) -> Refused {
        if refused.code == "NoSuchEntity" { self.unknown() } else { refused }
    }

    /// The customer's policy and the number of the version, which is there.
    fn find<'s>(
        &self,
        state: &'s mut State,
        what: &str,
    ) -> Result<(&'s mut policy::Policy, u32), Refused> {
        self.check()?;
        let policy = policy::local_mut(state, &self.policy_arn, what);
        let policy = policy.map_err(|refused| self.named(refused))?;
        let number = policy.versions.iter().map(|version| version.number);
        let number = number.into_iter().find(|number| format!("v{number}") == self.version_id);
        let number = number.ok_or_else(|| self.unknown())?;
        Ok((policy, number))
    }
}

pub(super) fn get(site: &mut Site<'_>, input: OneVersion) -> Answer {
    input.check()?;
    let policy = policy::find(&site.global().iam, &input.policy_arn);
    let policy = policy.map_err(|refused| input.named(refused))?;
    let mut versions = all(&policy, true).into_iter();
    let version = versions.find(|version| version["VersionId"] == input.version_id.as_str());
    Ok(json!({ "PolicyVersion": version.ok_or_else(|| input.unknown())? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct List {
    policy_arn: String,
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    max_items: Option<i64>,
}

pub(super) fn list(site: &mut Site<'_>, input: List) -> Answer {
    let arn = &input.policy_arn;
    let versions = all(&policy::find(&site.global().iam, arn)?, false);
    listing::answer("Versions", versions, input.max_items, input.marker.as_deref(), arn)
}

pub(super) fn delete(site: &mut Site<'_>, input: OneVersion) -> Answer {
    let what = "delete policy versions for policies";
    let (policy, number) = input.find(&mut site.global_mut().iam, what)?;
    if number == policy.default {
        return Err(in_use("Cannot delete the default version of a policy."));
    }
    policy.versions.retain(|version| version.number != number);
    Ok(Value::Null)
}

pub(super) fn set_default(site: &mut Site<'_>, input: OneVersion) -> Answer {
    let (policy, number) = input.find(&mut site.global_mut().iam, "update policies")?;
    policy.default = number;
    Ok(Value::Null)
}
