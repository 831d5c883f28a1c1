//! Faults to inject, and how each protocol words an error.

use std::sync::{Arc, OnceLock};

use super::call::names;
use super::classify::{Operation, Protocol};

/// Something that goes wrong with a call.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which call.
    pub at: At,
    /// Does the call take effect?
    pub when: When,
    /// What the client sees.
    pub kind: Kind,
}

/// Which call a fault hits. Numbers begin at 1 and count from when the fault was armed.
/// Operations are given as `CreateVpc` or `ec2:CreateVpc`.
#[derive(Clone, Debug)]
pub enum At {
    /// The K-th call.
    Call(usize),
    /// The K-th write.
    Write(usize),
    /// The K-th call of an operation.
    Operation(String, usize),
    /// Every call of an operation.
    EachOf(String),
    /// Every K-th call.
    Every(usize),
}

/// Does the call that a fault hits take effect?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// No: the endpoint never sees it.
    Before,
    /// Yes, but the client does not get its answer.
    After,
}

/// What the client sees of a fault.
#[derive(Clone, Debug)]
pub enum Kind {
    /// An error answer in the call's protocol: status, code and message.
    Status(u16, String, String),
    /// The service's own "slow down" answer.
    Throttle,
    /// The service's own "internal failure" answer, a 500.
    Internal,
    /// The connection breaks without an answer.
    Reset,
    /// A process gets SIGKILL, then the connection breaks.
    Kill(Victim),
}

/// The process that [`Kind::Kill`] ends. A fault can be armed before the process exists, so that it
/// can hit the very first call; the fault waits until the victim is known.
#[derive(Clone, Debug, Default)]
pub struct Victim(Arc<OnceLock<u32>>);

impl Victim {
    /// A victim that is not known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says which process it is; the first word counts.
    pub fn is(&self, pid: u32) {
        let _ = self.0.set(pid);
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.0.get().copied()
    }
}

impl From<u32> for Victim {
    fn from(pid: u32) -> Self {
        let victim = Self::new();
        victim.is(pid);
        victim
    }
}

impl Kind {
    pub(super) fn label(&self, when: When) -> String {
        let name = match self {
            Self::Status(status, code, _) => format!("{status} {code}"),
            Self::Throttle => "throttle".to_owned(),
            Self::Internal => "internal".to_owned(),
            Self::Reset => "reset".to_owned(),
            Self::Kill(_) => "kill".to_owned(),
        };
        format!("{name} {when:?}").to_lowercase()
    }

    /// The answer in the words of the operation's protocol; none when there is no answer.
    pub(super) fn answer(&self, operation: &Operation) -> Option<Answer> {
        let (status, code, message) = match self {
            Self::Status(status, code, message) => (*status, code.as_str(), message.as_str()),
            Self::Throttle => {
                let (status, code) = match operation.protocol {
                    Protocol::Ec2 => (503, "RequestLimitExceeded"),
                    Protocol::Query | Protocol::Xml => (400, "Throttling"),
                    Protocol::Json => (400, "ThrottlingException"),
                };
                (status, code, "Rate exceeded")
            }
            Self::Internal => {
                let code = match operation.protocol {
                    Protocol::Ec2 | Protocol::Xml => "InternalError",
                    Protocol::Query => "InternalFailure",
                    Protocol::Json if operation.service == "ecs" => "ServerException",
                    Protocol::Json => "InternalServerError",
                };
                (500, code, "injected internal failure")
            }
            Self::Reset | Self::Kill(_) => return None,
        };
        Some(Answer::error(operation.protocol, status, code, message))
    }
}

/// An error answer.
pub(super) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    /// The value of `x-amzn-errortype`.
    pub error_type: Option<String>,
    pub body: String,
}

pub(super) const REQUEST_ID: &str = "00000000-0000-4000-8000-00000fa017ed";

impl Answer {
    fn error(protocol: Protocol, status: u16, code: &str, message: &str) -> Self {
        let error = format!("<Code>{}</Code><Message>{}</Message>", xml(code), xml(message));
        let (content_type, body) = match protocol {
            Protocol::Ec2 => (
                "text/xml",
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>{error}\
                     </Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
                ),
            ),
            Protocol::Query => {
                let side = if status < 500 { "Sender" } else { "Receiver" };
                let body = format!(
                    "<ErrorResponse><Error><Type>{side}</Type>{error}</Error>\
                     <RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
                );
                ("text/xml", body)
            }
            Protocol::Xml => (
                "application/xml",
                format!(
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{error}\
                     <RequestId>{REQUEST_ID}</RequestId></Error>"
                ),
            ),
            Protocol::Json => {
                let body = serde_json::json!({ "__type": code, "message": message });
                ("application/x-amz-json-1.1", body.to_string())
            }
        };
        let error_type = (protocol == Protocol::Json).then(|| code.to_owned());
        Self { status, content_type, error_type, body }
    }
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A fault with its count of calls so far.
pub(super) struct Armed {
    pub fault: Fault,
    seen: usize,
}

impl Armed {
    pub fn new(fault: Fault) -> Self {
        Self { fault, seen: 0 }
    }

    /// Counts a call. Is it the one?
    pub fn hits(&mut self, operation: &Operation) -> bool {
        let is = |wanted: &str| names(wanted, &operation.service, &operation.name);
        let counts = match &self.fault.at {
            At::Call(_) | At::Every(_) => true,
            At::Write(_) => operation.write,
            At::Operation(wanted, _) | At::EachOf(wanted) => is(wanted),
        };
        if !counts {
            return false;
        }
        self.seen += 1;
        match self.fault.at {
            At::Call(at) | At::Write(at) | At::Operation(_, at) => self.seen == at,
            At::EachOf(_) => true,
            At::Every(at) => self.seen.is_multiple_of(at),
        }
    }
}
