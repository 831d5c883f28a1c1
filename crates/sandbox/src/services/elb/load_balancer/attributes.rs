//! Attributes of load balancers.

use serde::Deserialize;
use serde_json::json;

use super::super::attribute::{self, Attribute, Known, Settings, Values, known};
use super::super::constraint::misconfigured;
use super::super::{arn, attribute::value};
use super::LoadBalancer;
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// ELB API, LoadBalancerAttribute: those of an application load balancer. Whether IPv6 traffic of
/// gateways is denied follows the scheme.
const APPLICATION: &[Known] = &[
    known("access_logs.s3.enabled", "false", Values::Flag),
    known("access_logs.s3.bucket", "", Values::Text(63)),
    known("access_logs.s3.prefix", "", Values::Text(1024)),
    known("health_check_logs.s3.enabled", "false", Values::Flag),
    known("health_check_logs.s3.bucket", "", Values::Text(63)),
    known("health_check_logs.s3.prefix", "", Values::Text(1024)),
    known("idle_timeout.timeout_seconds", "60", Values::Number(1, 4000)),
    known("deletion_protection.enabled", "false", Values::Flag),
    known("routing.http2.enabled", "true", Values::Flag),
    known("routing.http.drop_invalid_header_fields.enabled", "false", Values::Flag),
    known("routing.http.xff_client_port.enabled", "false", Values::Flag),
    known("routing.http.preserve_host_header.enabled", "false", Values::Flag),
    known(
        "routing.http.xff_header_processing.mode",
        "append",
        Values::OneOf(&["append", "preserve", "remove"]),
    ),
    known("load_balancing.cross_zone.enabled", "true", Values::Flag),
    known(
        "routing.http.desync_mitigation_mode",
        "defensive",
        Values::OneOf(&["monitor", "defensive", "strictest"]),
    ),
    known("client_keep_alive.seconds", "3600", Values::Number(60, 604_800)),
    known("waf.fail_open.enabled", "false", Values::Flag),
    known("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Values::Flag),
    known("zonal_shift.config.enabled", "false", Values::Flag),
    known("connection_logs.s3.enabled", "false", Values::Flag),
    known("connection_logs.s3.bucket", "", Values::Text(63)),
    known("connection_logs.s3.prefix", "", Values::Text(1024)),
    known(IPV6, "false", Values::Flag),
];

/// ELB API, LoadBalancerAttribute: those of a network load balancer.
const NETWORK: &[Known] = &[
    known("access_logs.s3.enabled", "false", Values::Flag),
    known("access_logs.s3.bucket", "", Values::Text(63)),
    known("access_logs.s3.prefix", "", Values::Text(1024)),
    known("deletion_protection.enabled", "false", Values::Flag),
    known("load_balancing.cross_zone.enabled", "false", Values::Flag),
    known(
        "dns_record.client_routing_policy",
        "any_availability_zone",
        Values::OneOf(&[
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
            "any_availability_zone",
        ]),
    ),
    known("secondary_ips.auto_assigned.per_subnet", "0", Values::Number(0, 7)),
    known("zonal_shift.config.enabled", "false", Values::Flag),
    known(IPV6, "false", Values::Flag),
];

const IPV6: &str = "ipv6.deny_all_igw_traffic";

fn table(load_balancer: &LoadBalancer) -> Vec<Known> {
    let table = if load_balancer.is_application() { APPLICATION } else { NETWORK };
    let mut table = table.to_vec();
    if load_balancer.scheme == "internal" {
        table.iter_mut().filter(|known| known.key == IPV6).for_each(|known| known.default = "true");
    }
    table
}

/// Whether deletion protection is on.
pub fn is_protected(load_balancer: &LoadBalancer) -> bool {
    value(APPLICATION, &load_balancer.attributes, "deletion_protection.enabled") == "true"
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Describe {
    load_balancer_arn: String,
}

pub(crate) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let found = arn::load_balancer(site, &input.load_balancer_arn)?;
    Ok(json!({ "Attributes": attribute::listed(&table(found), &found.attributes) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Modify {
    load_balancer_arn: String,
    attributes: Vec<Attribute>,
}

pub(crate) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let found = arn::load_balancer_mut(site, &input.load_balancer_arn)?;
    refuse_other_types(found, &input.attributes)?;
    let table = table(found);
    let set = attribute::read("Load balancer", &table, input.attributes)?;
    let mut all = found.attributes.clone();
    all.extend(set);
    check(found, &table, &all)?;
    found.attributes = all;
    Ok(json!({ "Attributes": attribute::listed(&table, &found.attributes) }))
}

/// What another type of load balancer has is refused in other words than what none has.
fn refuse_other_types(found: &LoadBalancer, given: &[Attribute]) -> Result<(), Refused> {
    let has = |table: &[Known], key: &str| table.iter().any(|known| known.key == key);
    let (own, other) =
        if found.is_application() { (APPLICATION, NETWORK) } else { (NETWORK, APPLICATION) };
    let foreign = given
        .iter()
        .filter_map(|attribute| attribute.key.as_deref())
        .find(|key| has(other, key) && !has(own, key));
    foreign.map_or(Ok(()), |key| {
        Err(misconfigured(format!(
            "Load balancer attribute key '{key}' is not supported on load balancers with type \
             '{}'",
            found.sort
        )))
    })
}

fn check(found: &LoadBalancer, table: &[Known], all: &Settings) -> Result<(), Refused> {
    // ELB API, LoadBalancerAttribute: cannot be changed for application load balancers.
    if found.is_application() && value(table, all, "load_balancing.cross_zone.enabled") == "false" {
        return Err(misconfigured(
            "Cross-zone load balancing cannot be disabled for application load balancers",
        ));
    }
    // The same: a bucket is required where logs are enabled.
    for logs in ["access_logs", "connection_logs", "health_check_logs"] {
        let enabled = value(table, all, &format!("{logs}.s3.enabled")) == "true";
        if enabled && value(table, all, &format!("{logs}.s3.bucket")).is_empty() {
            return Err(misconfigured(format!(
                "The value of '{logs}.s3.bucket' cannot be empty when '{logs}.s3.enabled' is true"
            )));
        }
    }
    let ips = "secondary_ips.auto_assigned.per_subnet";
    let number = |settings: &Settings| value(table, settings, ips).parse::<u8>().unwrap_or(0);
    if number(all) < number(&found.attributes) {
        return Err(misconfigured(format!("The value of '{ips}' cannot be decreased")));
    }
    Ok(())
}
