//! Subscription filters. They are kept; their destinations are outside of the sandbox.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::group;
use super::metric_filter::Named;
use super::name::{check_filter, invalid, paged};
use super::pattern::Pattern;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::iam::assume;
use crate::world::{Site, Time};

/// A subscription filter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    filter_name: String,
    log_group_name: String,
    filter_pattern: String,
    destination_arn: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    role_arn: Option<String>,
    distribution: Distribution,
    apply_on_transformed_logs: bool,
    creation_time: Time,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    field_selection_criteria: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    emit_system_fields: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Distribution {
    Random,
    #[default]
    ByLogStream,
}

/// The input of PutSubscriptionFilter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    log_group_name: String,
    filter_name: String,
    filter_pattern: String,
    destination_arn: String,
    #[serde(default)]
    role_arn: Option<String>,
    #[serde(default)]
    distribution: Distribution,
    #[serde(default)]
    apply_on_transformed_logs: bool,
    #[serde(default)]
    field_selection_criteria: Option<String>,
    #[serde(default)]
    emit_system_fields: Vec<String>,
}

/// PutSubscriptionFilter. Logs guide, quotas: 2 per group.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    check_filter(&input.filter_name)?;
    Pattern::check(&input.filter_pattern)?;
    group::of(site, &input.log_group_name)?.check_filters()?;
    check_destination(site, &input.destination_arn, input.role_arn.as_deref())?;
    let now = site.now();
    let group = group::of_mut(site, &input.log_group_name)?;
    let before = group.subscriptions.get(&input.filter_name);
    if before.is_none() && group.subscriptions.len() >= 2 {
        return Err(Refused::new("LimitExceededException", "Resource limit exceeded."));
    }
    let subscription = Subscription {
        filter_name: input.filter_name.clone(),
        log_group_name: input.log_group_name,
        filter_pattern: input.filter_pattern,
        destination_arn: input.destination_arn,
        role_arn: input.role_arn,
        distribution: input.distribution,
        apply_on_transformed_logs: input.apply_on_transformed_logs,
        creation_time: before.map_or(now, |before| before.creation_time),
        field_selection_criteria: input.field_selection_criteria,
        emit_system_fields: input.emit_system_fields,
    };
    group.subscriptions.insert(input.filter_name, subscription);
    Ok(Value::Null)
}

/// Logs API, PutSubscriptionFilter: streams of Kinesis and Firehose are written to with a role,
/// functions of Lambda and destinations of other accounts without. A test message is sent, so the
/// role must be one that Logs can use.
fn check_destination(site: &Site<'_>, arn: &str, role: Option<&str>) -> Result<(), Refused> {
    let vendor = match arn.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, vendor, _, _, _, ..] => *vendor,
        _ => return Err(invalid(format!("Invalid destination ARN: {arn}"))),
    };
    match (vendor, role) {
        ("kinesis" | "firehose", None) => Err(invalid(format!(
            "destinationArn for vendor {vendor} cannot be used without roleArn"
        ))),
        ("kinesis" | "firehose", Some(role)) => {
            assume::by_service(site, role, "logs.amazonaws.com").map_err(|_| {
                let stream = if vendor == "kinesis" { "Kinesis" } else { "Firehose" };
                invalid(format!(
                    "Could not deliver test message to specified {stream} stream. Check if the \
                     given {} stream is in ACTIVE state. ",
                    stream.to_ascii_lowercase()
                ))
            })
        }
        ("lambda", Some(_)) => {
            Err(invalid("destinationArn for vendor lambda cannot be used with roleArn"))
        }
        ("lambda" | "logs", _) => Ok(()),
        _ => Err(invalid(format!(
            "PutSubscriptionFilter operation cannot work with destinationArn \
             for vendor {vendor}"
        ))),
    }
}

/// The input of DescribeSubscriptionFilters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Describe {
    log_group_name: String,
    #[serde(default)]
    filter_name_prefix: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<i64>,
}

/// DescribeSubscriptionFilters.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let group = group::of(site, &input.log_group_name)?;
    let filters = group.subscriptions.values();
    let filters = filters.filter(|f| f.filter_name.starts_with(&input.filter_name_prefix));
    let scope = format!("subscriptions {} {}", group.name, input.filter_name_prefix);
    let token = input.next_token.as_deref();
    let (filters, next) = paged(filters.collect(), input.limit, token, &scope)?;
    Ok(json!({ "subscriptionFilters": filters, "nextToken": next }))
}

/// DeleteSubscriptionFilter.
pub fn delete(site: &mut Site<'_>, input: Named) -> Answer {
    let group = group::of_mut(site, &input.log_group_name)?;
    match group.subscriptions.remove(&input.filter_name) {
        Some(_) => Ok(Value::Null),
        None => {
            let message = "The specified subscription filter does not exist.";
            Err(Refused::new("ResourceNotFoundException", message))
        }
    }
}
