//! The wire protocols: how requests are read and answers are written.

mod fields;
mod form;
mod json;
mod xml;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use fields::Misfit;

use crate::refused::Refused;

/// How a service speaks, and in which words it refuses what it cannot read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The protocol.
    pub protocol: Protocol,
    /// The code where a parameter is missing.
    pub missing: &'static str,
    /// The code where a parameter is unknown.
    pub unknown: &'static str,
    /// The code where a value has the wrong form.
    pub invalid: &'static str,
}

/// A protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// EC2's own query protocol: form in, XML out, lists of `item`.
    Ec2Query {
        /// The version of the API.
        version: &'static str,
        /// The namespace of its answers.
        namespace: &'static str,
    },
    /// The query protocol of the others: form in, XML out, lists of `member`.
    Query {
        /// The version of the API.
        version: &'static str,
        /// The namespace of its answers.
        namespace: &'static str,
    },
    /// JSON 1.1, with the operation in a header.
    Json {
        /// What stands before the operation in `X-Amz-Target`.
        target: &'static str,
    },
}

impl Protocol {
    /// Reads the operation and its input off a request's target header and body.
    pub fn read(self, target: Option<&str>, body: &[u8]) -> Result<(String, Value), Refused> {
        match self {
            Protocol::Json { target: prefix } => json::read(prefix, target, body),
            Protocol::Ec2Query { version, .. } | Protocol::Query { version, .. } => {
                form::read(version, body)
            }
        }
    }

    /// Writes an answer.
    pub fn answer(self, operation: &str, request_id: &str, answer: &Value) -> Response<Bytes> {
        match self {
            Protocol::Json { .. } => json::answer(request_id, answer),
            Protocol::Ec2Query { namespace, .. } => {
                xml::ec2_answer(namespace, operation, request_id, answer)
            }
            Protocol::Query { namespace, .. } => {
                xml::query_answer(namespace, operation, request_id, answer)
            }
        }
    }

    /// Writes a refusal.
    pub fn refuse(self, request_id: &str, refused: &Refused) -> Response<Bytes> {
        match self {
            Protocol::Json { .. } => json::refuse(request_id, refused),
            Protocol::Ec2Query { .. } => xml::ec2_refuse(request_id, refused),
            Protocol::Query { namespace, .. } => xml::query_refuse(namespace, request_id, refused),
        }
    }

    fn is_form(self) -> bool {
        !matches!(self, Protocol::Json { .. })
    }
}

impl Dialect {
    /// Gives an input its type. What the type does not know is refused by name.
    pub fn fit<I: DeserializeOwned>(&self, input: &Value) -> Result<I, Refused> {
        fields::fit(input, self.protocol.is_form()).map_err(|misfit| self.misfit(&misfit))
    }

    fn misfit(&self, misfit: &Misfit) -> Refused {
        match misfit {
            Misfit::Missing(name) if self.protocol.is_form() && self.missing.ends_with("Error") => {
                let message = format!(
                    "1 validation error detected: Value null at '{name}' failed to satisfy \
                     constraint: Member must not be null"
                );
                Refused::new(self.missing, message)
            }
            Misfit::Missing(name) => {
                let message = format!("The request must contain the parameter {name}");
                Refused::new(self.missing, message)
            }
            Misfit::Unknown(name) => {
                Refused::new(self.unknown, format!("The parameter {name} is not recognized"))
            }
            Misfit::Invalid(message) => Refused::new(self.invalid, message.clone()),
        }
    }
}

fn head(response: &mut Response<Bytes>, status: u16, content: &'static str, request_id: &str) {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(HeaderName::from_static("x-amzn-requestid"), id);
    }
}
