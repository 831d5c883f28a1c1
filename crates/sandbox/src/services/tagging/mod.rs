//! The Resource Groups Tagging API. It answers from an index that lags behind the services.

mod filter;
mod index;
mod resources;
#[cfg(test)]
mod tests;
mod write;

use serde::{Deserialize, Serialize};

pub use index::State;

use super::Service;
use crate::operations::operations;
use crate::protocol::{Dialect, Protocol};
use crate::refused::Refused;
use crate::world::{Site, Time, Wait};

/// How the router finds it.
pub const SERVICE: Service = Service {
    name: "tagging",
    dialect: DIALECT,
    operations: operations! {
        DescribeReportCreation => resources::report,
        GetComplianceSummary => resources::summary,
        GetResources => resources::get,
        GetTagKeys => resources::keys,
        GetTagValues => resources::values,
        TagResources => write::tag,
        UntagResources => write::untag,
    },
};

const DIALECT: Dialect = Dialect {
    protocol: Protocol::Json { target: "ResourceGroupsTaggingAPI_20170126" },
    missing: "InvalidParameterException",
    unknown: "InvalidParameterException",
    invalid: "InvalidParameterException",
};

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The index learns what the services have.
    Refresh,
    /// The index stops showing what has gone.
    Forget {
        /// The ARN of what has gone.
        arn: String,
        /// When the index learned of it.
        gone: Time,
    },
}

impl Event {
    /// Lets it happen.
    pub fn happen(self, site: &mut Site<'_>) {
        match self {
            Event::Refresh => index::refresh(site),
            Event::Forget { arn, gone } => index::forget(site, &arn, gone),
        }
    }
}

/// Takes note that something may have got, changed or lost its tags: the index learns of it later.
pub fn changed(site: &mut Site<'_>) {
    if index::expects_refresh(site) {
        site.later(Wait::TaggingIndex, Event::Refresh);
    }
}

fn invalid(message: impl Into<String>) -> Refused {
    Refused::new("InvalidParameterException", message)
}
