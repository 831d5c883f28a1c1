//! `ListTaskDefinitions` and `ListTaskDefinitionFamilies`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::TaskDefinition;
use crate::operations::Answer;
use crate::services::ecs::paging;
use crate::world::Site;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct ListTaskDefinitions {
    #[serde(default)]
    family_prefix: Option<String>,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    sort: Option<Sort>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(in crate::services::ecs) struct ListTaskDefinitionFamilies {
    #[serde(default)]
    family_prefix: Option<String>,
    #[serde(default)]
    status: Option<FamilyStatus>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Active,
    Inactive,
    DeleteInProgress,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum FamilyStatus {
    Active,
    Inactive,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Sort {
    Asc,
    Desc,
}

impl Status {
    fn is_of(self, definition: &TaskDefinition) -> bool {
        let status = match self {
            Status::Active => "ACTIVE",
            Status::Inactive => "INACTIVE",
            Status::DeleteInProgress => "DELETE_IN_PROGRESS",
        };
        definition.status == status
    }
}

/// `ListTaskDefinitions`: by family and revision. ECS API: `familyPrefix` is the full name of a
/// family; `ACTIVE` ones where no status is given.
pub(in crate::services::ecs) fn list(site: &mut Site<'_>, input: ListTaskDefinitions) -> Answer {
    let status = input.status.unwrap_or(Status::Active);
    let prefix = input.family_prefix.as_deref();
    let all = site.region().ecs.task_definitions.values();
    let mut found: Vec<&TaskDefinition> = all
        .filter(|one| status.is_of(one) && prefix.is_none_or(|prefix| one.family == prefix))
        .collect();
    found.sort_by(|one, other| (&one.family, one.revision).cmp(&(&other.family, other.revision)));
    if input.sort == Some(Sort::Desc) {
        found.reverse();
    }
    let arns: Vec<&str> = found.into_iter().map(|one| one.arn.as_str()).collect();
    let scope = format!("ListTaskDefinitions {prefix:?} {status:?} {:?}", input.sort);
    let token = input.next_token.as_deref();
    let (arns, next) = paging::page(arns, (input.max_results, 100), token, &scope)?;
    Ok(json!({ "taskDefinitionArns": arns, "nextToken": next }))
}

/// `ListTaskDefinitionFamilies`. ECS API: a family is `ACTIVE` while one of its revisions is, and
/// `INACTIVE` while it has only others; all are listed where no status is given.
pub(in crate::services::ecs) fn families(
    site: &mut Site<'_>,
    input: ListTaskDefinitionFamilies,
) -> Answer {
    let prefix = input.family_prefix.as_deref().unwrap_or_default();
    let mut families: BTreeMap<&str, bool> = BTreeMap::new();
    for one in site.region().ecs.task_definitions.values() {
        if one.family.starts_with(prefix) && one.status != "DELETE_IN_PROGRESS" {
            *families.entry(one.family.as_str()).or_default() |= one.status == "ACTIVE";
        }
    }
    let status = input.status.unwrap_or(FamilyStatus::All);
    let wanted = |is_active: bool| match status {
        FamilyStatus::All => true,
        FamilyStatus::Active => is_active,
        FamilyStatus::Inactive => !is_active,
    };
    let names: Vec<&str> =
        families.into_iter().filter(|(_, active)| wanted(*active)).map(|(name, _)| name).collect();
    let scope = format!("ListTaskDefinitionFamilies {prefix:?} {status:?}");
    let token = input.next_token.as_deref();
    let (names, next) = paging::page(names, (input.max_results, 100), token, &scope)?;
    Ok(json!({ "families": names, "nextToken": next }))
}
