//! CreateTargetGroup.

use serde::Deserialize;
use serde_json::json;

use super::super::constraint::{self, invalid, one_of, port};
use super::super::limit;
use super::super::tag::{self, Tag};
use super::health_check::{self, Asked, Group, Matcher};
use super::{Settings, TargetGroup, known_vpc, without_gateways};
use crate::operations::Answer;
use crate::refused::Refused;
use crate::world::Site;

/// All protocols of listeners and target groups.
pub const PROTOCOLS: &[&str] =
    &["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Create {
    name: String,
    #[serde(default)]
    protocol: Option<String>,
    #[serde(default)]
    protocol_version: Option<String>,
    #[serde(default)]
    port: Option<i64>,
    #[serde(default)]
    vpc_id: Option<String>,
    #[serde(default)]
    health_check_protocol: Option<String>,
    #[serde(default)]
    health_check_port: Option<String>,
    #[serde(default)]
    health_check_enabled: Option<bool>,
    #[serde(default)]
    health_check_path: Option<String>,
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
    #[serde(default)]
    target_type: Option<String>,
    #[serde(default)]
    tags: Option<Vec<Tag>>,
    #[serde(default)]
    ip_address_type: Option<String>,
    #[serde(default)]
    target_control_port: Option<i64>,
}

pub(crate) fn create(site: &mut Site<'_>, input: Create) -> Answer {
    let wanted = wanted(site, input)?;
    let state = &site.region().elb;
    if let Some(existing) = state.target_groups.values().find(|one| one.name == wanted.name) {
        // ELB API, CreateTargetGroup: idempotent; the same settings are the same target group.
        let same = TargetGroup {
            arn: existing.arn.clone(),
            attributes: existing.attributes.clone(),
            targets: existing.targets.clone(),
            ..wanted
        };
        if same == *existing {
            return Ok(json!({ "TargetGroups": [existing.described(state)] }));
        }
        let message = format!(
            "A target group with the same name '{}' exists, but with different settings",
            same.name
        );
        return Err(Refused::new("DuplicateTargetGroupName", message));
    }
    if state.target_groups.len() >= limit::TARGET_GROUPS {
        let message = "The maximum number of target groups has been reached";
        return Err(Refused::new("TooManyTargetGroups", message));
    }
    let id = site.world.chance.hex(16);
    let arn = site.arn("elasticloadbalancing", &format!("targetgroup/{}/{id}", wanted.name));
    let made = TargetGroup { arn: arn.clone(), ..wanted };
    let described = made.described(&site.region().elb);
    site.region_mut().elb.target_groups.insert(arn, made);
    Ok(json!({ "TargetGroups": [described] }))
}

/// The group that is asked for, without its ARN.
fn wanted(site: &Site<'_>, input: Create) -> Result<TargetGroup, Refused> {
    let name = input.name;
    constraint::name("Target group name", &name)?;
    let target_type = input.target_type.unwrap_or_else(|| "instance".to_owned());
    one_of("targetType", &target_type, &["instance", "ip", "lambda", "alb"])?;
    let place = Place {
        protocol: input.protocol,
        version: input.protocol_version,
        port: input.port,
        vpc: input.vpc_id,
    };
    let Place { protocol, version, port, vpc } = if target_type == "lambda" {
        nowhere(place)?
    } else {
        somewhere(site, &target_type, place)?
    };
    let ip_address_type = input.ip_address_type.unwrap_or_else(|| "ipv4".to_owned());
    one_of("ipAddressType", &ip_address_type, &["ipv4", "ipv6"])?;
    if ip_address_type == "ipv6" && !matches!(target_type.as_str(), "instance" | "ip") {
        return Err(invalid(format!(
            "IP address type 'ipv6' is not supported for target groups with target type \
             '{target_type}'"
        )));
    }
    if let Some(control) = input.target_control_port {
        constraint::port("targetControlPort", control)?;
    }
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
    let group = Group {
        target_type: &target_type,
        protocol: protocol.as_deref(),
        protocol_version: version.as_deref(),
    };
    let health_check = health_check::new(&group, asked)?;
    let tags = tag::given(input.tags)?;
    Ok(TargetGroup {
        arn: String::new(),
        name,
        target_type,
        protocol,
        protocol_version: version,
        port,
        vpc,
        ip_address_type,
        control_port: input.target_control_port,
        health_check,
        attributes: Settings::new(),
        targets: Vec::new(),
        tags,
    })
}

/// Where the targets are reached.
struct Place {
    protocol: Option<String>,
    version: Option<String>,
    port: Option<i64>,
    vpc: Option<String>,
}

/// ELB API, CreateTargetGroup: functions are nowhere.
fn nowhere(place: Place) -> Result<Place, Refused> {
    let given = [
        ("Protocol", place.protocol.is_some()),
        ("Protocol version", place.version.is_some()),
        ("Port", place.port.is_some()),
        ("VPC ID", place.vpc.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        None => Ok(place),
        Some((what, _)) => Err(invalid(format!(
            "{what} cannot be specified for target groups with target type 'lambda'"
        ))),
    }
}

fn somewhere(site: &Site<'_>, target_type: &str, place: Place) -> Result<Place, Refused> {
    let Some(protocol) = place.protocol else {
        return Err(invalid("A protocol must be specified"));
    };
    one_of("protocol", &protocol, PROTOCOLS)?;
    without_gateways(&protocol)?;
    let Some(number) = place.port else { return Err(invalid("A port must be specified")) };
    port("port", number)?;
    let Some(vpc) = place.vpc else { return Err(invalid("A VPC ID must be specified")) };
    known_vpc(site, &vpc)?;
    if target_type == "alb" && protocol != "TCP" {
        return Err(invalid(format!(
            "Protocol '{protocol}' is not supported for target groups with target type 'alb'"
        )));
    }
    let http = matches!(protocol.as_str(), "HTTP" | "HTTPS");
    // Terraform's provider sends an empty version where none is configured, which AWS takes.
    let version = match place.version.filter(|version| !version.is_empty()) {
        Some(_) if !http => {
            let message = format!("Protocol version is not supported for protocol '{protocol}'");
            return Err(invalid(message));
        }
        Some(version) => {
            if !["HTTP1", "HTTP2", "GRPC"].contains(&version.as_str()) {
                let message =
                    format!("Protocol version '{version}' must be one of 'GRPC, HTTP1, HTTP2'");
                return Err(invalid(message));
            }
            Some(version)
        }
        None => http.then(|| "HTTP1".to_owned()),
    };
    Ok(Place { protocol: Some(protocol), version, port: Some(number), vpc: Some(vpc) })
}
