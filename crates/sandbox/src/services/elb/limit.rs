//! The account's quotas: AWS's defaults.

use serde::Deserialize;
use serde_json::{Value, json};

use super::pages::page;
use crate::operations::Answer;
use crate::world::Site;

/// ELB guides, "Quotas for your Application Load Balancers" and "… Network Load Balancers".
const LIMITS: &[(&str, usize)] = &[
    ("target-groups", TARGET_GROUPS),
    ("targets-per-application-load-balancer", 1000),
    ("target-groups-per-action-on-application-load-balancer", GROUPS_PER_ACTION),
    ("listeners-per-application-load-balancer", LISTENERS),
    ("rules-per-application-load-balancer", RULES),
    ("application-load-balancers", LOAD_BALANCERS),
    ("network-load-balancers", LOAD_BALANCERS),
    ("listeners-per-network-load-balancer", LISTENERS),
    ("targets-per-availability-zone-per-network-load-balancer", 500),
    ("targets-per-network-load-balancer", 3000),
    ("target-groups-per-action-on-network-load-balancer", GROUPS_PER_ACTION),
    ("targets-per-target-group", TARGETS),
    ("certificates-per-application-load-balancer", CERTIFICATES),
    ("certificates-per-network-load-balancer", CERTIFICATES),
    ("target-groups-per-application-load-balancer", GROUPS_PER_LOAD_BALANCER),
    ("condition-values-per-alb-rule", CONDITION_VALUES),
    ("condition-wildcards-per-alb-rule", WILDCARDS),
    ("gateway-load-balancers", 100),
    ("gateway-load-balancers-per-vpc", 100),
    ("geneve-target-groups", 100),
    ("targets-per-availability-zone-per-gateway-load-balancer", 300),
];

/// Load balancers of a type in a region.
pub const LOAD_BALANCERS: usize = 50;
/// Listeners of a load balancer.
pub const LISTENERS: usize = 50;
/// Rules of a load balancer, without default rules.
pub const RULES: usize = 100;
/// Target groups in a region.
pub const TARGET_GROUPS: usize = 3000;
/// Targets of a target group.
pub const TARGETS: usize = 1000;
/// Target groups that the rules of a load balancer refer to.
pub const GROUPS_PER_LOAD_BALANCER: usize = 100;
/// Target groups of an action.
pub const GROUPS_PER_ACTION: usize = 5;
/// Certificates of a load balancer, without default certificates.
pub const CERTIFICATES: usize = 25;
/// Values of a rule's conditions, all together.
pub const CONDITION_VALUES: usize = 5;
/// Wildcards in a rule's conditions, all together.
pub const WILDCARDS: usize = 6;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    marker: Option<String>,
    page_size: Option<i64>,
}

pub(super) fn describe(_: &mut Site<'_>, input: Describe) -> Answer {
    let limits = LIMITS.to_vec();
    let (limits, next) = page(limits, input.page_size, input.marker.as_deref(), "limits")?;
    let limits: Value = limits
        .into_iter()
        .map(|(name, most)| json!({ "Name": name, "Max": most.to_string() }))
        .collect();
    Ok(json!({ "Limits": limits, "NextMarker": next }))
}
