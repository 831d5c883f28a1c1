//! The policies of keys. They are kept, not evaluated.

use serde::Deserialize;
use serde_json::{Value, json};

use super::key::{Named, of, of_mut};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{ACCOUNT, Site};

/// KMS guide, "Default key policy": that of keys made through the API.
pub fn usual() -> String {
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ \
         {{\n    \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \
         \"Principal\" : {{\n      \"AWS\" : \"arn:aws:iam::{ACCOUNT}:root\"\n    }},\n    \
         \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    )
}

/// Whether a policy is one at all.
pub fn check(policy: &str) -> Result<(), Refused> {
    let read = serde_json::from_str::<Value>(policy).ok();
    match read.is_some_and(|read| read.get("Statement").is_some()) {
        true => Ok(()),
        false => {
            let message = "The new key policy is not a valid policy document.";
            Err(Refused::new("MalformedPolicyDocumentException", message))
        }
    }
}

fn check_name(name: Option<&str>) -> Result<(), Refused> {
    match name.unwrap_or("default") {
        "default" => Ok(()),
        other => {
            let message = format!("No such policy exists: {other}");
            Err(Refused::new("NotFoundException", message))
        }
    }
}

/// The input of GetKeyPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Get {
    key_id: String,
    #[serde(default)]
    policy_name: Option<String>,
}

/// GetKeyPolicy.
pub fn get(site: &mut Site<'_>, input: Get) -> Answer {
    let key = of(site, &input.key_id)?;
    check_name(input.policy_name.as_deref())?;
    Ok(json!({ "Policy": key.policy, "PolicyName": "default" }))
}

/// The input of PutKeyPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub struct Put {
    key_id: String,
    #[serde(default)]
    policy_name: Option<String>,
    policy: String,
    #[serde(default, rename = "BypassPolicyLockoutSafetyCheck")]
    _bypass: bool,
}

/// PutKeyPolicy.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    let key = of_mut(site, &input.key_id)?;
    check_name(input.policy_name.as_deref())?;
    check(&input.policy)?;
    key.policy = input.policy;
    Ok(Value::Null)
}

/// ListKeyPolicies: there is one.
pub fn list(site: &mut Site<'_>, input: Named) -> Answer {
    of(site, &input.key_id)?;
    Ok(json!({ "PolicyNames": ["default"], "Truncated": false }))
}
