//! Instances, of which there are none.

use serde::Deserialize;

use super::filter::{self, Filter};
use super::listing::{self, Asked};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// The input of `DescribeInstances` and `DescribeInstanceStatus`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct DescribeInstances {
    instance_id: Vec<String>,
    filter: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
    include_all_instances: bool,
    include_managed_resources: bool,
}

/// The filters of `DescribeInstances`.
const FILTERS: &[&str] = &[
    "affinity",
    "architecture",
    "availability-zone",
    "availability-zone-id",
    "block-device-mapping.attach-time",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "boot-mode",
    "capacity-reservation-id",
    "client-token",
    "current-instance-boot-mode",
    "dns-name",
    "ebs-optimized",
    "ena-support",
    "group-id",
    "group-name",
    "host-id",
    "hypervisor",
    "iam-instance-profile.arn",
    "iam-instance-profile.id",
    "iam-instance-profile.name",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "ipv6-address",
    "kernel-id",
    "key-name",
    "launch-index",
    "launch-time",
    "monitoring-state",
    "outpost-arn",
    "owner-id",
    "placement-group-name",
    "placement-partition-number",
    "platform",
    "platform-details",
    "private-dns-name",
    "private-ip-address",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "reason",
    "requester-id",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "source-dest-check",
    "spot-instance-request-id",
    "state-reason-code",
    "state-reason-message",
    "subnet-id",
    "tenancy",
    "tpm-support",
    "usage-operation",
    "usage-operation-update-time",
    "virtualization-type",
    "vpc-id",
];

/// The beginnings of those filters of `DescribeInstances` that come in families.
const FAMILIES: &[&str] = &[
    "capacity-reservation-specification.",
    "enclave-options.",
    "hibernation-options.",
    "maintenance-options.",
    "metadata-options.",
    "network-interface.",
    "network-performance-options.",
    "operator.",
    "private-dns-name-options.",
];

/// The filters of `DescribeInstanceStatus`.
const STATUS_FILTERS: &[&str] = &[
    "attached-ebs-status.status",
    "availability-zone",
    "availability-zone-id",
    "event.code",
    "event.description",
    "event.instance-event-id",
    "event.not-after",
    "event.not-before",
    "event.not-before-deadline",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "operator.managed",
    "operator.principal",
    "system-status.reachability",
    "system-status.status",
];

/// Lists instances.
pub fn describe(_: &mut Site<'_>, input: DescribeInstances) -> Answer {
    let of_family = |filter: &Filter| FAMILIES.iter().any(|start| filter.name.starts_with(start));
    let others: Vec<Filter> = input.filter.iter().filter(|f| !of_family(f)).cloned().collect();
    filter::known(&others, FILTERS)?;
    none("reservationSet", &input)
}

/// Lists the states of instances.
pub fn statuses(_: &mut Site<'_>, input: DescribeInstances) -> Answer {
    filter::known(&input.filter, STATUS_FILTERS)?;
    none("instanceStatusSet", &input)
}

fn none(set: &str, input: &DescribeInstances) -> Answer {
    if let Some(id) = input.instance_id.first() {
        return Err(missing(id));
    }
    let asked = Asked {
        ids: &[],
        filters: &input.filter,
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
    };
    listing::paged(set, Vec::new(), &asked, (5, 1000))
}

/// The refusal of an instance that is not there.
pub fn missing(id: &str) -> Refused {
    let hex = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if id.strip_prefix("i-").is_some_and(hex) {
        let message = format!("The instance ID '{id}' does not exist");
        return Refused::new("InvalidInstanceID.NotFound", message);
    }
    let message = format!("Invalid id: \"{id}\" (expecting \"i-...\")");
    Refused::new("InvalidInstanceID.Malformed", message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::probe::Probe;

    #[test]
    fn filters_are_known_or_refused() {
        let mut probe = Probe::new();
        let asked = |name: &str| json!({ "Filter": [{ "Name": name, "Value": ["x"] }] });
        for name in ["vpc-id", "tag:Name", "instance-state-name", "network-interface.subnet-id"] {
            let found = probe.ask("ec2", "DescribeInstances", asked(name));
            assert_eq!(found["reservationSet"], json!([]), "{name}");
        }
        for operation in ["DescribeInstances", "DescribeInstanceStatus"] {
            let code = probe.refused("ec2", operation, asked("colour"));
            assert_eq!(code, "InvalidParameterValue");
        }
    }
}
