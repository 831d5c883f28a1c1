//! A listener in the spec.
//!
//! What means the same is brought to one form behind the types: for what the spec says and for what
//! AWS says alike.

use landfall_model::types::{Ref, Set};
use landfall_model::{Finding, reference};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::kinds::load_balancer::LoadBalancer;
use crate::kinds::target_group::TargetGroup;
use crate::lookups::certificate::Certificate;

/// A listener in the spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, remote = "Self")]
#[schemars(rename = "Spec")]
pub struct Spec {
    /// The load balancer that listens.
    pub load_balancer: Ref<LoadBalancer>,
    /// The port on which it listens.
    pub port: i32,
    /// What clients speak.
    #[serde(default)]
    pub protocol: Protocol,
    /// The certificate that clients see. Needed with `protocol: https`.
    pub certificate: Option<Ref<Certificate>>,
    /// Certificates for other host names, of which clients see the one that fits the name they ask
    /// for.
    #[serde(default)]
    pub additional_certificates: Set<Ref<Certificate>>,
    /// Which TLS versions and ciphers clients may use, by the name of AWS's policy. Default with
    /// `protocol: https`: `ELBSecurityPolicy-2016-08`.
    pub tls_policy: Option<String>,
    /// What becomes of a request.
    pub default_action: Action,
}

/// What clients speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP.
    #[default]
    Http,
    /// HTTPS.
    Https,
}

/// What becomes of a request: one of these.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// It goes to this target group.
    pub forward: Option<Ref<TargetGroup>>,
    /// It goes to one of several target groups.
    pub forward_weighted: Option<Weighted>,
    /// The client is sent elsewhere.
    pub redirect: Option<Redirect>,
    /// The load balancer answers itself.
    pub fixed_response: Option<FixedResponse>,
}

/// Several target groups that share the requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weighted {
    /// The target groups.
    pub target_groups: Set<Share>,
    /// For how many seconds a client is kept with the target group that it had. Absent: not at all.
    pub stickiness: Option<i32>,
}

/// A target group's share of the requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The target group.
    pub target_group: Ref<TargetGroup>,
    /// Its share, relative to the others' weights: 0 to 999.
    #[serde(default = "one")]
    pub weight: i32,
}

/// Where a client is sent. What is absent stays as in the request; at least one part has to change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    /// `http` or `https`.
    pub protocol: Option<Protocol>,
    /// The port.
    pub port: Option<i32>,
    /// The host, in which `#{host}` stands for the request's.
    pub host: Option<String>,
    /// The path, in which `#{path}` stands for the request's without its leading slash.
    pub path: Option<String>,
    /// The query, without `?`; `#{query}` stands for the request's.
    pub query: Option<String>,
    /// 301 (for good) or 302 (for now).
    #[serde(default = "for_good")]
    pub status_code: i32,
}

/// An answer of the load balancer's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedResponse {
    /// The HTTP status: 2xx, 4xx or 5xx.
    pub status_code: i32,
    /// `text/plain`, `text/css`, `text/html`, `application/javascript` or `application/json`.
    #[serde(default = "plain_text")]
    pub content_type: String,
    /// The body. Absent: empty.
    pub message_body: Option<String>,
}

fn one() -> i32 {
    1
}

fn for_good() -> i32 {
    301
}

pub(super) fn plain_text() -> String {
    "text/plain".to_owned()
}

/// What AWS gives an HTTPS listener that names none (API reference of CreateListener).
const TLS_POLICY: &str = "ELBSecurityPolicy-2016-08";

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spec::deserialize(deserializer).map(Spec::canonical)
    }
}

impl Serialize for Spec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Spec::serialize(self, serializer)
    }
}

impl Spec {
    /// The same in the form in which equal things are equal.
    pub(super) fn canonical(mut self) -> Spec {
        if self.protocol == Protocol::Https {
            self.tls_policy.get_or_insert_with(|| TLS_POLICY.to_owned());
        }
        if let Some(certificate) = &self.certificate
            && self.additional_certificates.iter().any(|one| one == certificate)
        {
            let others = self.additional_certificates.iter().filter(|one| *one != certificate);
            self.additional_certificates = others.cloned().collect();
        }
        self.default_action = self.default_action.canonical();
        self
    }
}

impl Action {
    /// All of the requests to one target group is a plain forward, and a placeholder that stands
    /// for the request's own is as good as nothing.
    pub(super) fn canonical(mut self) -> Action {
        if let Some(weighted) = &self.forward_weighted
            && self.forward.is_none()
            && weighted.stickiness.is_none()
            && let (Some(only), 1) =
                (weighted.target_groups.iter().next(), weighted.target_groups.len())
        {
            self.forward = Some(only.target_group.clone());
            self.forward_weighted = None;
        }
        if let Some(redirect) = &mut self.redirect {
            redirect.host = redirect.host.take().filter(|host| host != "#{host}");
            redirect.path = redirect.path.take().filter(|path| path != "/#{path}");
            redirect.query = redirect.query.take().filter(|query| query != "#{query}");
        }
        if let Some(response) = &mut self.fixed_response {
            response.message_body = response.message_body.take().filter(|body| !body.is_empty());
        }
        self
    }
}

/// AWS's limits (API references of CreateListener and of the action types).
pub(super) fn check(spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !(1..=65535).contains(&spec.port) {
        findings.push(Finding::field("port", "ports go from 1 to 65535"));
    }
    match spec.protocol {
        Protocol::Https if spec.certificate.is_none() => {
            let finding = Finding::field("protocol", "an HTTPS listener needs a certificate");
            findings.push(finding.help("add `certificate`"));
        }
        Protocol::Http => {
            let given = [
                ("certificate", spec.certificate.is_some()),
                ("additional_certificates", !spec.additional_certificates.is_empty()),
                ("tls_policy", spec.tls_policy.is_some()),
            ];
            for (field, _) in given.iter().filter(|(_, given)| *given) {
                let message = format!("an HTTP listener has no use for `{field}`");
                findings.push(Finding::field(field, message).help("write `protocol: https`"));
            }
        }
        Protocol::Https => {}
    }
    let action = &spec.default_action;
    let given = [
        action.forward.is_some(),
        action.forward_weighted.is_some(),
        action.redirect.is_some(),
        action.fixed_response.is_some(),
    ];
    if given.iter().filter(|given| **given).count() != 1 {
        let message = "an action is one of forward, forward_weighted, redirect and fixed_response";
        findings.push(Finding::field("default_action", message));
    }
    if let Some(weighted) = &action.forward_weighted {
        check_weighted(weighted, &mut findings);
    }
    if let Some(redirect) = &action.redirect {
        check_redirect(spec, redirect, &mut findings);
    }
    if let Some(response) = &action.fixed_response {
        check_response(response, &mut findings);
    }
    findings
}

fn check_weighted(weighted: &Weighted, findings: &mut Vec<Finding>) {
    let at = "default_action.forward_weighted";
    if !(1..=5).contains(&weighted.target_groups.len()) {
        let message = "requests are shared by 1 to 5 target groups";
        findings.push(Finding::field(&format!("{at}.target_groups"), message));
    }
    for (index, share) in weighted.target_groups.iter().enumerate() {
        if !(0..=999).contains(&share.weight) {
            let path = format!("{at}.target_groups[{index}].weight");
            findings.push(Finding::field(&path, "weights go from 0 to 999"));
        }
    }
    if weighted.stickiness.is_some_and(|seconds| !(1..=604_800).contains(&seconds)) {
        let message = "clients are kept for 1 to 604800 seconds";
        findings.push(Finding::field(&format!("{at}.stickiness"), message));
    }
}

fn check_redirect(spec: &Spec, redirect: &Redirect, findings: &mut Vec<Finding>) {
    let at = "default_action.redirect";
    let changes = redirect.host.is_some()
        || redirect.path.is_some()
        || redirect.protocol.is_some_and(|protocol| protocol != spec.protocol)
        || redirect.port.is_some_and(|port| port != spec.port);
    if !changes {
        let message = "a redirect to the same place goes in circles";
        let finding = Finding::field(at, message);
        findings.push(finding.help("change the protocol, port, host or path"));
    }
    if (spec.protocol, redirect.protocol) == (Protocol::Https, Some(Protocol::Http)) {
        let message = "AWS does not redirect from HTTPS to HTTP";
        findings.push(Finding::field(&format!("{at}.protocol"), message));
    }
    if (spec.protocol, redirect.protocol) == (Protocol::Http, Some(Protocol::Https))
        && redirect.port.is_none()
    {
        let message = format!("this sends clients to port {} by HTTPS", spec.port);
        let finding = Finding::field(at, message).help("add `port: 443`");
        findings.push(finding.warning());
    }
    if redirect.port.is_some_and(|port| !(1..=65535).contains(&port)) {
        let message = "ports go from 1 to 65535";
        findings.push(Finding::field(&format!("{at}.port"), message));
    }
    if ![301, 302].contains(&redirect.status_code) {
        let message = "a redirect answers 301 or 302";
        findings.push(Finding::field(&format!("{at}.status_code"), message));
    }
    let known = |text: &&String| reference::is_known(text);
    if redirect.path.as_ref().filter(known).is_some_and(|path| !path.starts_with('/')) {
        findings.push(Finding::field(&format!("{at}.path"), "a path begins with `/`"));
    }
    if redirect.query.as_ref().filter(known).is_some_and(|query| query.starts_with('?')) {
        let message = "AWS puts the `?` in front of the query itself";
        findings.push(Finding::field(&format!("{at}.query"), message));
    }
}

fn check_response(response: &FixedResponse, findings: &mut Vec<Finding>) {
    let at = "default_action.fixed_response";
    let types =
        ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];
    if !matches!(response.status_code, 200..=299 | 400..=599) {
        let message = "a load balancer answers 2xx, 4xx or 5xx itself";
        findings.push(Finding::field(&format!("{at}.status_code"), message));
    }
    if reference::is_known(&response.content_type)
        && !types.contains(&response.content_type.as_str())
    {
        let message = format!("a fixed response is one of {}", types.join(", "));
        findings.push(Finding::field(&format!("{at}.content_type"), message));
    }
    if response.message_body.as_ref().is_some_and(|body| body.len() > 1024) {
        let message = "the body of a fixed response has at most 1024 bytes";
        findings.push(Finding::field(&format!("{at}.message_body"), message));
    }
}
