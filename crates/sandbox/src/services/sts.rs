//! Security Token Service: who is asking.

use serde::Deserialize;
use serde_json::json;

use super::Service;
use crate::operations::{Answer, operations};
use crate::protocol::{Dialect, Protocol};
use crate::world::{ACCOUNT, Site};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "sts",
    dialect: Dialect {
        protocol: Protocol::Query {
            version: "2011-06-15",
            namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        },
        missing: "ValidationError",
        unknown: "ValidationError",
        invalid: "ValidationError",
    },
    operations: operations! {
        GetCallerIdentity => caller_identity,
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn caller_identity(_: &mut Site<'_>, _: Nothing) -> Answer {
    Ok(json!({
        "UserId": "AIDASANDBOX000000EXMPL",
        "Account": ACCOUNT,
        "Arn": format!("arn:aws:iam::{ACCOUNT}:user/sandbox"),
    }))
}
