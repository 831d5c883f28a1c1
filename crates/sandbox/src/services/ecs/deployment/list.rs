//! ListServiceDeployments.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{RecordStatus, ServiceDeployment};
use crate::operations::Answer;
use crate::services::ecs::paging::page;
use crate::services::ecs::service::{self, cluster_of, key_of};

use crate::world::{Site, Time};

/// A span of time; the JSON protocol writes moments in seconds since 1970.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CreatedAt {
    before: Option<f64>,
    after: Option<f64>,
}

/// The input of ListServiceDeployments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ListServiceDeployments {
    service: String,
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    status: Vec<RecordStatus>,
    #[serde(default)]
    created_at: CreatedAt,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<i64>,
}

/// ListServiceDeployments, newest first.
pub fn list(site: &mut Site<'_>, input: ListServiceDeployments) -> Answer {
    let cluster = cluster_of(site, input.cluster.as_deref())?;
    let key = key_of(&cluster, &input.service)?;
    let service = service::get(site, &key).ok_or_else(service::not_found)?;
    let within = |record: &&ServiceDeployment| {
        let at = record.created.epoch().as_f64().unwrap_or_default();
        input.created_at.before.is_none_or(|before| at <= before)
            && input.created_at.after.is_none_or(|after| at >= after)
    };
    let listed = |record: &&ServiceDeployment| {
        (input.status.is_empty() || input.status.contains(&record.status)) && within(record)
    };
    let records: Vec<Value> = service
        .history
        .iter()
        .filter(listed)
        .map(|record| {
            json!({
                "serviceDeploymentArn": record.arn,
                "serviceArn": service.arn,
                "clusterArn": service.cluster_arn,
                "startedAt": record.created.epoch(),
                "createdAt": record.created.epoch(),
                "finishedAt": record.finished.map(Time::epoch),
                "targetServiceRevisionArn": record.target,
                "status": record.status,
                "statusReason": record.reason,
            })
        })
        .collect();
    let scope = format!("ListServiceDeployments {key} {:?}", input.status);
    // ECS API, ListServiceDeployments: 20 by default, 100 at most.
    let size = (input.max_results.or(Some(20)), 100);
    let (records, next) = page(records, size, input.next_token.as_deref(), &scope)?;
    Ok(json!({ "serviceDeployments": records, "nextToken": next }))
}
