//! DeleteService.

use serde::Deserialize;
use serde_json::json;

use super::configuration::SchedulingStrategy;
use super::show::show;
use super::{Status, cluster_of, get, get_mut, key_of, not_found};
use crate::operations::Answer;
use crate::services::ecs::refusal::invalid;
use crate::services::ecs::scheduler;
use crate::world::Site;

/// The input of DeleteService.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DeleteService {
    service: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    force: Option<bool>,
}

/// DeleteService. ECS API: the desired count has to be 0, or the call has to be forced.
pub fn delete(site: &mut Site<'_>, input: DeleteService) -> Answer {
    let cluster = cluster_of(site, input.cluster.as_deref())?;
    let key = key_of(&cluster, &input.service)?;
    let service = get(site, &key).filter(|service| service.status != Status::Inactive);
    let service = service.ok_or_else(not_found)?;
    if service.status == Status::Draining {
        return Ok(json!({ "service": show(site, &key, true) }));
    }
    let replicas = service.settings.scheduling == SchedulingStrategy::Replica;
    if replicas && service.desired > 0 && input.force != Some(true) {
        return Err(invalid("The service cannot be stopped while it is scaled above 0."));
    }
    if let Some(service) = get_mut(site, &key) {
        service.status = Status::Draining;
        service.desired = 0;
        service.mind.steady = false;
    }
    scheduler::stop_all(site, &key);
    Ok(json!({ "service": show(site, &key, true) }))
}
