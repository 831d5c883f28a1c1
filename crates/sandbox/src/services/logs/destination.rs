//! Destinations of subscription filters of other accounts. They are kept; nothing is delivered.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::name::{check_filter, invalid, paged};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::iam::assume;
use crate::tags::Tags;
use crate::world::{Site, Time};

/// A destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Destination {
    destination_name: String,
    target_arn: String,
    role_arn: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    access_policy: Option<String>,
    arn: String,
    creation_time: Time,
}

/// The input of PutDestination.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Put {
    destination_name: String,
    target_arn: String,
    role_arn: String,
    #[serde(default)]
    tags: Tags,
}

/// PutDestination. Logs API: a stream of Kinesis, and a role with which Logs can write to it.
pub fn put(site: &mut Site<'_>, input: Put) -> Answer {
    check_filter(&input.destination_name)?;
    if !input.tags.is_empty() {
        return Err(invalid("The sandbox keeps no tags of destinations."));
    }
    if !input.target_arn.starts_with("arn:") || !input.target_arn.contains(":kinesis:") {
        return Err(invalid("The target of a destination must be the ARN of a Kinesis stream."));
    }
    assume::by_service(site, &input.role_arn, "logs.amazonaws.com").map_err(|_| {
        invalid(
            "Could not deliver test message to specified destination. Check if the destination is \
             valid.",
        )
    })?;
    let name = input.destination_name;
    let before = site.region().logs.destinations.get(&name);
    let destination = Destination {
        target_arn: input.target_arn,
        role_arn: input.role_arn,
        access_policy: before.and_then(|before| before.access_policy.clone()),
        arn: site.arn("logs", &format!("destination:{name}")),
        creation_time: before.map_or(site.now(), |before| before.creation_time),
        destination_name: name.clone(),
    };
    let answer = json!({ "destination": destination });
    site.region_mut().logs.destinations.insert(name, destination);
    Ok(answer)
}

fn not_found() -> Refused {
    Refused::new("ResourceNotFoundException", "The specified destination does not exist.")
}

/// The input of PutDestinationPolicy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PutPolicy {
    destination_name: String,
    access_policy: String,
    // Whether filters of single accounts may be replaced by those of their organization.
    #[serde(default, rename = "forceUpdate")]
    _force: bool,
}

/// PutDestinationPolicy.
pub fn put_policy(site: &mut Site<'_>, input: PutPolicy) -> Answer {
    let destinations = &mut site.region_mut().logs.destinations;
    let destination = destinations.get_mut(&input.destination_name).ok_or_else(not_found)?;
    let document = serde_json::from_str::<Value>(&input.access_policy).ok();
    if document.is_none_or(|document| document.get("Statement").is_none()) {
        return Err(invalid("Invalid access policy: it must be JSON with a Statement"));
    }
    destination.access_policy = Some(input.access_policy);
    Ok(Value::Null)
}

/// The input of DescribeDestinations.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Describe {
    #[serde(rename = "DestinationNamePrefix")]
    prefix: String,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// DescribeDestinations.
pub fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let found = site.region().logs.destinations.values();
    let found = found.filter(|one| one.destination_name.starts_with(&input.prefix)).collect();
    let scope = format!("destinations {}", input.prefix);
    let (found, next) =
        paged::<&Destination>(found, input.limit, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "destinations": found, "nextToken": next }))
}

/// The input of DeleteDestination.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Delete {
    destination_name: String,
}

/// DeleteDestination.
pub fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let gone = site.region_mut().logs.destinations.remove(&input.destination_name);
    gone.map(|_| Value::Null).ok_or_else(not_found)
}
