//! Instances, of which there are none.

use serde::Deserialize;
use serde_json::json;

use super::filter::Filter;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The input of `DescribeInstances` and `DescribeInstanceStatus`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeInstances {
    instance_id: Vec<String>,
    filter: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
    include_all_instances: bool,
    include_managed_resources: bool,
}

/// Lists instances.
pub fn describe(_: &mut Site<'_>, input: DescribeInstances) -> Answer {
    none_of(&input.instance_id)?;
    Ok(json!({ "reservationSet": [] }))
}

/// Lists the states of instances.
pub fn statuses(_: &mut Site<'_>, input: DescribeInstances) -> Answer {
    none_of(&input.instance_id)?;
    Ok(json!({ "instanceStatusSet": [] }))
}

fn none_of(ids: &[String]) -> Result<(), Refused> {
    ids.first().map_or(Ok(()), |id| Err(missing(id)))
}

/// The refusal of an instance that is not there.
pub fn missing(id: &str) -> Refused {
    let hex = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if id.strip_prefix("i-").is_some_and(hex) {
        let message = format!("The instance ID '{id}' does not exist");
        return Refused::new("InvalidInstanceID.NotFound", message);
    }
    let message = format!("Invalid id: \"{id}\" (expecting \"i-...\")");
    Refused::new("InvalidInstanceID.Malformed", message)
}
