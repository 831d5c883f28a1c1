//! StopServiceDeployment.

use serde::Deserialize;
use serde_json::json;

use super::{RecordStatus, RolloutState, roll_back};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::scheduler;
use crate::services::ecs::service;
use crate::world::Site;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StopType {
    Abort,
    #[default]
    Rollback,
}

/// The input of StopServiceDeployment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StopServiceDeployment {
    service_deployment_arn: String,
    #[serde(default)]
    stop_type: StopType,
}

/// StopServiceDeployment: back to what was completed last.
pub fn stop(site: &mut Site<'_>, input: StopServiceDeployment) -> Answer {
    let arn = &input.service_deployment_arn;
    let found = super::describe::find(site, arn);
    let found = found
        .map(|(service, record)| (service::key(&service.cluster, &service.name), record.status));
    let Some((key, status)) = found else {
        let message = "Service deployment not found.";
        return Err(Refused::new("ServiceDeploymentNotFoundException", message));
    };
    if status != RecordStatus::InProgress {
        let message = "The service deployment cannot be stopped, since it is not in progress.";
        return Err(Refused::new("ConflictException", message));
    }
    let now = site.now();
    if let Some(primary) = service::get_mut(site, &key).and_then(|one| one.deployments.first_mut())
    {
        primary.state = RolloutState::Failed;
        primary.reason = format!("ECS deployment {} was stopped.", primary.id);
        primary.updated = now;
    }
    if input.stop_type == StopType::Rollback {
        roll_back(site, &key, "Service deployment was stopped by the user.");
    } else if let Some(record) = super::record_mut(site, &key, arn) {
        record.reason = Some("Service deployment was stopped by the user.".to_owned());
        record.close(RecordStatus::Stopped, now);
    }
    scheduler::wake(site, &key);
    Ok(json!({ "serviceDeploymentArn": arn }))
}
