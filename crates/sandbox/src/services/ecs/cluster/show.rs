//! A cluster as the API shows it.

use serde_json::{Value, json};

use super::{Attachment, Cluster, counts};
use crate::services::ecs::tag;
use crate::world::Site;

/// What is shown of a cluster beyond what always is. ECS API, DescribeClusters, `include`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shown {
    pub attachments: bool,
    pub configuration: bool,
    pub settings: bool,
    pub statistics: bool,
    pub tags: bool,
}

/// A cluster as the call that makes or changes it answers.
pub(super) fn in_full(site: &Site<'_>, name: &str) -> Option<Value> {
    let all = Shown {
        attachments: true,
        configuration: true,
        settings: true,
        statistics: false,
        tags: true,
    };
    site.region().ecs.clusters.get(name).map(|cluster| cluster_as(site, cluster, all))
}

/// A cluster with some of its details.
pub(super) fn cluster_as(site: &Site<'_>, cluster: &Cluster, shown: Shown) -> Value {
    let counts = counts(site, cluster);
    let settings = json!([{ "name": "containerInsights", "value": cluster.insights }]);
    let statistics = json!([
        { "name": "runningEC2TasksCount", "value": "0" },
        { "name": "runningFargateTasksCount", "value": counts.running_tasks.to_string() },
        { "name": "pendingEC2TasksCount", "value": "0" },
        { "name": "pendingFargateTasksCount", "value": counts.pending_tasks.to_string() },
        { "name": "activeEC2ServiceCount", "value": "0" },
        { "name": "activeFargateServiceCount", "value": counts.active_services.to_string() },
        { "name": "drainingEC2ServiceCount", "value": "0" },
        { "name": "drainingFargateServiceCount", "value": counts.draining_services.to_string() },
    ]);
    let attachments: Option<Vec<Value>> = (shown.attachments
        && cluster.attachments_status.is_some())
    .then(|| cluster.attachments.iter().map(|one| attachment(cluster, one)).collect());
    let namespace =
        cluster.namespace.as_ref().map(|namespace| json!({ "namespace": namespace.arn }));
    json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "configuration": cluster.configuration.as_ref().filter(|_| shown.configuration),
        "status": cluster.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": counts.running_tasks,
        "pendingTasksCount": counts.pending_tasks,
        "activeServicesCount": counts.active_services,
        "statistics": if shown.statistics { statistics } else { json!([]) },
        "tags": if shown.tags { tag::shown(&cluster.tags) } else { json!([]) },
        "settings": if shown.settings { settings } else { json!([]) },
        "capacityProviders": cluster.capacity_providers,
        "defaultCapacityProviderStrategy": cluster.default_strategy,
        "attachmentsStatus": attachments.as_ref().and(cluster.attachments_status.as_ref()),
        "attachments": attachments,
        "serviceConnectDefaults": namespace,
    })
}

fn attachment(cluster: &Cluster, attachment: &Attachment) -> Value {
    let is_connect = attachment.kind == "sc";
    let status = match (cluster.status == "DEPROVISIONING", attachment.is_there, is_connect) {
        (true, _, true) => "DETACHING",
        (true, _, false) => "DELETING",
        (false, false, true) => "ATTACHING",
        (false, false, false) => "PRECREATED",
        (false, true, true) => "ATTACHED",
        (false, true, false) => "CREATED",
    };
    json!({
        "id": attachment.id,
        "type": attachment.kind,
        "status": status,
        "details": attachment.details,
    })
}
