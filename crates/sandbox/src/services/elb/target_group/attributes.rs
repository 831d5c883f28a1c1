//! Attributes of target groups.

use serde::Deserialize;
use serde_json::json;

use super::super::attribute::{self, Attribute, Known, Settings, Values, known, value};
use super::super::constraint::misconfigured;
use super::super::{arn, constraint::invalid};
use super::TargetGroup;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::{Site, Span};

const DELAY: &str = "deregistration_delay.timeout_seconds";
const STICKY: &str = "stickiness.type";
const PRESERVE: &str = "preserve_client_ip.enabled";
const UNHEALTHY: &str = "target_health_state.unhealthy.connection_termination.enabled";
const TERMINATE: &str = "deregistration_delay.connection_termination.enabled";

/// ELB API, TargetGroupAttribute: of load balancers of both sorts.
const BOTH: &[Known] = &[
    known(DELAY, "300", Values::Number(0, 3600)),
    known("stickiness.enabled", "false", Values::Flag),
    known(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Values::OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    known(
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        Values::NumberOrOff(1, 1000),
    ),
    known(
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        Values::NumberOrOff(1, 100),
    ),
    known(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Values::Number(1, 1000),
    ),
    known(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        Values::NumberOrOff(1, 100),
    ),
];

/// Of application load balancers.
const APPLICATION: &[Known] = &[
    known(STICKY, "lb_cookie", Values::OneOf(&["lb_cookie", "app_cookie"])),
    known("stickiness.lb_cookie.duration_seconds", "86400", Values::Number(1, 604_800)),
    known("stickiness.app_cookie.cookie_name", "", Values::Text(255)),
    known("stickiness.app_cookie.duration_seconds", "86400", Values::Number(1, 604_800)),
    known("slow_start.duration_seconds", "0", Values::NumberOrNone(30, 900)),
    known(
        "load_balancing.algorithm.type",
        "round_robin",
        Values::OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    known("load_balancing.algorithm.anomaly_mitigation", "off", Values::OneOf(&["on", "off"])),
];

/// Of network load balancers.
const NETWORK: &[Known] = &[
    known(STICKY, "source_ip", Values::OneOf(&["source_ip"])),
    known(TERMINATE, "false", Values::Flag),
    known(PRESERVE, "true", Values::Flag),
    known("proxy_protocol_v2.enabled", "false", Values::Flag),
    known(UNHEALTHY, "true", Values::Flag),
    known(
        "target_health_state.unhealthy.draining_interval_seconds",
        "0",
        Values::Number(0, 360_000),
    ),
];

/// Of functions.
const LAMBDA: &[Known] = &[known("lambda.multi_value_headers.enabled", "false", Values::Flag)];

fn table(group: &TargetGroup) -> Vec<Known> {
    if group.target_type == "lambda" {
        return LAMBDA.to_vec();
    }
    let own = if group.is_for_application() { APPLICATION } else { NETWORK };
    let mut table: Vec<Known> = BOTH.iter().chain(own).cloned().collect();
    let mut default = |key: &str, default: &'static str| {
        table.iter_mut().filter(|known| known.key == key).for_each(|known| known.default = default);
    };
    let protocol = group.protocol.as_deref().unwrap_or_default();
    if protocol.contains("UDP") {
        default(TERMINATE, "true");
        default(UNHEALTHY, "false");
    } else if group.target_type == "ip" {
        default(PRESERVE, "false");
    }
    table
}

/// How long a deregistered target drains.
pub fn deregistration_delay(group: &TargetGroup) -> Span {
    let table = table(group);
    Span::seconds(value(&table, &group.attributes, DELAY).parse().unwrap_or_default())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Describe {
    target_group_arn: String,
}

pub(crate) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let group = arn::target_group(site, &input.target_group_arn)?;
    Ok(json!({ "Attributes": attribute::listed(&table(group), &group.attributes) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Modify {
    target_group_arn: String,
    attributes: Vec<Attribute>,
}

pub(crate) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let group = arn::target_group_mut(site, &input.target_group_arn)?;
    let table = table(group);
    let given = input.attributes;
    let asked = |key: &str| {
        let found = given.iter().find(|one| one.key.as_deref() == Some(key));
        found.and_then(|one| one.value.as_deref())
    };
    if let Some(sort @ ("lb_cookie" | "app_cookie" | "source_ip")) = asked(STICKY) {
        let sticky = table.iter().find(|known| known.key == STICKY);
        let fits = sticky.is_none_or(|known| match known.values {
            Values::OneOf(set) => set.contains(&sort),
            _ => true,
        });
        if !fits {
            return Err(misconfigured(format!(
                "Stickiness type '{sort}' is not supported for target groups with the {} protocol",
                group.protocol.as_deref().unwrap_or_default()
            )));
        }
    }
    let set = attribute::read("Target group", &table, given)?;
    let mut all = group.attributes.clone();
    all.extend(set);
    check(group, &table, &all)?;
    group.attributes = all;
    Ok(json!({ "Attributes": attribute::listed(&table, &group.attributes) }))
}

/// ELB API, TargetGroupAttribute: which attributes go together.
fn check(group: &TargetGroup, table: &[Known], all: &Settings) -> Result<(), Refused> {
    let is = |key: &str, wanted: &str| value(table, all, key) == wanted;
    let protocol = group.protocol.as_deref().unwrap_or_default();
    let cookie = value(table, all, "stickiness.app_cookie.cookie_name");
    let by_cookie = is("stickiness.enabled", "true") && is(STICKY, "app_cookie");
    if by_cookie && cookie.is_empty() {
        return Err(invalid(
            "You must specify 'stickiness.app_cookie.cookie_name' when the stickiness type is \
             app_cookie",
        ));
    }
    if cookie.starts_with("AWSALB") {
        return Err(invalid(format!("The cookie name '{cookie}' is reserved")));
    }
    let mitigation = "load_balancing.algorithm.anomaly_mitigation";
    let algorithm = "load_balancing.algorithm.type";
    if is(mitigation, "on") && !is(algorithm, "weighted_random") {
        return Err(misconfigured(format!(
            "'{mitigation}' can be on only when '{algorithm}' is weighted_random"
        )));
    }
    let slow = !is("slow_start.duration_seconds", "0") && group.is_for_application();
    if slow && group.target_type != "lambda" && !is(algorithm, "round_robin") {
        return Err(misconfigured(format!("Slow start needs '{algorithm}' to be round_robin")));
    }
    if protocol.contains("UDP") && is(PRESERVE, "false") {
        return Err(misconfigured(format!(
            "Client IP preservation cannot be disabled for target groups with the {protocol} \
             protocol"
        )));
    }
    if protocol.contains("UDP") && is(UNHEALTHY, "true") {
        return Err(misconfigured(format!(
            "'{UNHEALTHY}' cannot be enabled for target groups with the {protocol} protocol"
        )));
    }
    let interval = "target_health_state.unhealthy.draining_interval_seconds";
    if is(UNHEALTHY, "true") && !is(interval, "0") && !group.is_for_application() {
        return Err(misconfigured(format!("'{interval}' needs '{UNHEALTHY}' to be false")));
    }
    Ok(())
}
