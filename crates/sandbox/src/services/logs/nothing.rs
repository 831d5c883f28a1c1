//! What can be asked for, but of which there is never any: nothing makes it here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::group;
use super::name::invalid;
use crate::operations::Answer;
use crate::world::Site;

/// Filters of lists that are always empty.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Filters {
    #[serde(rename = "policyType")]
    _policy_type: Option<String>,
    #[serde(rename = "policyName")]
    _policy_name: Option<String>,
    #[serde(rename = "accountIdentifiers")]
    _accounts: Vec<String>,
    #[serde(rename = "taskId")]
    _task: Option<String>,
    #[serde(rename = "statusCode")]
    _status_code: Option<String>,
    #[serde(rename = "limit")]
    _limit: Option<i64>,
    next_token: Option<String>,
}

fn none(list: &str, filters: &Filters) -> Answer {
    match filters.next_token {
        Some(_) => Err(super::name::bad_token()),
        None => Ok(Value::Object([(list.to_owned(), json!([]))].into_iter().collect())),
    }
}

/// DescribeAccountPolicies.
pub fn account_policies(_: &mut Site<'_>, filters: Filters) -> Answer {
    none("accountPolicies", &filters)
}

/// DescribeExportTasks.
pub fn export_tasks(_: &mut Site<'_>, filters: Filters) -> Answer {
    none("exportTasks", &filters)
}

/// The input of DescribeIndexPolicies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IndexPolicies {
    log_group_identifiers: Vec<String>,
    #[serde(default, rename = "nextToken")]
    _token: Option<String>,
}

/// DescribeIndexPolicies.
pub fn index_policies(site: &mut Site<'_>, input: IndexPolicies) -> Answer {
    let [identifier] = input.log_group_identifiers.as_slice() else {
        return Err(invalid("Exactly one log group must be specified."));
    };
    group::of(site, group::name_in(site, identifier)?)?;
    Ok(json!({ "indexPolicies": [] }))
}

/// The input of GetDataProtectionPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DataProtection {
    log_group_identifier: String,
}

/// GetDataProtectionPolicy.
pub fn data_protection(site: &mut Site<'_>, input: DataProtection) -> Answer {
    group::of(site, group::name_in(site, &input.log_group_identifier)?)?;
    Ok(json!({ "logGroupIdentifier": input.log_group_identifier }))
}
