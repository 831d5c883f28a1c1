//! The account as a whole: its summary, its alias and its password policy.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::grants;
use super::name;
use super::refusal::{constraint, missing};
use crate::operations::Answer;
use crate::world::{ACCOUNT, Site};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) fn summary(site: &mut Site<'_>, _: Nothing) -> Answer {
    let state = &site.global().iam;
    let holders = grants::all(state);
    let attached: BTreeSet<&String> =
        holders.iter().flat_map(|held| held.grants.attached.iter()).collect();
    let summary = [
        ("Users", state.users.len()),
        ("UsersQuota", 5000),
        ("Groups", state.groups.len()),
        ("GroupsQuota", 300),
        ("Roles", state.roles.len()),
        ("RolesQuota", 1000),
        ("Policies", state.policies.len()),
        ("PoliciesQuota", 1500),
        ("PolicyVersionsInUse", attached.len()),
        ("PolicyVersionsInUseQuota", 10000),
        ("VersionsPerPolicyQuota", 5),
        ("InstanceProfiles", state.profiles.len()),
        ("InstanceProfilesQuota", 1000),
        ("Providers", state.providers.len()),
        ("ServerCertificates", 0),
        ("ServerCertificatesQuota", 20),
        ("MFADevices", 0),
        ("MFADevicesInUse", 0),
        ("AccountMFAEnabled", 0),
        ("AccountAccessKeysPresent", 0),
        ("AccountPasswordPresent", 1),
        ("AccountSigningCertificatesPresent", 0),
        ("AccessKeysPerUserQuota", 2),
        ("SigningCertificatesPerUserQuota", 2),
        ("GroupsPerUserQuota", 10),
        ("AttachedPoliciesPerGroupQuota", 10),
        ("AttachedPoliciesPerRoleQuota", 10),
        ("AttachedPoliciesPerUserQuota", 10),
        ("AssumeRolePolicySizeQuota", 2048),
        ("PolicySizeQuota", 6144),
        ("GroupPolicySizeQuota", 5120),
        ("UserPolicySizeQuota", 2048),
        ("RolePolicySizeQuota", 10240),
        ("GlobalEndpointTokenVersion", 1),
    ];
    let entries: Value =
        summary.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    Ok(json!({ "SummaryMap": { "entry": entries } }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Alias {
    account_alias: String,
}

/// An account has one alias; a new one takes its place (IAM guide, "Your AWS account alias").
pub(super) fn create_alias(site: &mut Site<'_>, input: Alias) -> Answer {
    let alias = input.account_alias;
    name::length("accountAlias", &alias, 3, 63)?;
    let good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let inner = |letter: char| good(letter) || letter == '-';
    let ends = alias.starts_with(good) && alias.ends_with(good);
    if !ends || !alias.chars().all(inner) || alias.contains("--") {
        let rule = "satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$";
        return Err(constraint("accountAlias", rule));
    }
    site.global_mut().iam.alias = Some(alias);
    Ok(Value::Null)
}

pub(super) fn delete_alias(site: &mut Site<'_>, input: Alias) -> Answer {
    let state = &mut site.global_mut().iam;
    if state.alias.as_ref() != Some(&input.account_alias) {
        let message = format!("The Account Alias {} cannot be found.", input.account_alias);
        return Err(missing(message));
    }
    state.alias = None;
    Ok(Value::Null)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase", default)]
pub(super) struct ListAliases {
    marker: Option<String>,
    max_items: Option<i64>,
}

pub(super) fn list_aliases(site: &mut Site<'_>, input: ListAliases) -> Answer {
    let aliases = site.global().iam.alias.iter().map(|alias| Value::from(alias.as_str()));
    let (aliases, marker) = (aliases.collect(), input.marker.as_deref());
    super::listing::answer("AccountAliases", aliases, input.max_items, marker, "")
}

/// The rules for passwords.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct PasswordPolicy {
    /// The least length.
    #[serde(default = "six")]
    pub minimum_password_length: i64,
    /// Whether they need a symbol.
    #[serde(default)]
    pub require_symbols: bool,
    /// Whether they need a digit.
    #[serde(default)]
    pub require_numbers: bool,
    /// Whether they need an upper-case letter.
    #[serde(default)]
    pub require_uppercase_characters: bool,
    /// Whether they need a lower-case letter.
    #[serde(default)]
    pub require_lowercase_characters: bool,
    /// Whether users can change their own.
    #[serde(default)]
    pub allow_users_to_change_password: bool,
    /// After how many days they expire.
    #[serde(default)]
    pub max_password_age: Option<i64>,
    /// How many old ones cannot come again.
    #[serde(default)]
    pub password_reuse_prevention: Option<i64>,
    /// Whether users whose password has expired cannot choose a new one.
    #[serde(default)]
    pub hard_expiry: Option<bool>,
}

/// IAM API, UpdateAccountPasswordPolicy: 6 unless told.
fn six() -> i64 {
    6
}

pub(super) fn update_password_policy(site: &mut Site<'_>, input: PasswordPolicy) -> Answer {
    name::range("minimumPasswordLength", input.minimum_password_length, 6, 128)?;
    if let Some(age) = input.max_password_age {
        name::range("maxPasswordAge", age, 1, 1095)?;
    }
    if let Some(count) = input.password_reuse_prevention {
        name::range("passwordReusePrevention", count, 1, 24)?;
    }
    site.global_mut().iam.password_policy = Some(input);
    Ok(Value::Null)
}

fn no_password_policy() -> crate::refused::Refused {
    missing(format!("The Password Policy with domain name {ACCOUNT} cannot be found."))
}

pub(super) fn password_policy(site: &mut Site<'_>, _: Nothing) -> Answer {
    let policy = site.global().iam.password_policy.as_ref().ok_or_else(no_password_policy)?;
    let mut shown = json!(policy);
    shown["ExpirePasswords"] = json!(policy.max_password_age.is_some());
    Ok(json!({ "PasswordPolicy": shown }))
}

pub(super) fn delete_password_policy(site: &mut Site<'_>, _: Nothing) -> Answer {
    let none = || missing("The account policy with name PasswordPolicy cannot be found.");
    site.global_mut().iam.password_policy.take().ok_or_else(none)?;
    Ok(Value::Null)
}
