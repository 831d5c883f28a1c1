//! `DeleteCluster`.

use serde::Deserialize;
use serde_json::json;

use super::create::busy;
use super::{counts, named, show};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::services::ecs::Event;
use crate::world::{Site, Wait};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::services::ecs) struct DeleteCluster {
    cluster: String,
}

/// `DeleteCluster`: refused while something is active in it. Attachments go first.
pub(in crate::services::ecs) fn delete(site: &mut Site<'_>, input: DeleteCluster) -> Answer {
    let cluster = named(site, Some(&input.cluster))?;
    let counts = counts(site, cluster);
    if counts.active_services > 0 {
        return Err(Refused::new(
            "ClusterContainsServicesException",
            "The Cluster cannot be deleted while Services are active.",
        ));
    }
    if counts.running_tasks + counts.pending_tasks > 0 {
        return Err(Refused::new(
            "ClusterContainsTasksException",
            "The Cluster cannot be deleted while Tasks are active.",
        ));
    }
    if cluster.is_busy() {
        return Err(busy());
    }
    let (name, has_attachments) = (cluster.name.clone(), cluster.attachments_status.is_some());
    if has_attachments {
        if let Some(cluster) = site.region_mut().ecs.clusters.get_mut(&name) {
            "DEPROVISIONING".clone_into(&mut cluster.status);
            cluster.attachments_status = Some("UPDATE_IN_PROGRESS".to_owned());
        }
        site.later(Wait::ClusterAttachments, Event::ClusterAttached { name: name.clone() });
    } else {
        finish(site, &name);
    }
    Ok(json!({ "cluster": show::in_full(site, &name) }))
}

/// Nothing is attached any more: `INACTIVE` until it is forgotten.
pub(super) fn finish(site: &mut Site<'_>, name: &str) {
    let deleted = site.now();
    if let Some(cluster) = site.region_mut().ecs.clusters.get_mut(name) {
        "INACTIVE".clone_into(&mut cluster.status);
        cluster.deleted = Some(deleted);
        cluster.attachments.clear();
        cluster.namespace = None;
        cluster.capacity_providers.clear();
        cluster.default_strategy.clear();
    }
    let name = name.to_owned();
    site.later(Wait::ClusterForgotten, Event::ClusterForgotten { name, deleted });
}
