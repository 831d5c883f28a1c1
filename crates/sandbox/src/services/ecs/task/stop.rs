//! StopTask.

use serde::Deserialize;
use serde_json::json;

use super::describe::{find, show};
use super::{Ending, end, get};
use crate::operations::Answer;
use crate::services::ecs::cluster;
use crate::services::ecs::refusal::invalid;
use crate::world::Site;

/// The input of StopTask.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StopTask {
    task: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// StopTask. A stopped task is answered as it is.
pub fn stop(site: &mut Site<'_>, input: StopTask) -> Answer {
    let cluster = cluster::named(site, input.cluster.as_deref())?.name.clone();
    let id = find(&input.task)?;
    let there = get(site, &id).is_some_and(|task| task.cluster == cluster);
    if !there {
        return Err(invalid("The referenced task was not found."));
    }
    if input.reason.as_deref().is_some_and(|reason| reason.chars().count() > 1024) {
        return Err(invalid("reason can be at most 1024 characters long."));
    }
    let reason = input.reason.unwrap_or_else(|| "Task stopped by user".to_owned());
    end(site, &id, Ending { code: "UserInitiated", reason });
    let task = get(site, &id).map(|task| show(task, true));
    Ok(json!({ "task": task }))
}
