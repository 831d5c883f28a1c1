//! What holds clusters: services, tasks and container instances.

use futures_util::FutureExt;
use landfall_model::{Going, Holder};

use super::{Asking, Holders, all};
use crate::batch::batches;
use crate::error::Answer;
use crate::services::ecs;

/// `ecs:DescribeServices` takes 10 names, `ecs:DescribeTasks` 100.
const SERVICES_AT_ONCE: usize = 10;
const TASKS_AT_ONCE: usize = 100;

/// The services, tasks and container instances of a cluster.
pub(super) async fn of(asking: Asking<'_>, cluster: &str) -> Holders {
    all(vec![
        services(asking, cluster).boxed(),
        tasks(asking, cluster).boxed(),
        instances(asking, cluster).boxed(),
    ])
    .await
}

async fn services(asking: Asking<'_>, cluster: &str) -> Holders {
    let pages = asking.aws.ecs.list_services().cluster(cluster).into_paginator();
    let arns = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let arns = arns.or_missing("ecs:ListServices")?.unwrap_or_default();
    let found = batches(&arns, SERVICES_AT_ONCE, |arns| async {
        let call = asking.aws.ecs.describe_services().cluster(cluster);
        let call = call.include(aws_sdk_ecs::types::ServiceField::Tags);
        let answer = call.set_services(Some(arns)).send().await;
        let answer = answer.or_missing("ecs:DescribeServices")?;
        Ok(answer.and_then(|answer| answer.services).unwrap_or_default())
    });
    let present = found.await?.into_iter().filter(|one| one.status() != Some("INACTIVE"));
    let holders = present.map(|one| {
        let name = one.service_name.unwrap_or_default();
        let what = format!("the service {name}");
        let show = format!("aws ecs describe-services --cluster {cluster} --services {name}");
        match one.status.as_deref() {
            Some("DRAINING") => Holder { what, going: Going::ByItself, show },
            _ => asking.present(&what, &ecs::tags_of(one.tags), show),
        }
    });
    Ok(holders.collect())
}

/// Tasks that belong to no service; the others go with theirs.
async fn tasks(asking: Asking<'_>, cluster: &str) -> Holders {
    let pages = asking.aws.ecs.list_tasks().cluster(cluster).into_paginator();
    let arns = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let arns = arns.or_missing("ecs:ListTasks")?.unwrap_or_default();
    let found = batches(&arns, TASKS_AT_ONCE, |arns| async {
        let call = asking.aws.ecs.describe_tasks().cluster(cluster).set_tasks(Some(arns));
        let answer = call.send().await.or_missing("ecs:DescribeTasks")?;
        Ok(answer.and_then(|answer| answer.tasks).unwrap_or_default())
    });
    let free = found
        .await?
        .into_iter()
        .filter(|task| !task.group.as_deref().is_some_and(|group| group.starts_with("service:")));
    let holders = free.map(|task| {
        let arn = task.task_arn.unwrap_or_default();
        let family = task.task_definition_arn.unwrap_or_default();
        let what = format!("the task {} of {}", ecs::last_part(&arn), ecs::last_part(&family));
        let show = format!("aws ecs describe-tasks --cluster {cluster} --tasks {arn}");
        let stops = task.desired_status.as_deref() == Some("STOPPED");
        Holder { what, going: if stops { Going::ByItself } else { Going::Not }, show }
    });
    Ok(holders.collect())
}

async fn instances(asking: Asking<'_>, cluster: &str) -> Holders {
    let pages = asking.aws.ecs.list_container_instances().cluster(cluster).into_paginator();
    let arns = pages.items().send().collect::<Result<Vec<_>, _>>().await;
    let arns = arns.or_missing("ecs:ListContainerInstances")?.unwrap_or_default();
    let holders = arns.into_iter().map(|arn| Holder {
        what: format!("the container instance {}", ecs::last_part(&arn)),
        going: Going::Not,
        show: format!(
            "aws ecs describe-container-instances --cluster {cluster} --container-instances {arn}"
        ),
    });
    Ok(holders.collect())
}
