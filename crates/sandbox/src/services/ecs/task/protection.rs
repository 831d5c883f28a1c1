//! Protection of a service's tasks from being scaled in.

use serde::Deserialize;
use serde_json::{Value, json};

use super::describe::find;
use super::{Task, get, get_mut};
use crate::operations::Answer;
use crate::services::ecs::cluster;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::scheduler;
use crate::world::{Site, Span};

/// The input of GetTaskProtection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GetTaskProtection {
    cluster: String,
    #[serde(default)]
    tasks: Vec<String>,
}

/// GetTaskProtection: of these tasks, or of all in the cluster.
pub fn get_protection(site: &mut Site<'_>, input: GetTaskProtection) -> Answer {
    let cluster = cluster::named(site, Some(&input.cluster))?.name.clone();
    let tasks = if input.tasks.is_empty() {
        let tasks = site.region().ecs.tasks.values();
        let of_service = tasks
            .filter(|task| task.cluster == cluster && task.service.is_some() && !task.stopping);
        of_service.map(|task| task.id.clone()).collect()
    } else {
        input.tasks
    };
    answer(site, &cluster, &tasks, |_, _| {})
}

/// The input of UpdateTaskProtection.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct UpdateTaskProtection {
    cluster: String,
    tasks: Vec<String>,
    protection_enabled: bool,
    #[serde(default)]
    expires_in_minutes: Option<i64>,
}

/// UpdateTaskProtection. ECS API: for 2 hours, or 1 minute to 48 hours.
pub fn update_protection(site: &mut Site<'_>, input: UpdateTaskProtection) -> Answer {
    let cluster = cluster::named(site, Some(&input.cluster))?.name.clone();
    if input.tasks.is_empty() || input.tasks.len() > 10 {
        return Err(invalid("Tasks must have between 1 and 10 elements."));
    }
    let minutes = input.expires_in_minutes.unwrap_or(120);
    if !(1..=2880).contains(&minutes) {
        return Err(invalid("expiresInMinutes must be between 1 and 2880."));
    }
    let until = site.now() + Span::minutes(u64::try_from(minutes).unwrap_or(120));
    let enabled = input.protection_enabled;
    answer(site, &cluster, &input.tasks, |site, id| {
        if let Some(task) = get_mut(site, id) {
            task.protected = enabled.then_some(until);
            let task = task.clone();
            scheduler::nudge(site, &task);
        }
    })
}

fn answer(
    site: &mut Site<'_>,
    cluster: &str,
    tasks: &[String],
    change: impl Fn(&mut Site<'_>, &str),
) -> Answer {
    let (mut protected, mut failures) = (Vec::new(), Vec::new());
    for asked in tasks {
        let id = find(asked)?;
        let reason = match get(site, &id).filter(|task| task.cluster == cluster) {
            None => Some("MISSING"),
            Some(task) if task.service.is_none() || task.stopping => Some("TASK_NOT_VALID"),
            Some(_) => None,
        };
        let arn = site.arn("ecs", &format!("task/{cluster}/{id}"));
        if let Some(reason) = reason {
            failures.push(json!({ "arn": arn, "reason": reason }));
            continue;
        }
        change(site, &id);
        protected.extend(get(site, &id).map(|task| show(site, task)));
    }
    Ok(json!({ "protectedTasks": protected, "failures": failures }))
}

fn show(site: &Site<'_>, task: &Task) -> Value {
    let until = task.protected.filter(|until| *until > site.now());
    json!({
        "taskArn": task.arn,
        "protectionEnabled": until.is_some(),
        "expirationDate": until.map(crate::world::Time::epoch),
    })
}
