//! How long things take, in one table.

use serde::{Deserialize, Serialize};

use super::time::Span;

/// A thing that takes time on AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// A new load balancer, `provisioning` until then.
    LoadBalancerActive,
    /// The interfaces of a deleted load balancer.
    LoadBalancerInterfacesGone,
    /// A new NAT gateway, `pending` until then.
    NatGatewayAvailable,
    /// A deleted NAT gateway, `deleting` until then.
    NatGatewayDeleted,
    /// A deleted NAT gateway, shown as `deleted` until then.
    NatGatewayForgotten,
    /// A new interface endpoint, `pending` until then.
    EndpointAvailable,
    /// A deleted interface endpoint, `deleting` until then.
    EndpointDeleted,
    /// A prefix list that is made, changed or deleted, `…-in-progress` until then.
    PrefixListChanged,
    /// IAM's changes on their way to the other services.
    IamPropagation,
    /// A service-linked role that AWS makes on first use.
    ServiceLinkedRole,
    /// A task from its order to `PENDING`: an interface and a place.
    TaskProvisioning,
    /// A task's image on its way, until `RUNNING`.
    TaskStarting,
    /// A task that cannot reach its images, secrets or logs, until it gives up.
    TaskUnreachable,
    /// A failing task, from its start to its stop.
    TaskFailing,
    /// A task told to stop, until its containers have ended.
    TaskStopping,
    /// A stopped task, shown as `STOPPED` until then.
    TaskForgotten,
    /// The scheduler between two looks at a service.
    ServiceSchedule,
    /// A deleted service, shown as `INACTIVE` until then.
    ServiceForgotten,
    /// What is attached to a cluster for its capacity providers and namespace, `UPDATE_IN_PROGRESS`
    /// until then.
    ClusterAttachments,
    /// A deleted cluster, shown as `INACTIVE` until then.
    ClusterForgotten,
    /// A change of a capacity provider, `UPDATE_IN_PROGRESS` or `DELETE_IN_PROGRESS` until then.
    CapacityProviderChanged,
    /// A deleted capacity provider, shown as `INACTIVE` until then.
    CapacityProviderForgotten,
    /// A deleted task definition, `DELETE_IN_PROGRESS` until then.
    TaskDefinitionDeleted,
    /// What is made and deleted, on its way into the tagging API.
    TaggingIndex,
    /// What is deleted, still shown by the tagging API.
    TaggingGhost,
    /// The log lines of a task that has stopped.
    LateLogs,
    /// A query of logs, `Running` until then.
    LogQuery,
    /// A scan of an image.
    ImageScan,
    /// The preview of a lifecycle policy.
    LifecyclePreview,
    /// The records by which a new certificate is validated.
    ValidationRecords,
}

/// A row of the table: at least and at most so long, and who says so.
type Row = (Wait, Span, Span, &'static str);

const fn row(wait: Wait, least: u64, most: u64, source: &'static str) -> Row {
    (wait, Span::seconds(least), Span::seconds(most), source)
}

/// How long things take on AWS, in seconds.
pub const TABLE: &[Row] = &[
    row(
        Wait::LoadBalancerActive,
        120,
        240,
        "cdkd's published runs: an ALB is provisioning for 2 to 4 minutes",
    ),
    row(
        Wait::LoadBalancerInterfacesGone,
        20,
        180,
        "ELB guide, \"Delete an Application Load Balancer\": interfaces are freed some time after",
    ),
    row(Wait::NatGatewayAvailable, 90, 120, "cdkd's published runs: pending for 1.5 to 2 minutes"),
    row(
        Wait::NatGatewayDeleted,
        30,
        60,
        "VPC guide, \"Delete a NAT gateway\": deleting, then deleted",
    ),
    row(
        Wait::NatGatewayForgotten,
        3600,
        3600,
        "VPC guide, \"Delete a NAT gateway\": visible for about an hour",
    ),
    row(
        Wait::EndpointAvailable,
        30,
        90,
        "PrivateLink guide: pending until the interfaces are there; about a minute",
    ),
    row(Wait::EndpointDeleted, 20, 60, "PrivateLink guide: deleting until the interfaces are gone"),
    row(
        Wait::PrefixListChanged,
        1,
        5,
        "VPC guide, \"Work with customer-managed prefix lists\": in progress, then complete",
    ),
    row(
        Wait::IamPropagation,
        2,
        12,
        "IAM guide, \"Changes that I make are not always immediately visible\"",
    ),
    row(
        Wait::ServiceLinkedRole,
        5,
        15,
        "IAM guide, service-linked roles: made on first use, then propagated as any role",
    ),
    row(
        Wait::TaskProvisioning,
        5,
        15,
        "ECS guide, task lifecycle: PROVISIONING attaches the interface",
    ),
    row(Wait::TaskStarting, 10, 30, "ECS guide, task lifecycle: PENDING pulls the image"),
    row(
        Wait::TaskUnreachable,
        180,
        300,
        "AWS re:Post, \"DockerTimeoutError\" on Fargate: after waiting for 3 minutes; with retries \
         up to 5",
    ),
    row(Wait::TaskFailing, 5, 20, "ECS guide, task lifecycle: a container that exits at once"),
    row(
        Wait::TaskStopping,
        2,
        30,
        "ECS guide, task lifecycle: SIGTERM, then at most stopTimeout (30 s)",
    ),
    row(
        Wait::TaskForgotten,
        3600,
        3600,
        "ECS API, DescribeTasks: stopped tasks appear for at least one hour",
    ),
    row(Wait::ServiceSchedule, 5, 10, "ECS guide, services: the scheduler's observed pace"),
    row(
        Wait::ServiceForgotten,
        3600,
        3600,
        "ECS API, DeleteService: INACTIVE services can be described for a while",
    ),
    row(
        Wait::ClusterAttachments,
        5,
        20,
        "ECS API, CreateCluster: PROVISIONING while capacity providers and namespaces are attached",
    ),
    row(
        Wait::ClusterForgotten,
        3600,
        3600,
        "ECS API, DeleteCluster: INACTIVE clusters can be described for a while",
    ),
    row(
        Wait::CapacityProviderChanged,
        5,
        20,
        "ECS API, UpdateCapacityProvider: UPDATE_IN_PROGRESS, then UPDATE_COMPLETE",
    ),
    row(
        Wait::CapacityProviderForgotten,
        3600,
        3600,
        "ECS API, DeleteCapacityProvider: INACTIVE ones can be described for a while",
    ),
    row(
        Wait::TaskDefinitionDeleted,
        60,
        600,
        "ECS API, DeleteTaskDefinitions: DELETE_IN_PROGRESS until nothing refers to it",
    ),
    row(
        Wait::TaggingIndex,
        1,
        60,
        "aws-cli#8197, boto3#3341: new things come late, deleted ones stay",
    ),
    row(
        Wait::TaggingGhost,
        3600,
        10_800,
        "aws-cli#8197: deleted things are shown for hours; boto3#3341",
    ),
    row(
        Wait::ImageScan,
        5,
        60,
        "ECR guide, \"Scan images for OS vulnerabilities\": a basic scan takes seconds",
    ),
    row(
        Wait::LogQuery,
        1,
        5,
        "Logs API, GetQueryResults: Scheduled and Running, then Complete; seconds for small groups",
    ),
    row(
        Wait::LifecyclePreview,
        1,
        20,
        "ECR API, GetLifecyclePolicyPreview: IN_PROGRESS until it is COMPLETE",
    ),
    row(
        Wait::ValidationRecords,
        1,
        10,
        "ACM guide, DNS validation: the records are there some seconds after the request",
    ),
    row(Wait::LateLogs, 1, 30, "terraform-aws-eks-cluster#67: writers outlive what they log for"),
];

/// Whether things take time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delays {
    /// As long as on AWS.
    #[default]
    AsOnAws,
    /// None: everything is done with its call.
    None,
}

/// The least and the most that something takes.
pub fn bounds(wait: Wait) -> (Span, Span) {
    let row = TABLE.iter().find(|(name, ..)| *name == wait);
    row.map_or((Span::default(), Span::default()), |(_, least, most, _)| (*least, *most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_source_and_bounds_in_order() {
        for (wait, least, most, source) in TABLE {
            assert!(least <= most && !source.is_empty(), "{wait:?}");
            assert_eq!(bounds(*wait), (*least, *most), "{wait:?} is listed twice");
        }
    }
}
