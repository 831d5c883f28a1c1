//! `RegisterTaskDefinition`.

use serde_json::{Map, Value, json};

use super::shape::RegisterTaskDefinition;
use super::{TaskDefinition, check, fargate, read_back, requires};
use crate::operations::Answer;
use crate::services::ecs::tag;
use crate::world::{ACCOUNT, Site};

/// `RegisterTaskDefinition`: a new revision each time, whether or not it says anything new.
pub(in crate::services::ecs) fn register(
    site: &mut Site<'_>,
    mut input: RegisterTaskDefinition,
) -> Answer {
    let tags = tag::read(input.tags.take().unwrap_or_default())?;
    let size = check::check(&input)?;
    fargate::check(&input, size)?;
    let compatibilities = requires::compatibilities(&input, size);
    let attributes = requires::attributes(&input);
    read_back::fill(&mut input, size);

    let family = input.family.clone().unwrap_or_default();
    let revision = site.region_mut().ecs.revisions.next(&family);
    let name = format!("{family}:{revision}");
    let arn = site.arn("ecs", &format!("task-definition/{name}"));
    let mut definition = members(&input);
    let more = json!({
        "taskDefinitionArn": arn,
        "revision": revision,
        "status": "ACTIVE",
        "requiresAttributes": attributes,
        "compatibilities": compatibilities,
        "registeredAt": site.now().epoch(),
        "registeredBy": format!("arn:aws:iam::{ACCOUNT}:user/sandbox"),
    });
    if let Value::Object(more) = more {
        definition.extend(more);
    }
    let definition = Value::Object(definition);
    let answer = json!({ "taskDefinition": definition, "tags": tag::shown(&tags) });
    let status = "ACTIVE".to_owned();
    let made = TaskDefinition { arn, family, revision, status, definition, tags };
    site.region_mut().ecs.task_definitions.insert(name, made);
    Ok(answer)
}

/// What is given, without what is not.
fn members(input: &RegisterTaskDefinition) -> Map<String, Value> {
    match serde_json::to_value(input).map(given) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn given(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, given(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(given).collect(),
        other => other,
    }
}
