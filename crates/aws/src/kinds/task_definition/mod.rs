//! `task_definition`: what a task runs. Its revisions are immutable and pile up in a family, so
//! the family is the thing, its newest revision is what it looks like, and each change makes a
//! revision.

mod amount;
mod check;
mod container;
mod read;
mod spec;
mod write;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_ecs::types::{
    SortOrder, TaskDefinition as Revision, TaskDefinitionField, TaskDefinitionStatus,
};
use futures_util::future::try_join;
use landfall_model::types::Target;
use landfall_model::{
    CloudError, Detail, Field, Finding, KindRules, Naming, On, Owner, Readiness, Refusal,
    TagChange, Tags, Transient,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Aws;
use crate::batch::{batches, each};
use crate::error::Answer;
use crate::kind::{Found, Kind, Made, Scope};
use crate::services::ecs;

pub use container::Container;
pub use spec::{Compatibility, NetworkMode, Spec};

/// `task_definition`.
pub enum TaskDefinition {}

/// What others can refer to.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Outputs {
    /// The ARN of the newest revision.
    pub arn: String,
    /// The family's name.
    pub family: String,
    /// The number of the newest revision.
    pub revision: i32,
}

impl Target for TaskDefinition {
    const KIND: &'static str = "task_definition";
    const OUTPUT: &'static str = "arn";
    // A family, a family with a revision, or an ARN.
    const LITERAL: &'static str = "";
}

/// How far back a revision with the stack's tags is looked for, behind newer ones of others.
const LOOK_BACK: usize = 10;
/// `ecs:DeleteTaskDefinitions` takes at most 10 revisions.
const DELETED_AT_ONCE: usize = 10;

impl Kind for TaskDefinition {
    const RULES: KindRules = KindRules {
        fields: &[
            Field::immutable("family").identity(),
            Field::mutable("containers"),
            Field::mutable("cpu"),
            Field::mutable("memory"),
            Field::mutable("network_mode"),
            Field::mutable("requires_compatibilities"),
            Field::mutable("execution_role"),
            Field::mutable("task_role"),
            Field::mutable("runtime_platform"),
            Field::mutable("ephemeral_storage"),
            Field::mutable("volumes"),
            Field::mutable("pid_mode"),
            Field::mutable("ipc_mode"),
            Field::mutable("placement_constraints"),
            Field::mutable("fault_injection"),
        ],
        naming: Some(Naming {
            field: "family",
            prefix: "",
            max: 255,
            underscores: true,
            lower_case: false,
            stable: true,
        }),
        revised_outputs: &["arn", "revision"],
        transients: &[
            role_not_there_yet(On::Create),
            role_not_there_yet(On::Update),
            revisions_in_parallel(On::Create),
            revisions_in_parallel(On::Update),
        ],
        ..KindRules::new("task_definition", "ecs", "ecs:task-definition")
    };
    type Spec = Spec;
    type Outputs = Outputs;

    fn check(spec: &Spec) -> Vec<Finding> {
        check::check(spec)
    }

    async fn find(aws: &Aws, scope: &Scope<'_, Self>) -> Result<Vec<Found<Self>>, CloudError> {
        let mut families = scope.wanted_names(|spec| &spec.family);
        families.extend(scope.wanted_ids());
        let wanted: HashMap<&str, &Spec> = scope
            .wanted
            .iter()
            .filter_map(|want| want.spec.as_ref())
            .map(|spec| (spec.family.as_str(), spec))
            .collect();
        families.sort();
        families.dedup();
        // The indexes are asked at the same time; in general they know of nothing else.
        let hinted = async {
            let hinted = scope.hinted_names(aws).await?;
            let mut hinted: Vec<String> = hinted
                .iter()
                .map(|name| name.split(':').next().unwrap_or(name).to_owned())
                .filter(|family| families.binary_search(family).is_err())
                .collect();
            hinted.sort();
            hinted.dedup();
            each(hinted, |family| found(aws, family, scope.detail)).await
        };
        let known = each(families.clone(), |family| found(aws, family, scope.detail));
        let (known, hinted) = try_join(known, hinted).await?;
        let all = known.into_iter().chain(hinted).flatten();
        Ok(all
            .map(|mut found| {
                let want = wanted.get(found.id.as_str()).copied();
                found.spec = found.spec.told_like(want, &aws.region);
                found
            })
            .collect())
    }

    async fn create(aws: &Aws, want: &Spec, tags: &Tags) -> Result<Made<Self>, CloudError> {
        let answer = write::register(aws, want, tags).await.named("ecs:RegisterTaskDefinition")?;
        let revision = answer.task_definition.ok_or_else(|| {
            CloudError::unexpected("ecs:RegisterTaskDefinition", "the answer holds no revision")
        })?;
        Ok(Made { id: want.family.clone(), outputs: outputs(&revision) })
    }

    async fn update(aws: &Aws, live: &Found<Self>, want: &Spec) -> Result<(), CloudError> {
        // Tags belong to a revision, so the new one is given those of the old.
        let answer = write::register(aws, want, &live.tags).await;
        answer.named("ecs:RegisterTaskDefinition").map(drop)
    }

    async fn retag(aws: &Aws, live: &Found<Self>, change: &TagChange) -> Result<(), CloudError> {
        // Older revisions stay as they were when they were current.
        let newest = described(aws, live.outputs.family.clone()).await?;
        let arn = newest.and_then(|(revision, _)| revision.task_definition_arn);
        ecs::retag(aws, &arn.unwrap_or_else(|| live.outputs.arn.clone()), change).await
    }

    async fn delete(aws: &Aws, live: &Found<Self>, _: Option<&Spec>) -> Result<(), CloudError> {
        let family = &live.outputs.family;
        // Revisions are counted for ever, so the first has none before it to be listed.
        let first = live.outputs.revision == 1;
        let listed = |status| async move {
            match first {
                true => Ok(Vec::new()),
                false => revisions(aws, family, status).await,
            }
        };
        let (mut active, mut all) =
            try_join(listed(TaskDefinitionStatus::Active), listed(TaskDefinitionStatus::Inactive))
                .await?;
        // A list that is late may lack the newest. What is deregistered here is not looked for in a
        // list again, as that one may be late, too.
        let newest = &live.outputs.arn;
        if !newest.is_empty() && !active.contains(newest) && !all.contains(newest) {
            active.push(newest.clone());
        }
        active.retain(|arn| !all.contains(arn));
        each(active.clone(), |arn| async move {
            let call = aws.ecs.deregister_task_definition().task_definition(arn);
            call.send().await.named("ecs:DeregisterTaskDefinition")
        })
        .await?;
        // Deregistered revisions stay for ever unless they are deleted.
        all.extend(active);
        batches(&all, DELETED_AT_ONCE, |arns| async {
            let operation = "ecs:DeleteTaskDefinitions";
            let call = aws.ecs.delete_task_definitions().set_task_definitions(Some(arns));
            let answer = call.send().await.named(operation)?;
            match answer.failures.unwrap_or_default().into_iter().next() {
                Some(failure) => Err(CloudError {
                    refusal: Refusal::Refused,
                    code: failure.reason,
                    ..CloudError::unexpected(
                        operation,
                        failure.detail.or(failure.arn).unwrap_or_default(),
                    )
                }),
                None => Ok(Vec::<()>::new()),
            }
        })
        .await
        .map(drop)
    }
}

const fn role_not_there_yet(on: On) -> Transient {
    Transient {
        on,
        code: "ClientException",
        message: "Role is not valid",
        budget: Duration::from_secs(2 * 60),
        because: "ECS does not know the new role yet",
    }
}

const fn revisions_in_parallel(on: On) -> Transient {
    Transient {
        on,
        code: "ClientException",
        message: "Too many concurrent attempts",
        budget: Duration::from_secs(60),
        because: "others make revisions of the family at the same time",
    }
}

fn outputs(revision: &Revision) -> Outputs {
    Outputs {
        arn: revision.task_definition_arn.clone().unwrap_or_default(),
        family: revision.family.clone().unwrap_or_default(),
        revision: revision.revision,
    }
}

/// A revision by its ARN, or the newest of a family.
async fn described(aws: &Aws, which: String) -> Result<Option<(Revision, Tags)>, CloudError> {
    let call = aws.ecs.describe_task_definition().task_definition(which);
    let answer = call.include(TaskDefinitionField::Tags).send().await;
    match answer.named("ecs:DescribeTaskDefinition") {
        Ok(answer) => {
            Ok(answer.task_definition.map(|revision| (revision, ecs::tags_of(answer.tags))))
        }
        // ECS has no code of its own for a family that doesn't exist.
        Err(error) if error.message.contains("Unable to describe task definition") => Ok(None),
        Err(error) => Err(error),
    }
}

/// The ARNs of a family's revisions, the newest first.
async fn revisions(
    aws: &Aws,
    family: &str,
    status: TaskDefinitionStatus,
) -> Result<Vec<String>, CloudError> {
    let call = aws.ecs.list_task_definitions().family_prefix(family);
    let call = call.status(status).sort(SortOrder::Desc).into_paginator();
    let arns = call.items().send().collect::<Result<Vec<_>, _>>().await;
    arns.named("ecs:ListTaskDefinitions")
}

/// The newest revision that is deregistered and not deleted: a deletion that was cut off leaves it,
/// and by its family ECS no longer tells of it.
async fn deregistered(aws: &Aws, family: &str) -> Result<Option<(Revision, Tags)>, CloudError> {
    let call = aws.ecs.list_task_definitions().family_prefix(family);
    let call = call.status(TaskDefinitionStatus::Inactive).sort(SortOrder::Desc).max_results(1);
    let answer = call.send().await.named("ecs:ListTaskDefinitions")?;
    match answer.task_definition_arns.unwrap_or_default().pop() {
        Some(arn) => described(aws, arn).await,
        None => Ok(None),
    }
}

/// The family as it is, if it has an active revision; if it is only to be deleted, also without.
async fn found(
    aws: &Aws,
    family: String,
    detail: Detail,
) -> Result<Option<Found<TaskDefinition>>, CloudError> {
    let mut known = described(aws, family.clone()).await?;
    if known.is_none() && detail == Detail::Identity {
        known = deregistered(aws, &family).await?;
    }
    let Some((mut newest, mut tags)) = known else { return Ok(None) };
    let is_active = |revision: &Revision| revision.status == Some(TaskDefinitionStatus::Active);
    let active = is_active(&newest);
    if !active || Owner::from_tags(&tags).is_none() {
        // Somebody has deregistered the newest revision, or registered it beside us.
        let call = aws.ecs.list_task_definitions().family_prefix(&family);
        let call = call.status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
        let call = call.max_results(LOOK_BACK as i32 + 1);
        let answer = call.send().await.named("ecs:ListTaskDefinitions")?;
        let arns = answer.task_definition_arns.unwrap_or_default();
        let older = arns.into_iter().filter(|arn| newest.task_definition_arn.as_ref() != Some(arn));
        let older = each(older, |arn| described(aws, arn)).await?;
        let mut older = older.into_iter().flatten().filter(|(revision, _)| is_active(revision));
        if !active {
            let owned = newest.status == Some(TaskDefinitionStatus::Inactive)
                && Owner::from_tags(&tags).is_some();
            match older.next() {
                Some(next) => (newest, tags) = next,
                // Only who deletes still has something to do with it.
                None if owned && detail == Detail::Identity => {}
                None => return Ok(None),
            }
        }
        // A family in which a revision of ours is still active is ours, whoever made the newest.
        if Owner::from_tags(&tags).is_none()
            && let Some((_, ours)) = older.find(|(_, tags)| Owner::from_tags(tags).is_some())
        {
            tags = ours;
        }
    }
    let outputs = outputs(&newest);
    let spec = read::spec(newest);
    Ok(Some(Found { id: family, spec, outputs, tags, readiness: Readiness::Ready }))
}
