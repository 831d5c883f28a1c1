//! DescribeServices.

use serde::Deserialize;
use serde_json::json;

use super::show::show;
use super::{cluster_of, get, key_of};
use crate::operations::Answer;
use crate::services::ecs::refusal::invalid;
use crate::world::Site;

/// What DescribeServices can add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Include {
    Tags,
}

/// The input of DescribeServices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DescribeServices {
    services: Vec<String>,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    include: Vec<Include>,
}

/// DescribeServices. ECS API: "up to 10 services in a single operation"; deleted ones are shown for
/// a while.
pub fn describe(site: &mut Site<'_>, input: DescribeServices) -> Answer {
    let cluster = cluster_of(site, input.cluster.as_deref())?;
    if input.services.is_empty() {
        return Err(invalid("Services cannot be empty."));
    }
    if input.services.len() > 10 {
        return Err(invalid("Services cannot have more than 10 elements."));
    }
    let with_tags = input.include.contains(&Include::Tags);
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    let mut seen = Vec::new();
    for asked in &input.services {
        let key = key_of(&cluster, asked)?;
        if seen.contains(&key) {
            continue;
        }
        if get(site, &key).is_some() {
            services.push(show(site, &key, with_tags));
        } else {
            let arn = site.arn("ecs", &format!("service/{key}"));
            failures.push(json!({ "arn": arn, "reason": "MISSING" }));
        }
        seen.push(key);
    }
    Ok(json!({ "services": services, "failures": failures }))
}
