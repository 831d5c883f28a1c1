//! A load balancer in the spec, and its attributes in AWS's words.

use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancer as AwsLoadBalancer, LoadBalancerAttribute,
};
use landfall_model::types::{Ref, Set};
use landfall_model::{Finding, reference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::security_group::SecurityGroup;
use crate::kinds::subnet::Subnet;
use crate::services::elb::{Attributes, is_name, meant, word};

/// A load balancer in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Its name: at most 32 letters, digits and hyphens. Default: `<stack>-<name>`.
    #[serde(default)]
    pub name: String,
    /// Who can reach it.
    #[serde(default)]
    pub scheme: Scheme,
    /// Which addresses its nodes have.
    #[serde(default)]
    pub ip_address_type: IpAddressType,
    /// Where its nodes stand: one subnet in each of at least two availability zones.
    pub subnets: Set<Ref<Subnet>>,
    /// The security groups of its nodes. Absent: those that it has, at first the VPC's default one.
    pub security_groups: Option<Set<Ref<SecurityGroup>>>,
    /// After how many seconds without traffic a connection is closed.
    #[serde(default = "idle_timeout")]
    pub idle_timeout: i32,
    /// For how many seconds a client may keep a connection alive.
    #[serde(default = "client_keep_alive")]
    pub client_keep_alive: i32,
    /// Whether AWS refuses to delete it.
    #[serde(default)]
    pub deletion_protection: bool,
    /// Whether clients may speak HTTP/2.
    #[serde(default = "yes")]
    pub http2: bool,
    /// Whether headers with invalid names are dropped instead of passed on.
    #[serde(default)]
    pub drop_invalid_header_fields: bool,
    /// What happens to requests that look like request smuggling.
    #[serde(default)]
    pub desync_mitigation_mode: DesyncMitigationMode,
    /// Whether targets see the `Host` header as the client sent it.
    #[serde(default)]
    pub preserve_host_header: bool,
    /// What happens to the `X-Forwarded-For` header.
    #[serde(default)]
    pub xff_header_processing_mode: XffHeaderProcessingMode,
    /// Whether `X-Forwarded-For` tells the client's port, too.
    #[serde(default)]
    pub xff_client_port: bool,
    /// Whether targets are told the TLS version and cipher suite in headers.
    #[serde(default)]
    pub tls_version_and_cipher_suite_headers: bool,
    /// Whether requests pass when the web application firewall can't be asked.
    #[serde(default)]
    pub waf_fail_open: bool,
    /// Whether traffic can be shifted away from an availability zone.
    #[serde(default)]
    pub zonal_shift: bool,
    /// Where requests are logged. Absent: nowhere.
    pub access_logs: Option<Logs>,
    /// Where connections are logged. Absent: nowhere.
    pub connection_logs: Option<Logs>,
    /// Where health checks are logged. Absent: nowhere.
    pub health_check_logs: Option<Logs>,
}

/// Who can reach a load balancer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// The internet: its nodes have public addresses.
    #[default]
    InternetFacing,
    /// Who can reach its VPC.
    Internal,
}

/// Which addresses a load balancer's nodes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IpAddressType {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv4 and IPv6.
    Dualstack,
    /// IPv6, and IPv4 within the VPC only.
    DualstackWithoutPublicIpv4,
}

/// What happens to requests that look like request smuggling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DesyncMitigationMode {
    /// They pass, and are counted.
    Monitor,
    /// Dangerous ones are blocked, others pass on a connection of their own.
    #[default]
    Defensive,
    /// Only those that follow the RFC pass.
    Strictest,
}

/// What happens to the `X-Forwarded-For` header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum XffHeaderProcessingMode {
    /// The client's address is added to it.
    #[default]
    Append,
    /// It stays as the client sent it.
    Preserve,
    /// It is taken away.
    Remove,
}

/// Where something is logged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Logs {
    /// The name of the S3 bucket, whose policy has to let Elastic Load Balancing write to it.
    pub bucket: String,
    /// What stands before the logs' names in the bucket. Absent: nothing.
    pub prefix: Option<String>,
}

fn idle_timeout() -> i32 {
    60
}

fn client_keep_alive() -> i32 {
    3600
}

fn yes() -> bool {
    true
}

const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const CLIENT_KEEP_ALIVE: &str = "client_keep_alive.seconds";
pub(super) const DELETION_PROTECTION: &str = "deletion_protection.enabled";
const HTTP2: &str = "routing.http2.enabled";
const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";
const DESYNC_MITIGATION: &str = "routing.http.desync_mitigation_mode";
const PRESERVE_HOST: &str = "routing.http.preserve_host_header.enabled";
const XFF_PROCESSING: &str = "routing.http.xff_header_processing.mode";
const XFF_CLIENT_PORT: &str = "routing.http.xff_client_port.enabled";
const TLS_HEADERS: &str = "routing.http.x_amzn_tls_version_and_cipher_suite.enabled";
const WAF_FAIL_OPEN: &str = "waf.fail_open.enabled";
const ZONAL_SHIFT: &str = "zonal_shift.config.enabled";
const ACCESS_LOGS: &str = "access_logs.s3";
const CONNECTION_LOGS: &str = "connection_logs.s3";
const HEALTH_CHECK_LOGS: &str = "health_check_logs.s3";

impl Spec {
    /// What AWS says of one. An attribute that it leaves out has its default.
    pub(super) fn of(balancer: &AwsLoadBalancer, attributes: &Attributes) -> Spec {
        let flag = |key| attributes.flag(key).unwrap_or(false);
        let scheme = balancer.scheme.as_ref().and_then(|scheme| meant(scheme.as_str()));
        let addresses = balancer.ip_address_type.as_ref().and_then(|one| meant(one.as_str()));
        let zones = balancer.availability_zones().iter();
        Spec {
            name: balancer.load_balancer_name.clone().unwrap_or_default(),
            scheme: scheme.unwrap_or_default(),
            ip_address_type: addresses.unwrap_or_default(),
            subnets: zones.filter_map(|zone| zone.subnet_id()).map(Ref::new).collect(),
            security_groups: Some(balancer.security_groups().iter().map(Ref::new).collect()),
            idle_timeout: attributes.number(IDLE_TIMEOUT).unwrap_or_else(idle_timeout),
            client_keep_alive: attributes
                .number(CLIENT_KEEP_ALIVE)
                .unwrap_or_else(client_keep_alive),
            deletion_protection: flag(DELETION_PROTECTION),
            http2: attributes.flag(HTTP2).unwrap_or(true),
            drop_invalid_header_fields: flag(DROP_INVALID),
            desync_mitigation_mode: attributes.word(DESYNC_MITIGATION),
            preserve_host_header: flag(PRESERVE_HOST),
            xff_header_processing_mode: attributes.word(XFF_PROCESSING),
            xff_client_port: flag(XFF_CLIENT_PORT),
            tls_version_and_cipher_suite_headers: flag(TLS_HEADERS),
            waf_fail_open: flag(WAF_FAIL_OPEN),
            zonal_shift: flag(ZONAL_SHIFT),
            access_logs: Logs::read(ACCESS_LOGS, attributes),
            connection_logs: Logs::read(CONNECTION_LOGS, attributes),
            health_check_logs: Logs::read(HEALTH_CHECK_LOGS, attributes),
        }
    }

    /// The attributes in AWS's words.
    fn attributes(&self) -> Vec<(String, String)> {
        let scalars = [
            (IDLE_TIMEOUT, self.idle_timeout.to_string()),
            (CLIENT_KEEP_ALIVE, self.client_keep_alive.to_string()),
            (DELETION_PROTECTION, self.deletion_protection.to_string()),
            (HTTP2, self.http2.to_string()),
            (DROP_INVALID, self.drop_invalid_header_fields.to_string()),
            (DESYNC_MITIGATION, word(&self.desync_mitigation_mode)),
            (PRESERVE_HOST, self.preserve_host_header.to_string()),
            (XFF_PROCESSING, word(&self.xff_header_processing_mode)),
            (XFF_CLIENT_PORT, self.xff_client_port.to_string()),
            (TLS_HEADERS, self.tls_version_and_cipher_suite_headers.to_string()),
            (WAF_FAIL_OPEN, self.waf_fail_open.to_string()),
            (ZONAL_SHIFT, self.zonal_shift.to_string()),
        ];
        let scalars = scalars.into_iter().map(|(key, value)| (key.to_owned(), value));
        let logs = [
            (ACCESS_LOGS, &self.access_logs),
            (CONNECTION_LOGS, &self.connection_logs),
            (HEALTH_CHECK_LOGS, &self.health_check_logs),
        ];
        scalars.chain(logs.into_iter().flat_map(|(key, logs)| Logs::write(key, logs))).collect()
    }

    /// The attributes to change, so that this becomes `want`.
    pub(super) fn attributes_towards(&self, want: &Spec) -> Vec<LoadBalancerAttribute> {
        let is = self.attributes();
        let changed = want.attributes().into_iter().filter(|attribute| !is.contains(attribute));
        changed
            .map(|(key, value)| LoadBalancerAttribute::builder().key(key).value(value).build())
            .collect()
    }

    /// AWS's limits (API references of CreateLoadBalancer and LoadBalancerAttribute).
    pub(super) fn check(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        if !is_name(&self.name) {
            findings.push(Finding::field(
                "name",
                "a load balancer's name has at most 32 letters, digits and hyphens, with no \
                 hyphen at either end",
            ));
        }
        if self.name.starts_with("internal-") {
            let message = "AWS keeps names that begin with `internal-` for itself";
            findings.push(Finding::field("name", message));
        }
        if self.scheme == Scheme::Internal
            && self.ip_address_type == IpAddressType::DualstackWithoutPublicIpv4
        {
            let message = "only an internet-facing load balancer can go without public IPv4";
            let finding = Finding::field("ip_address_type", message);
            findings.push(finding.help("write `dualstack` or `ipv4`"));
        }
        if !(1..=4000).contains(&self.idle_timeout) {
            let message = "an idle timeout is 1 to 4000 seconds";
            findings.push(Finding::field("idle_timeout", message));
        }
        if !(60..=604_800).contains(&self.client_keep_alive) {
            let message = "connections are kept alive for 60 to 604800 seconds";
            findings.push(Finding::field("client_keep_alive", message));
        }
        let logs = [
            ("access_logs", &self.access_logs),
            ("connection_logs", &self.connection_logs),
            ("health_check_logs", &self.health_check_logs),
        ];
        for (field, logs) in logs {
            findings.extend(logs.iter().flat_map(|logs| logs.check(field)));
        }
        findings
    }
}

impl Logs {
    fn read(key: &str, attributes: &Attributes) -> Option<Logs> {
        let enabled = attributes.flag(&format!("{key}.enabled")).unwrap_or(false);
        enabled.then(|| Logs {
            bucket: attributes.text(&format!("{key}.bucket")).unwrap_or_default(),
            prefix: attributes.text(&format!("{key}.prefix")),
        })
    }

    fn write(key: &str, logs: &Option<Logs>) -> Vec<(String, String)> {
        let mut attributes = vec![(format!("{key}.enabled"), logs.is_some().to_string())];
        if let Some(logs) = logs {
            attributes.push((format!("{key}.bucket"), logs.bucket.clone()));
            attributes.push((format!("{key}.prefix"), logs.prefix.clone().unwrap_or_default()));
        }
        attributes
    }

    /// AWS adds `AWSLogs` behind the prefix itself
    /// (<https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>).
    fn check(&self, field: &str) -> Option<Finding> {
        let prefix = self.prefix.as_ref().filter(|prefix| reference::is_known(prefix))?;
        let odd = prefix.contains("AWSLogs") || prefix.starts_with('/') || prefix.ends_with('/');
        odd.then(|| {
            let message = "a prefix has no slash at either end, and no `AWSLogs` in it";
            Finding::field(&format!("{field}.prefix"), message)
        })
    }
}
