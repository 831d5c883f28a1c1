//! A target group in the spec.
//!
//! AWS's defaults depend on the protocol and the targets, so they are filled in behind the types:
//! for what the spec says and for what AWS says alike.

use landfall_model::types::Ref;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kinds::vpc::Vpc;

/// A target group in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Spec")]
pub struct Spec {
    /// Its name: at most 32 letters, digits and hyphens. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// What its targets are. Tasks with `network_mode: awsvpc` (Fargate) need `ip`.
    #[serde(default)]
    pub target_type: TargetType,
    /// The port on which targets take traffic, where they name none themselves. Needed unless the
    /// target is a Lambda function.
    pub port: Option<i32>,
    /// How targets are spoken to. Default: `http`; `tcp` for `target_type: alb`.
    pub protocol: Option<Protocol>,
    /// Which HTTP is spoken to the targets. Default: `http1`.
    pub protocol_version: Option<ProtocolVersion>,
    /// The VPC of its targets. Needed unless the target is a Lambda function.
    pub vpc: Option<Ref<Vpc>>,
    /// Which addresses its targets have.
    #[serde(default)]
    pub ip_address_type: IpAddressType,
    /// How a target's health is found out.
    #[serde(default)]
    pub health_check: HealthCheck,
    /// For how many seconds a target that leaves may finish its requests.
    #[serde(default = "deregistration_delay")]
    pub deregistration_delay: i32,
    /// How clients are kept with the target that they had. Absent: not at all.
    pub stickiness: Option<Stickiness>,
    /// For how many seconds a new target's share of the traffic grows. 0: it has its full share at
    /// once.
    #[serde(default)]
    pub slow_start: i32,
    /// How a target is chosen for a request.
    #[serde(default)]
    pub load_balancing_algorithm: Algorithm,
    /// Whether targets that answer oddly get less traffic (`weighted_random` only).
    #[serde(default)]
    pub anomaly_mitigation: bool,
    /// Whether nodes send traffic to targets in other availability zones. Absent: as the load
    /// balancer does.
    pub cross_zone: Option<bool>,
}

/// What the targets of a group are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetType {
    /// EC2 instances.
    #[default]
    Instance,
    /// Addresses.
    Ip,
    /// A Lambda function.
    Lambda,
    /// An application load balancer.
    Alb,
}

/// How targets are spoken to. Application load balancers take `http` and `https`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP.
    Http,
    /// HTTPS; the targets' certificates are not checked.
    Https,
    /// TCP.
    Tcp,
    /// TLS.
    Tls,
    /// UDP.
    Udp,
    /// TCP and UDP on one port.
    TcpUdp,
    /// QUIC.
    Quic,
    /// TCP and QUIC on one port.
    TcpQuic,
    /// GENEVE, for appliances.
    Geneve,
}

/// Which HTTP is spoken to the targets.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProtocolVersion {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
    /// gRPC.
    Grpc,
}

/// Which addresses the targets have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IpAddressType {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
}

/// How a target's health is found out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// Whether health is checked at all. Only Lambda functions can go without, and do by default.
    pub enabled: Option<bool>,
    /// How targets are asked. Default: `http`; `tcp` for groups that speak neither HTTP nor HTTPS.
    pub protocol: Option<Protocol>,
    /// A port, or `traffic-port` for the one that takes traffic. Default: `traffic-port`.
    pub port: Option<String>,
    /// The path that is asked for. Default: `/`; `/AWS.ALB/healthcheck` with gRPC.
    pub path: Option<String>,
    /// Which codes mean health: `200`, `200,202` or `200-299`. Default: `200` (12 with gRPC;
    /// `200-399` for groups that speak neither HTTP nor HTTPS).
    pub matcher: Option<String>,
    /// Seconds from one check to the next. Default: 30; 35 for Lambda functions.
    pub interval: Option<i32>,
    /// After how many seconds without an answer a check has failed. Default: 5; 6 for checks by
    /// HTTP in groups that speak neither HTTP nor HTTPS, 10 for their other checks; 30 for Lambda
    /// functions.
    pub timeout: Option<i32>,
    /// How many good checks in a row make a target healthy. Default: 5.
    pub healthy_threshold: Option<i32>,
    /// How many bad checks in a row make a target unhealthy. Default: 2.
    pub unhealthy_threshold: Option<i32>,
}

/// How clients are kept with the target that they had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stickiness {
    /// Whether they are.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// By what a client is known again.
    #[serde(default, rename = "type")]
    pub by: StickinessType,
    /// For how many seconds it is kept. Of no meaning with `source_ip`.
    #[serde(default = "a_day")]
    pub duration: i32,
    /// The name of the application's own cookie, with `type: app_cookie`.
    pub cookie_name: Option<String>,
}

/// By what a client is known again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StickinessType {
    /// A cookie of the load balancer's.
    #[default]
    LbCookie,
    /// A cookie of the application's.
    AppCookie,
    /// Its address (network load balancers).
    SourceIp,
    /// Its and the target's address (gateway load balancers).
    SourceIpDestIp,
    /// Its and the target's address and the protocol (gateway load balancers).
    SourceIpDestIpProto,
}

/// How a target is chosen for a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// One after the other.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastOutstandingRequests,
    /// Any.
    WeightedRandom,
}

fn deregistration_delay() -> i32 {
    300
}

fn yes() -> bool {
    true
}

pub(super) fn a_day() -> i32 {
    86_400
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(Spec::complete)
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Spec::serialize(self, serializer)
    }
}

impl Protocol {
    /// Whether it is HTTP or HTTPS: what an application load balancer speaks.
    pub(super) fn is_http(self) -> bool {
        matches!(self, Protocol::Http | Protocol::Https)
    }
}

impl Spec {
    /// Whether the targets are spoken to by HTTP or HTTPS.
    pub(super) fn is_http(&self) -> bool {
        self.protocol.is_some_and(Protocol::is_http)
    }

    /// The same with every default filled in that depends on other fields.
    pub(super) fn complete(mut self) -> Spec {
        if self.target_type != TargetType::Lambda {
            let by_target = match self.target_type {
                TargetType::Alb => Protocol::Tcp,
                _ => Protocol::Http,
            };
            self.protocol.get_or_insert(by_target);
        }
        if self.is_http() {
            self.protocol_version.get_or_insert(ProtocolVersion::Http1);
        }
        self.health_check = self.health_check.clone().complete(&self);
        self.stickiness = self.stickiness.filter(|stickiness| stickiness.enabled);
        self
    }
}

impl HealthCheck {
    /// AWS's defaults
    /// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>,
    /// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html>).
    fn complete(self, group: &Spec) -> HealthCheck {
        let lambda = group.target_type == TargetType::Lambda;
        if !self.enabled.unwrap_or(!lambda) {
            return HealthCheck { enabled: Some(false), ..HealthCheck::default() };
        }
        let geneve = group.protocol == Some(Protocol::Geneve);
        let grpc = group.protocol_version == Some(ProtocolVersion::Grpc);
        let protocol = self.protocol.or_else(|| match group.target_type {
            TargetType::Lambda => None,
            TargetType::Alb => Some(Protocol::Http),
            _ if group.is_http() => Some(Protocol::Http),
            _ => Some(Protocol::Tcp),
        });
        let by_http = lambda || protocol.is_some_and(Protocol::is_http);
        let path = if grpc { "/AWS.ALB/healthcheck" } else { "/" };
        let matcher = match (grpc, lambda || group.is_http()) {
            (true, _) => "12",
            (false, true) => "200",
            (false, false) => "200-399",
        };
        let timeout = match protocol {
            _ if lambda => 30,
            _ if group.is_http() || geneve => 5,
            Some(Protocol::Http) => 6,
            _ => 10,
        };
        let interval = match group.protocol {
            None => 35,
            Some(Protocol::Geneve) => 10,
            Some(_) => 30,
        };
        let port = if geneve { "80" } else { "traffic-port" };
        HealthCheck {
            enabled: Some(true),
            protocol,
            port: self.port.or_else(|| (!lambda).then(|| port.to_owned())),
            path: self.path.or_else(|| by_http.then(|| path.to_owned())),
            matcher: self.matcher.or_else(|| by_http.then(|| matcher.to_owned())),
            interval: self.interval.or(Some(interval)),
            timeout: self.timeout.or(Some(timeout)),
            healthy_threshold: self.healthy_threshold.or(Some(5)),
            unhealthy_threshold: self.unhealthy_threshold.or(Some(2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn health_check(spec: Value) -> HealthCheck {
        <Spec as Deserialize>::deserialize(spec).map(|spec| spec.health_check).unwrap()
    }

    #[test]
    fn defaults_follow_the_protocol() {
        let http = health_check(json!({ "port": 80 }));
        assert_eq!((http.timeout, http.matcher.as_deref()), (Some(5), Some("200")));
        let tcp = health_check(json!({ "port": 80, "protocol": "tcp" }));
        assert_eq!((tcp.timeout, tcp.path, tcp.protocol), (Some(10), None, Some(Protocol::Tcp)));
        let grpc = health_check(json!({ "port": 80, "protocol_version": "grpc" }));
        assert_eq!(grpc.matcher.as_deref(), Some("12"));
        let lambda = health_check(json!({ "target_type": "lambda" }));
        assert_eq!(lambda, HealthCheck { enabled: Some(false), ..HealthCheck::default() });
    }

    #[test]
    fn switched_off_and_absent_are_one() {
        let read = |spec: Value| <Spec as Deserialize>::deserialize(spec).unwrap();
        let off = json!({ "port": 80, "stickiness": { "enabled": false, "duration": 60 } });
        assert_eq!(read(off), read(json!({ "port": 80 })));
    }
}
