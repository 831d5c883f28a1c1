//! Target groups.

pub mod attributes;
pub mod create;
pub mod health_check;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::health_check::{Asked, HealthCheck, Matcher};
use super::State;
use super::arn::{self, Kind};
use super::attribute::Settings;
use super::constraint::{invalid, misconfigured};
use super::pages::page;
use super::target_health::{self, Target};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::tags::Tags;
use crate::world::Site;

/// A target group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The type of its targets: `instance`, `ip`, `lambda`, `alb`.
    pub target_type: String,
    /// How it talks to its targets; nothing for functions.
    pub protocol: Option<String>,
    /// `HTTP1`, `HTTP2` or `GRPC`, of a protocol that has versions.
    pub protocol_version: Option<String>,
    /// The port of targets that have none of their own.
    pub port: Option<i64>,
    /// Its VPC's id.
    pub vpc: Option<String>,
    /// `ipv4` or `ipv6`.
    pub ip_address_type: String,
    /// The port of the target optimizer's agent.
    pub control_port: Option<i64>,
    /// How its targets are checked.
    pub health_check: HealthCheck,
    /// The attributes that were set.
    pub attributes: Settings,
    /// Its targets, in the order of their registration.
    pub targets: Vec<Target>,
    /// Its tags.
    pub tags: Tags,
}

impl TargetGroup {
    /// Whether application load balancers can use it.
    pub fn is_for_application(&self) -> bool {
        matches!(self.protocol.as_deref(), None | Some("HTTP" | "HTTPS"))
    }

    fn described(&self, state: &State) -> Value {
        let check = &self.health_check;
        let matcher = check
            .matcher
            .as_ref()
            .map(|matcher| json!({ "HttpCode": matcher.http_code, "GrpcCode": matcher.grpc_code }));
        json!({
            "TargetGroupArn": self.arn,
            "TargetGroupName": self.name,
            "Protocol": self.protocol,
            "Port": self.port,
            "VpcId": self.vpc,
            "HealthCheckProtocol": check.protocol,
            "HealthCheckPort": check.port,
            "HealthCheckEnabled": check.enabled,
            "HealthCheckIntervalSeconds": check.interval,
            "HealthCheckTimeoutSeconds": check.timeout,
            "HealthyThresholdCount": check.healthy_threshold,
            "UnhealthyThresholdCount": check.unhealthy_threshold,
            "HealthCheckPath": check.path,
            "Matcher": matcher,
            "LoadBalancerArns": load_balancers(state, &self.arn),
            "TargetType": self.target_type,
            "ProtocolVersion": self.protocol_version,
            "IpAddressType": self.ip_address_type,
            "TargetControlPort": self.control_port,
        })
    }
}

/// The ARNs of the load balancers that send something to a target group: those whose rules refer
/// to it.
pub fn load_balancers(state: &State, group: &str) -> BTreeSet<String> {
    let rules = state.rules.values().filter(|rule| rule.groups().any(|arn| arn == group));
    let listeners = rules.filter_map(|rule| state.listeners.get(&rule.listener));
    listeners.map(|listener| listener.load_balancer.clone()).collect()
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Describe {
    load_balancer_arn: Option<String>,
    target_group_arns: Vec<String>,
    names: Vec<String>,
    marker: Option<String>,
    page_size: Option<i64>,
}

/// ELB API, DescribeTargetGroups: by load balancer, by ARNs or by names.
pub(super) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let Describe { load_balancer_arn: balancer, target_group_arns: arns, names, .. } = input;
    let ways = [balancer.is_some(), !arns.is_empty(), !names.is_empty()];
    if ways.into_iter().filter(|way| *way).count() > 1 {
        return Err(invalid(
            "Target group names, target group ARNs and a load balancer ARN cannot be specified at \
             the same time",
        ));
    }
    if arns.len().max(names.len()) > 20 {
        return Err(invalid("Cannot have more than 20 target groups described"));
    }
    arns.iter().try_for_each(|arn| Kind::TargetGroup.shaped(arn))?;
    if let Some(arn) = &balancer {
        arn::load_balancer(site, arn)?;
    }
    let state = &site.region().elb;
    let all = &state.target_groups;
    let missing = arns.iter().any(|arn| !all.contains_key(arn))
        || names.iter().any(|name| all.values().all(|one| one.name != *name));
    if missing {
        return Err(Kind::TargetGroup.some_not_found());
    }
    let any = arns.is_empty() && names.is_empty();
    let found: Vec<&TargetGroup> = all
        .values()
        .filter(|one| any || arns.contains(&one.arn) || names.contains(&one.name))
        .filter(|one| {
            balancer.as_ref().is_none_or(|arn| load_balancers(state, &one.arn).contains(arn))
        })
        .collect();
    let scope = format!("target groups {balancer:?} {arns:?} {names:?}");
    let (found, next) = page(found, input.page_size, input.marker.as_deref(), &scope)?;
    let found: Vec<Value> = found.into_iter().map(|one| one.described(state)).collect();
    Ok(json!({ "TargetGroups": found, "NextMarker": next }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Modify {
    target_group_arn: String,
    #[serde(default)]
    health_check_protocol: Option<String>,
    #[serde(default)]
    health_check_port: Option<String>,
    #[serde(default)]
    health_check_path: Option<String>,
    #[serde(default)]
    health_check_enabled: Option<bool>,
    #[serde(default)]
    health_check_interval_seconds: Option<i64>,
    #[serde(default)]
    health_check_timeout_seconds: Option<i64>,
    #[serde(default)]
    healthy_threshold_count: Option<i64>,
    #[serde(default)]
    unhealthy_threshold_count: Option<i64>,
    #[serde(default)]
    matcher: Option<Matcher>,
}

/// ELB API, ModifyTargetGroup: what is not named stays.
pub(super) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let group = arn::target_group_mut(site, &input.target_group_arn)?;
    let asked = Asked {
        enabled: input.health_check_enabled,
        protocol: input.health_check_protocol,
        port: input.health_check_port,
        path: input.health_check_path,
        interval: input.health_check_interval_seconds,
        timeout: input.health_check_timeout_seconds,
        healthy_threshold: input.healthy_threshold_count,
        unhealthy_threshold: input.unhealthy_threshold_count,
        matcher: input.matcher,
    };
    let before = group.health_check.enabled;
    group.health_check = health_check::changed(group, asked)?;
    if group.health_check.enabled != before {
        target_health::restart(site, &input.target_group_arn);
    }
    let group = arn::target_group(site, &input.target_group_arn)?;
    Ok(json!({ "TargetGroups": [group.described(&site.region().elb)] }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Delete {
    target_group_arn: String,
}

/// ELB API, DeleteTargetGroup: not while an action refers to it; what is not there counts as
/// deleted.
pub(super) fn delete(site: &mut Site<'_>, input: Delete) -> Answer {
    let arn = input.target_group_arn;
    Kind::TargetGroup.shaped(&arn)?;
    if !load_balancers(&site.region().elb, &arn).is_empty() {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(Refused::new("ResourceInUse", message));
    }
    site.region_mut().elb.target_groups.remove(&arn);
    Ok(json!({}))
}

/// Refuses a VPC that does not exist.
fn known_vpc(site: &Site<'_>, vpc: &str) -> Result<(), Refused> {
    match site.region().ec2.vpcs.contains_key(vpc) {
        true => Ok(()),
        false => Err(invalid(format!("The VPC ID '{vpc}' is not found"))),
    }
}

/// Refuses what the sandbox has no load balancers for.
fn without_gateways(protocol: &str) -> Result<(), Refused> {
    match protocol {
        "GENEVE" => Err(misconfigured("The sandbox has no gateway load balancers")),
        "QUIC" | "TCP_QUIC" => Err(misconfigured("The sandbox has no QUIC load balancers")),
        _ => Ok(()),
    }
}
