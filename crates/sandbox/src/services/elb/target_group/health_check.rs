//! How the targets of a group are checked: defaults, and what goes together.

use serde::{Deserialize, Serialize};

use super::super::constraint::{invalid, length, misconfigured, one_of, port, within};
use super::TargetGroup;
use crate::refused::Refused;

/// Which answers of a target are good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "PascalCase")]
pub struct Matcher {
    /// Of HTTP: `200-299,301`.
    pub http_code: Option<String>,
    /// Of gRPC: `12`.
    pub grpc_code: Option<String>,
}

/// How targets are checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Whether they are.
    pub enabled: bool,
    /// `HTTP`, `HTTPS` or `TCP`.
    pub protocol: Option<String>,
    /// A port or `traffic-port`.
    pub port: Option<String>,
    /// Where it looks.
    pub path: Option<String>,
    /// Seconds between two checks.
    pub interval: i64,
    /// Seconds that an answer may take.
    pub timeout: i64,
    /// So many good answers in a row make a target healthy.
    pub healthy_threshold: i64,
    /// So many bad ones make it unhealthy.
    pub unhealthy_threshold: i64,
    /// Which answers are good.
    pub matcher: Option<Matcher>,
}

/// What a call says of a health check.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Whether there are checks.
    pub enabled: Option<bool>,
    /// The protocol.
    pub protocol: Option<String>,
    /// The port.
    pub port: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// The interval.
    pub interval: Option<i64>,
    /// The timeout.
    pub timeout: Option<i64>,
    /// The threshold of health.
    pub healthy_threshold: Option<i64>,
    /// The threshold of illness.
    pub unhealthy_threshold: Option<i64>,
    /// The matcher.
    pub matcher: Option<Matcher>,
}

/// The check of a new group. ALB guide and NLB guide, "Health checks for your target groups": the
/// defaults by protocol and target type.
pub fn new(group: &Group<'_>, asked: Asked) -> Result<HealthCheck, Refused> {
    let lambda = group.target_type == "lambda";
    // An ALB as a target speaks HTTP, whatever the group's own protocol.
    let protocol = match (&asked.protocol, lambda) {
        (_, true) => None,
        (Some(protocol), _) => Some(protocol.clone()),
        (None, _) if group.is_http() || group.target_type == "alb" => Some("HTTP".to_owned()),
        (None, _) => Some("TCP".to_owned()),
    };
    let timeout = match (lambda, group.is_http(), protocol.as_deref()) {
        (true, ..) => 30,
        (_, true, _) => 5,
        (_, _, Some("HTTP")) => 6,
        _ => 10,
    };
    let default = HealthCheck {
        enabled: !lambda,
        port: (!lambda).then(|| "traffic-port".to_owned()),
        path: None,
        interval: if lambda { 35 } else { 30 },
        timeout,
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        matcher: None,
        protocol,
    };
    apply(group, default, asked)
}

/// The check of a group after a change.
pub fn changed(group: &TargetGroup, asked: Asked) -> Result<HealthCheck, Refused> {
    let mut check = group.health_check.clone();
    if asked.protocol.is_some() {
        check.protocol.clone_from(&asked.protocol);
    }
    let group = Group {
        target_type: &group.target_type,
        protocol: group.protocol.as_deref(),
        protocol_version: group.protocol_version.as_deref(),
    };
    apply(&group, check, asked)
}

/// What a health check depends on.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// The type of the targets.
    pub target_type: &'a str,
    /// The protocol.
    pub protocol: Option<&'a str>,
    /// The version of HTTP.
    pub protocol_version: Option<&'a str>,
}

impl Group<'_> {
    fn is_http(&self) -> bool {
        matches!(self.protocol, Some("HTTP" | "HTTPS"))
    }

    fn is_grpc(&self) -> bool {
        self.protocol_version == Some("GRPC")
    }
}

fn apply(group: &Group<'_>, mut check: HealthCheck, asked: Asked) -> Result<HealthCheck, Refused> {
    let lambda = group.target_type == "lambda";
    if let Some(protocol) = &asked.protocol {
        let all = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE", "QUIC", "TCP_QUIC"];
        one_of("healthCheckProtocol", protocol, &all)?;
        let known = matches!(protocol.as_str(), "HTTP" | "HTTPS")
            || protocol == "TCP" && !group.is_http() && group.target_type != "alb";
        if !known || lambda {
            let message = format!("Health check protocol '{protocol}' is not supported");
            return Err(invalid(message));
        }
    }
    if asked.enabled == Some(false) && !lambda {
        let message = "Health checks cannot be disabled for target groups with target type ";
        return Err(invalid(format!("{message}'{}'", group.target_type)));
    }
    check.enabled = asked.enabled.unwrap_or(check.enabled);
    if let Some(given) = asked.port {
        let known = given == "traffic-port"
            || given.parse().is_ok_and(|number| port("healthCheckPort", number).is_ok());
        if !known || lambda {
            return Err(invalid(format!("Health check port '{given}' is not valid")));
        }
        check.port = Some(given);
    }
    let number = |member, given: Option<i64>, least, most, kept: &mut i64| {
        let Some(given) = given else { return Ok(()) };
        *kept = given;
        within(member, given, least, most)
    };
    number("healthCheckIntervalSeconds", asked.interval, 5, 300, &mut check.interval)?;
    number("healthCheckTimeoutSeconds", asked.timeout, 2, 120, &mut check.timeout)?;
    number("healthyThresholdCount", asked.healthy_threshold, 2, 10, &mut check.healthy_threshold)?;
    number(
        "unhealthyThresholdCount",
        asked.unhealthy_threshold,
        2,
        10,
        &mut check.unhealthy_threshold,
    )?;
    if check.timeout >= check.interval {
        return Err(invalid("Health check interval must be greater than the timeout."));
    }
    let by_http = lambda || matches!(check.protocol.as_deref(), Some("HTTP" | "HTTPS"));
    check.path = path(group, by_http, asked.path, check.path.take())?;
    check.matcher = matcher(group, by_http, asked.matcher, check.matcher.take())?;
    Ok(check)
}

fn path(
    group: &Group<'_>,
    by_http: bool,
    asked: Option<String>,
    before: Option<String>,
) -> Result<Option<String>, Refused> {
    if let Some(path) = &asked {
        length("healthCheckPath", path, 1, 1024)?;
        if !by_http {
            return Err(misconfigured(
                "Health check paths are not supported for TCP health checks",
            ));
        }
        if !path.starts_with('/') {
            return Err(invalid(format!("Health check path '{path}' must begin with a '/'")));
        }
    }
    let default = if group.is_grpc() { "/AWS.ALB/healthcheck" } else { "/" };
    Ok(by_http.then(|| asked.or(before).unwrap_or_else(|| default.to_owned())))
}

/// ELB API, Matcher: HTTP codes from 200 to 499 (599 for network load balancers), gRPC codes from
/// 0 to 99, in a list of codes and ranges.
fn matcher(
    group: &Group<'_>,
    by_http: bool,
    asked: Option<Matcher>,
    before: Option<Matcher>,
) -> Result<Option<Matcher>, Refused> {
    let network = !group.is_http() && group.target_type != "lambda";
    if let Some(Matcher { http_code, grpc_code }) = &asked {
        if !by_http {
            let message = "Health check matchers are not supported for TCP health checks";
            return Err(misconfigured(message));
        }
        let (given, foreign, least, most) = match (group.is_grpc(), network) {
            (true, _) => (grpc_code, http_code, 0, 99),
            (_, true) => (http_code, grpc_code, 200, 599),
            _ => (http_code, grpc_code, 200, 499),
        };
        if foreign.is_some() {
            let message = "The matcher does not fit the target group's protocol version";
            return Err(invalid(message));
        }
        let Some(codes) = given else {
            return Err(invalid("A matcher must specify codes"));
        };
        if !codes.split(',').all(|range| is_range(range, least, most)) {
            return Err(invalid(format!(
                "Health check matcher code '{codes}' must be within the range {least}-{most}"
            )));
        }
    }
    let default = || match (group.is_grpc(), network) {
        (true, _) => Matcher { grpc_code: Some("12".to_owned()), http_code: None },
        (_, true) => Matcher { http_code: Some("200-399".to_owned()), grpc_code: None },
        _ => Matcher { http_code: Some("200".to_owned()), grpc_code: None },
    };
    Ok(by_http.then(|| asked.or(before).unwrap_or_else(default)))
}

fn is_range(range: &str, least: u32, most: u32) -> bool {
    let code = |code: &str| code.parse().ok().filter(|code| (least..=most).contains(code));
    match range.split_once('-') {
        None => code(range).is_some(),
        Some((first, last)) => {
            code(first).zip(code(last)).is_some_and(|(first, last): (u32, u32)| first <= last)
        }
    }
}
