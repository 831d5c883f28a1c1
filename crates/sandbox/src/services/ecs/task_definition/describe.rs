//! `DescribeTaskDefinition`.

use serde::Deserialize;
use serde_json::json;

use super::resolve;
use crate::operations::Answer;
use crate::services::ecs::refusal::client;
use crate::services::ecs::tag;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct DescribeTaskDefinition {
    task_definition: String,
    #[serde(default)]
    include: Vec<Field>,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Field {
    Tags,
}

/// `DescribeTaskDefinition`: of whatever status, if the revision is given; tags only on request.
pub(in crate::services::ecs) fn describe(
    site: &mut Site<'_>,
    input: DescribeTaskDefinition,
) -> Answer {
    let found = resolve(site, &input.task_definition)
        .ok_or_else(|| client("Unable to describe task definition."))?;
    let with_tags = input.include.iter().any(|Field::Tags| true);
    let tags = with_tags.then(|| tag::shown(&found.tags));
    Ok(json!({ "taskDefinition": found.definition, "tags": tags }))
}
