//! ListServices and ListServicesByNamespace.

use serde::Deserialize;
use serde_json::json;

use super::configuration::SchedulingStrategy;
use super::{Service, Status, cluster_of};
use crate::operations::Answer;
use crate::services::ecs::paging::page;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::shape::LaunchType;
use crate::world::Site;

/// Who looks after a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ManagementType {
    Customer,
    Ecs,
}

/// The input of ListServices.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ListServices {
    cluster: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    launch_type: Option<LaunchType>,
    scheduling_strategy: Option<SchedulingStrategy>,
    resource_management_type: Option<ManagementType>,
}

/// ListServices. ECS API, DeleteService: services that are `DRAINING` are no longer listed.
pub fn list(site: &mut Site<'_>, input: ListServices) -> Answer {
    let cluster = cluster_of(site, input.cluster.as_deref())?;
    // ECS API, ListServices: 10 by default, 100 at most.
    let size = (input.max_results.or(Some(10)), 100);
    let listed = |service: &&Service| {
        service.cluster == cluster.name
            && service.status == Status::Active
            && input.launch_type.is_none_or(|launch_type| {
                service.workload.placement.launch_type == Some(launch_type)
            })
            && input.scheduling_strategy.is_none_or(|one| service.settings.scheduling == one)
            && input.resource_management_type != Some(ManagementType::Ecs)
    };
    let services = site.region().ecs.services.values().filter(listed);
    let arns: Vec<String> = services.map(|service| service.arn.clone()).collect();
    let scope = format!(
        "ListServices {} {:?} {:?}",
        cluster.name, input.launch_type, input.scheduling_strategy
    );
    let (arns, next) = page(arns, size, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "serviceArns": arns, "nextToken": next }))
}

/// The input of ListServicesByNamespace.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ListServicesByNamespace {
    namespace: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

/// ListServicesByNamespace: the sandbox has no namespaces of Cloud Map.
pub fn list_by_namespace(_: &mut Site<'_>, input: ListServicesByNamespace) -> Answer {
    if input.namespace.is_empty() {
        return Err(invalid("Namespace cannot be empty."));
    }
    let scope = format!("ListServicesByNamespace {}", input.namespace);
    let size = (input.max_results, 100);
    let (arns, next) = page(Vec::<String>::new(), size, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "serviceArns": arns, "nextToken": next }))
}
