//! Attributes of listeners.

use serde::Deserialize;
use serde_json::json;

use super::super::arn;
use super::super::attribute::{self, Attribute, Known, Values, known};
use super::Listener;
use crate::operations::Answer;
use crate::world::Site;

/// ELB API, ListenerAttribute: of application load balancers. ALB guide, "Header modification": the
/// names of the request headers are the defaults.
const RESPONSE: &[Known] = &[
    known("routing.http.response.server.enabled", "true", Values::Flag),
    header("routing.http.response.strict_transport_security.header_value"),
    header("routing.http.response.access_control_allow_origin.header_value"),
    header("routing.http.response.access_control_allow_methods.header_value"),
    header("routing.http.response.access_control_allow_headers.header_value"),
    header("routing.http.response.access_control_allow_credentials.header_value"),
    header("routing.http.response.access_control_expose_headers.header_value"),
    header("routing.http.response.access_control_max_age.header_value"),
    header("routing.http.response.content_security_policy.header_value"),
    header("routing.http.response.x_content_type_options.header_value"),
    header("routing.http.response.x_frame_options.header_value"),
];

/// Of HTTPS listeners besides.
const REQUEST: &[Known] = &[
    named(
        "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
        "X-Amzn-Mtls-Clientcert-Serial-Number",
    ),
    named(
        "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
        "X-Amzn-Mtls-Clientcert-Issuer",
    ),
    named(
        "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
        "X-Amzn-Mtls-Clientcert-Subject",
    ),
    named(
        "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
        "X-Amzn-Mtls-Clientcert-Validity",
    ),
    named(
        "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name",
        "X-Amzn-Mtls-Clientcert-Leaf",
    ),
    named("routing.http.request.x_amzn_mtls_clientcert.header_name", "X-Amzn-Mtls-Clientcert"),
    named("routing.http.request.x_amzn_tls_version.header_name", "X-Amzn-Tls-Version"),
    named("routing.http.request.x_amzn_tls_cipher_suite.header_name", "X-Amzn-Tls-Cipher-Suite"),
];

/// Of TCP listeners.
const TCP: &[Known] = &[known("tcp.idle_timeout.seconds", "350", Values::Number(60, 6000))];

const fn header(key: &'static str) -> Known {
    known(key, "", Values::Text(1024))
}

const fn named(key: &'static str, default: &'static str) -> Known {
    known(key, default, Values::Text(40))
}

fn table(listener: &Listener) -> Vec<Known> {
    match listener.protocol.as_str() {
        "HTTP" => RESPONSE.to_vec(),
        "HTTPS" => RESPONSE.iter().chain(REQUEST).cloned().collect(),
        "TCP" => TCP.to_vec(),
        _ => Vec::new(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Describe {
    listener_arn: String,
}

pub(crate) fn describe(site: &mut Site<'_>, input: Describe) -> Answer {
    let listener = arn::listener(site, &input.listener_arn)?;
    Ok(json!({ "Attributes": attribute::listed(&table(listener), &listener.attributes) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(crate) struct Modify {
    listener_arn: String,
    attributes: Vec<Attribute>,
}

pub(crate) fn modify(site: &mut Site<'_>, input: Modify) -> Answer {
    let listener = arn::listener_mut(site, &input.listener_arn)?;
    let table = table(listener);
    let set = attribute::read("Listener", &table, input.attributes)?;
    listener.attributes.extend(set);
    Ok(json!({ "Attributes": attribute::listed(&table, &listener.attributes) }))
}
