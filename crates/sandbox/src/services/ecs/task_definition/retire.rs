//! `DeregisterTaskDefinition` and `DeleteTaskDefinitions`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::Event;
use crate::services::ecs::refusal::{client, invalid};
use crate::world::{Site, Wait};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct DeregisterTaskDefinition {
    task_definition: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct DeleteTaskDefinitions {
    task_definitions: Vec<String>,
}

/// `DeregisterTaskDefinition`: a revision, never a whole family, becomes `INACTIVE`.
pub(in crate::services::ecs) fn deregister(
    site: &mut Site<'_>,
    input: DeregisterTaskDefinition,
) -> Answer {
    let name = revision(site, &input.task_definition)?;
    let now = site.now().epoch();
    let found = site.region_mut().ecs.task_definitions.get_mut(&name);
    let found = found.ok_or_else(|| client("The specified task definition does not exist."))?;
    match found.status.as_str() {
        "ACTIVE" => found.turn("INACTIVE", "deregisteredAt", now),
        "INACTIVE" => {}
        _ => return Err(client("The specified task definition is being deleted.")),
    }
    Ok(json!({ "taskDefinition": found.definition }))
}

/// `DeleteTaskDefinitions`: 1 to 10 revisions. Those that are not `INACTIVE` fail, the others go.
pub(in crate::services::ecs) fn delete(
    site: &mut Site<'_>,
    input: DeleteTaskDefinitions,
) -> Answer {
    let given = input.task_definitions;
    if given.is_empty() {
        return Err(invalid("Size of TaskDefinition references list must be greater than 0"));
    }
    if given.len() > 10 {
        return Err(invalid("Size of TaskDefinition references list cannot exceed 10"));
    }
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for one in &given {
        match delete_one(site, one) {
            Ok(definition) => deleted.push(definition),
            Err(refused) => failures.push(json!({ "arn": one, "reason": refused.message })),
        }
    }
    Ok(json!({ "taskDefinitions": deleted, "failures": failures }))
}

fn delete_one(site: &mut Site<'_>, given: &str) -> Result<Value, Refused> {
    let name = revision(site, given).map_err(|_| {
        client(
            "The specified task definition identifier is invalid. Specify a valid name or ARN and \
             try again.",
        )
    })?;
    let now = site.now().epoch();
    let found = site.region_mut().ecs.task_definitions.get_mut(&name);
    let found = found.ok_or_else(|| {
        client(
            "The specified task definition does not exist. Specify a valid account, family, \
             revision and try again.",
        )
    })?;
    match found.status.as_str() {
        "ACTIVE" => {
            return Err(client(
                "The specified task definition is still in ACTIVE status. Please deregister the \
                 target and try again.",
            ));
        }
        "INACTIVE" => found.turn("DELETE_IN_PROGRESS", "deleteRequestedAt", now),
        _ => return Ok(found.definition.clone()),
    }
    let definition = found.definition.clone();
    site.later(Wait::TaskDefinitionDeleted, Event::TaskDefinitionDeleted { name });
    Ok(definition)
}

/// `family:revision` from that or an ARN of it. Both operations want the revision.
fn revision(site: &Site<'_>, given: &str) -> Result<String, Refused> {
    let here = site.arn("ecs", "task-definition/");
    let name = if given.starts_with("arn:") {
        given.strip_prefix(&here).ok_or_else(|| invalid(format!("Invalid identifier: {given}")))?
    } else {
        given
    };
    let (family, revision) = name.split_once(':').ok_or_else(|| client("Revision is missing."))?;
    if revision.parse::<u32>().is_err() {
        return Err(invalid(format!("Invalid revision number. Number: {revision}")));
    }
    Ok(format!("{family}:{revision}"))
}
